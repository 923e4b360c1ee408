import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { describe, expect, onTestFinished, test } from 'vitest';
import { call, failure, rowsOf, summaryOf } from '../support/answers.ts';
import { newClient } from '../support/connected.ts';
import { linux } from '../support/platform.ts';
import { bare, cli, environmentOf, root } from '../support/process.ts';

// A disk of some kilobytes, in a namespace of its own, where Linux lets this user have one. The superuser of a
// container may have no namespace of users.
const namespace = ['-rm', '-m'].find(
  (flags) =>
    linux('mount namespaces') &&
    spawnSync('unshare', [flags, 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt'], { stdio: 'ignore' }).status === 0,
);

const inside = '/mnt/disk';
const message = /disk (of the data directory )?is full.*free some space/is;

/** `$1`: kilobytes of the disk; `$2`: that are taken; then a command. The disk is at /mnt. */
const script = `mount -t tmpfs -o mode=700,size="$1"k tmpfs /mnt
  [ "$2" = 0 ] || head -c "$2"k /dev/zero > /mnt/ballast
  shift 2
  exec "$@"`;

function onDisk(kilobytes: number, taken: number, args: readonly string[]): string[] {
  const disk = [script, 'sh', String(kilobytes), String(taken)];
  return [namespace ?? '', 'sh', '-ec', ...disk, process.execPath, cli, ...args];
}

async function server(kilobytes: number, taken: number) {
  const transport = new StdioClientTransport({
    command: 'unshare',
    args: onDisk(kilobytes, taken, []),
    cwd: root,
    env: environmentOf({
      dataDir: inside,
      logLevel: 'silent',
      enableWrites: 'true',
      confirmWrites: 'never',
      ...bare,
    }),
  });
  const client = newClient('2025-11-25');
  await client.connect(transport);
  onTestFinished(() => client.close());
  return { client, free: () => rmSync(`/proc/${transport.pid}/root/mnt/ballast`) };
}

const thing = { collection: 'things', documents: [{ a: 1 }] };

describe.skipIf(!namespace)('on a full disk (needs mounts)', { timeout: 120_000 }, () => {
  // Where it ends differs: at the keys, the file, its log, the index of that, or in the tables.
  test.each([0, 8, 16, 100])(
    'the first start with %i kB says so, and works once there is space, without a restart',
    async (kilobytes) => {
      const { client, free } = await server(2_000, 2_000 - kilobytes);
      expect(await failure(client, 'insert', thing)).toMatch(message);
      expect(summaryOf(await call(client, 'health'))).toMatch(message);
      free();
      await call(client, 'insert', thing);
      expect(rowsOf(await call(client, 'find', { collection: 'things' }))).toHaveLength(1);
    },
  );

  test('a write that finds no room changes nothing and says so; the next one has room again', async () => {
    const { client, free } = await server(3_000, 2_000);
    await call(client, 'insert', { collection: 'things', documents: [{ _id: 1 }] });
    const large = Array.from({ length: 20 }, (_, i) => ({ _id: `large ${i}`, text: 'x'.repeat(50_000) }));
    expect(await failure(client, 'insert', { collection: 'things', documents: large })).toMatch(message);
    expect(rowsOf(await call(client, 'find', { collection: 'things' }))).toEqual([{ _id: 1 }]);
    free();
    await call(client, 'insert', { collection: 'things', documents: large });
    expect(summaryOf(await call(client, 'count', { collection: 'things' }))).toContain('21');
  });

  test('doctor and the command line say so too', () => {
    const [doctor, started] = [['doctor'], ['find', 'things']].map((args) => {
      const { status, stdout, stderr } = spawnSync('unshare', onDisk(2_000, 1_960, args), {
        cwd: root,
        env: environmentOf({ ...bare, dataDir: inside }),
        encoding: 'utf8',
      });
      return [status, stdout + stderr];
    });
    expect(doctor).toEqual([4, expect.stringMatching(message)]);
    expect(started).toEqual([4, expect.stringMatching(message)]);
  });
});
