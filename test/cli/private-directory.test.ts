import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { call, failure, summaryOf } from '../support/answers.ts';
import { temporaryDirectory } from '../support/call.ts';
import { posix } from '../support/platform.ts';
import { bare, cli, environmentOf, hydrogen, stdioClient } from '../support/process.ts';

// What is in the data directory is its owner's alone. Windows has no modes: there the rights of the folder above hold.

const mode = (path: string): number => statSync(path).mode & 0o7777;
const writing = { enableWrites: 'true', confirmWrites: 'never', ...bare };

/** A server that was started where new files are for all. */
async function server(dataDir: string) {
  const before = process.umask(0);
  try {
    return (await stdioClient({ dataDir, ...writing })).client;
  } finally {
    process.umask(before);
  }
}

const thing = { collection: 'things', documents: [{ a: 1 }] };

describe.runIf(posix('modes and the umask'))('the data directory', { timeout: 120_000 }, () => {
  test('is for its owner alone with all that is in it, whatever the umask', async () => {
    const dataDir = join(await temporaryDirectory(), 'data');
    const client = await server(dataDir);
    await call(client, 'insert', thing);
    await call(client, 'export', { collection: 'things' });
    const files = ['keys.json', 'hydrogen.sqlite', 'hydrogen.sqlite-wal', 'hydrogen.sqlite-shm'];
    expect(Object.fromEntries(files.map((file) => [file, mode(join(dataDir, file))]))).toEqual(
      Object.fromEntries(files.map((file) => [file, 0o600])),
    );
    expect([mode(dataDir), mode(join(dataDir, 'exports'))]).toEqual([0o700, 0o700]);
  });

  test('of an earlier version is taken back from other users, and the log says so', async () => {
    const dataDir = join(await temporaryDirectory(), 'data');
    const documents = join(dataDir, '..', 'documents.jsonl');
    writeFileSync(documents, '{"a":1}');
    expect(hydrogen(['import', 'things', documents], { dataDir }).code).toBe(0);
    const paths = [dataDir, join(dataDir, 'hydrogen.sqlite'), join(dataDir, 'keys.json')];
    chmodSync(dataDir, 0o755);
    for (const file of paths.slice(1)) chmodSync(file, 0o644);
    const { code, err } = hydrogen(['find', 'things'], { dataDir });
    expect([code, err]).toEqual([0, expect.stringContaining('could be read by other users; now it cannot')]);
    expect(paths.map(mode)).toEqual([0o700, 0o600, 0o600]);
  });

  test('that is empty is taken for the program', async () => {
    const dataDir = await temporaryDirectory();
    chmodSync(dataDir, 0o755);
    await call(await server(dataDir), 'insert', thing);
    expect(mode(dataDir)).toBe(0o700);
  });

  test('that is the folder of temporary files is not touched, though it is empty', async () => {
    const directory = await temporaryDirectory();
    chmodSync(directory, 0o1777);
    const said = spawnSync(process.execPath, [cli, 'doctor'], {
      env: { ...environmentOf({ ...bare, dataDir: directory }), TMPDIR: directory },
      encoding: 'utf8',
    });
    expect([said.status, said.stdout]).toEqual([4, expect.stringMatching(/other users/)]);
    expect(mode(directory)).toBe(0o1777);
  });

  test('that holds other things is not touched: it is refused with what to do', async () => {
    const dataDir = await temporaryDirectory();
    writeFileSync(join(dataDir, 'notes.txt'), '');
    chmodSync(dataDir, 0o755);
    const client = await server(dataDir);
    expect(await failure(client, 'insert', thing)).toMatch(
      /other users .* HYDROGEN_DATA_DIR: a folder that does not exist/,
    );
    expect(summaryOf(await call(client, 'health'))).toMatch(/other users/);
    expect(mode(dataDir)).toBe(0o755);
    expect(existsSync(join(dataDir, 'keys.json'))).toBe(false);
    // The folder it is told to choose works.
    await call(await server(join(dataDir, 'hydrogen')), 'insert', thing);
  });
});
