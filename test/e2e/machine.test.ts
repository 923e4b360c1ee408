import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { temporaryDirectory } from '../support/call.ts';
import { posix } from '../support/platform.ts';
import { bare, hydrogen, type Settings, stdioClient } from '../support/process.ts';
import { rawServer } from '../support/raw-server.ts';

/** Whether this system lets us mount file systems of our own, in a name space of our own. */
const mounts = spawnSync('unshare', ['-m', 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt']).status === 0;
const limits = posix('ulimit');

const toolCall = (id: string, args: Record<string, unknown>): string =>
  JSON.stringify({ jsonrpc: '2.0', id, method: 'tools/call', params: { name: id, arguments: args } });

let folder: string;
let dataDir: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hydrogen-test-'));
  dataDir = join(folder, 'data');
  const lines = Array.from({ length: 1_000 }, (_, i) => JSON.stringify({ _id: i, text: 'x'.repeat(60) }));
  await writeFile(join(folder, 'x.jsonl'), lines.join('\n'));
  const { code, err } = hydrogen(['import', 'x', join(folder, 'x.jsonl')], { dataDir });
  expect(code, err).toBe(0);
});
afterAll(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));

/** What a call is answered where a file system is mounted at a place for the server alone. */
async function answerWith(mount: string, place: string, settings: Settings, line: string): Promise<string> {
  const shell = `mount -t tmpfs ${mount} tmpfs ${place}`;
  const server = rawServer({ ...bare, ...settings }, { shell, mounts: true });
  return JSON.stringify(await server.answersTo([line], 1));
}

describe('an export', () => {
  test('whose name is as long as a name may be is written', async () => {
    const exportFolder = await temporaryDirectory();
    const { client } = await stdioClient({ ...bare, dataDir, exportFolder });
    const file = `${'a'.repeat(249)}.jsonl`;

    const answer = await client.callTool({ name: 'export', arguments: { collection: 'x', file } });

    expect(answer.isError).toBeFalsy();
    expect(await readdir(exportFolder)).toEqual([file]);
  });

  test.each(['a'.repeat(255), 'ä'.repeat(200)])(
    'whose name is longer is told so and what to do',
    async (file) => {
      const exportFolder = await temporaryDirectory();
      const { client } = await stdioClient({ ...bare, dataDir, exportFolder });

      const answer = await client.callTool({ name: 'export', arguments: { collection: 'x', file } });

      expect(JSON.stringify(answer.content)).toMatch(
        /name is too long.*255 bytes.*Give another name, or leave/,
      );
      expect(JSON.stringify(answer.content)).not.toContain(exportFolder);
      expect(await readdir(exportFolder)).toEqual([]);
    },
  );

  test('to a place on the command line that cannot be is told so without a stack', async () => {
    for (const [out, says] of [
      [join(folder, 'x.jsonl', 'y'), /part of its path is a file. Give another --out/],
      [join(folder, 'nothing', 'y'), /folder does not exist. Give another --out/],
      [folder, /it is a folder/],
      [join(folder, 'a'.repeat(256)), /name is too long/],
    ] as const) {
      const { code, err } = hydrogen(['export', 'x', '--out', out], { dataDir });
      expect(err).toMatch(says);
      expect(err).not.toMatch(/\bat .*\d+:\d+/);
      expect(code).toBe(2);
    }
  });

  test.skipIf(!mounts)('to a read-only or full file system is told so (needs mounts)', async () => {
    const place = await temporaryDirectory();
    const line = toolCall('export', { collection: 'x', file: 'a.jsonl' });
    const settings = { dataDir, exportFolder: place };

    expect(await answerWith('-o size=64k', place, settings, line)).toMatch(
      /the disk is full. Free some space, and try again/,
    );
    expect(await answerWith('-o ro', place, settings, line)).toMatch(
      /file system is read-only. Give another name, or leave/,
    );
  });
});

test.skipIf(!mounts)(
  'a first start on a read-only disk is told so and what to do (needs mounts)',
  async () => {
    const place = await temporaryDirectory();
    const line = toolCall('list_collections', {});
    expect(await answerWith('-o ro', place, { dataDir: join(place, 'new') }, line)).toMatch(
      /read-only. Check it, or set another/,
    );
  },
);

describe.skipIf(!limits)('with few files that may be open', () => {
  test.each([64, 30])(
    'at %i nothing is called a lack of memory, and every call is answered',
    async (most) => {
      const docs = join(await temporaryDirectory(), 'docs');
      await mkdir(docs);
      for (let n = 0; n < 5; n++) await writeFile(join(docs, `page-${n}.md`), `# Page ${n}\n\nText.\n`);
      const settings = { dataDir: await temporaryDirectory(), enableIngest: 'true', folders: docs };
      const server = rawServer(settings, { shell: `ulimit -n ${most}` });

      const calls: readonly (readonly [string, Record<string, unknown>])[] = [
        ['list_collections', {}],
        ['ingest', { paths: [docs] }],
        ['add_document', { name: 'a.md', text: 'hello' }],
        ['search', { query: 'hello' }],
        ['find', { collection: 'x' }],
        ['list_workflows', {}],
        ['run_workflow', { workflow: 'reading-list', input: { topic: 'hydrogen' } }],
        ['export', { collection: 'x' }],
        ['health', {}],
      ];
      const answers = await server.answersTo(
        calls.map(([name, args]) => toolCall(name, args)),
        calls.length,
      );

      const said = JSON.stringify(answers);
      expect(said).not.toMatch(/out of memory|too much memory/);
      expect(said).not.toMatch(/EMFILE|server failed on this call|could not be opened or stopped/);
      if (most < 64) expect(said).toMatch(/too many files open\. Raise the limit \(ulimit -n\)/);
    },
  );
});
