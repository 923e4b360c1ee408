import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryDirectory } from '../support/call.ts';
import { command } from '../support/command.ts';
import { modesHold, posix } from '../support/platform.ts';
import { cli, environmentOf, hydrogen, root } from '../support/process.ts';

const onlyPosix = test.runIf(posix('named pipes and device files'));
/** The superuser may read everything. */
const withRights = test.runIf(modesHold());

async function folder(): Promise<{ at: (name: string) => string; settings: { dataDir: string } }> {
  const directory = await temporaryDirectory();
  return { at: (name) => join(directory, name), settings: { dataDir: join(directory, 'data') } };
}

function pipe(path: string): string {
  execFileSync('mkfifo', [path]);
  return path;
}

/** What a command says of a file that cannot be, in one line, without a stack. */
async function refusal(
  args: readonly string[],
  settings: { dataDir: string },
): Promise<{ err: string; code: number | null }> {
  const { err, code, out } = await command(args, settings);
  expect(out).toBe('');
  expect(err.trim().split('\n')).toHaveLength(1);
  return { err, code };
}

test('import tells a file that is not there', async () => {
  const { at, settings } = await folder();
  writeFileSync(at('a.jsonl'), '');
  for (const path of [at('nothing.jsonl'), at('no/folder'), at('a.jsonl/inside.jsonl')]) {
    expect(await refusal(['import', 'x', path], settings)).toEqual({
      err: `hydrogen: There is no file or folder "${path}". Check the path: a relative one begins in the command's folder.\n`,
      code: 3,
    });
  }
});

onlyPosix('import tells links that lead nowhere or in a circle', async () => {
  const { at, settings } = await folder();
  symlinkSync(at('nothing'), at('broken.jsonl'));
  symlinkSync(at('circle.jsonl'), at('circle.jsonl'));
  expect((await refusal(['import', 'x', at('broken.jsonl')], settings)).err).toMatch(
    /There is no file or folder/,
  );
  expect((await refusal(['import', 'x', at('circle.jsonl')], settings)).err).toMatch(
    /symbolic links form a loop/,
  );
});

onlyPosix('import waits for no pipe and reads no device, and says what to do', async () => {
  const { at, settings } = await folder();
  const advice = 'Write its output to a file, and import that.';
  for (const [path, kind] of [
    [pipe(at('pipe.jsonl')), 'a pipe'],
    ['/dev/zero', 'a device'],
  ] as const) {
    expect(await refusal(['import', 'x', path], settings)).toEqual({
      err: `hydrogen: "${path}" cannot be imported: it is ${kind}, not a file. ${advice}\n`,
      code: 2,
    });
  }
});

onlyPosix('of a folder with a pipe in it, the files are imported', async () => {
  const { at, settings } = await folder();
  mkdirSync(at('data-files'));
  pipe(at('data-files/pipe.jsonl'));
  writeFileSync(at('data-files/plants.jsonl'), '{"_id": 1}\n');
  const { out, err } = hydrogen(['import', at('data-files')], settings);
  expect(out).toMatch(/plants: 1 document inserted/);
  expect(err).toMatch(/failed .*pipe\.jsonl: .*it is a pipe, not a file/);
});

withRights('import tells that the rights to read are missing', async () => {
  const { at, settings } = await folder();
  writeFileSync(at('plants.jsonl'), '{"_id": 1}\n');
  mkdirSync(at('closed'));
  for (const name of ['plants.jsonl', 'closed']) {
    chmodSync(at(name), 0);
    const { err, code } = await refusal(['import', at(name)], settings);
    expect(err).toContain('cannot be read: this user lacks permission for that. Let this user read it');
    expect(code).toBe(2);
    chmodSync(at(name), 0o700);
  }
});

onlyPosix('eval waits for no pipe that nobody writes to, and reads no device', async () => {
  const { at, settings } = await folder();
  expect(await refusal(['eval', pipe(at('pipe'))], settings)).toEqual({
    err: `hydrogen: "${at('pipe')}" holds no questions.\n`,
    code: 2,
  });
  expect((await refusal(['eval', '/dev/zero'], settings)).err).toMatch(
    /it is neither a file nor a pipe\. Give a file/,
  );
});

onlyPosix('eval reads the pipe that a shell makes', async () => {
  const { settings } = await folder();
  const question = '{"query": "pumps", "expect": ["a.md"]}';
  const child = spawn(
    'bash',
    ['-c', `"$0" "$1" eval <(sleep 1; echo '${question}')`, process.execPath, cli],
    {
      cwd: root,
      env: environmentOf({ ...settings, embeddingModel: 'none' }),
      stdio: ['ignore', 'pipe', 'ignore'],
    },
  );
  let out = '';
  child.stdout.on('data', (text) => {
    out += text;
  });
  const [code] = await once(child, 'close');
  expect({ out, code }).toEqual({ out: expect.stringMatching(/^1 question .*\nkeyword /), code: 0 });
});

test('eval tells why a file of questions cannot be read', async () => {
  const { at, settings } = await folder();
  mkdirSync(at('docs'));
  expect((await refusal(['eval', at('nothing')], settings)).err).toMatch(
    /cannot be read: it or its folder does not exist/,
  );
  expect((await refusal(['eval', at('docs')], settings)).err).toMatch(
    /cannot be read: it is (a folder|neither a file)/,
  );
});
