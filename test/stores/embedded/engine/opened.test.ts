import { spawnSync } from 'node:child_process';
import { existsSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { describe, expect, onTestFinished, test } from 'vitest';
import { openConnection } from '../../../../src/stores/embedded/engine/connection.ts';
import { openStore } from '../../../../src/stores/embedded/engine/opened.ts';
import type { Lane } from '../../../../src/stores/embedded/engine/operations.ts';
import { temporaryDirectory } from '../../../support/call.ts';
import { posix, windows } from '../../../support/platform.ts';

// What happens between the last look at the files and the end of a commit cannot be hit by a client at will.

const migrations = [(db: DatabaseSync) => db.exec('CREATE TABLE notes (id TEXT PRIMARY KEY) STRICT')];
const open = (file: string, lane: Lane, mayMake: boolean) =>
  openStore({ file, lane, migrations }, mayMake, () => {});

const opened = async () => {
  const file = join(await temporaryDirectory(), 'hydrogen.sqlite');
  return { file, store: open(file, 'write', true) };
};

/** Another process inserts a row and is killed. */
function insertElsewhere(file: string): void {
  const script = `const { DatabaseSync } = require('node:sqlite');
    new DatabaseSync(process.argv[1]).exec("INSERT INTO notes VALUES ('other')");
    process.kill(process.pid, 'SIGKILL');`;
  expect(spawnSync(process.execPath, ['-e', script, file]).signal).toBe('SIGKILL');
}

test.runIf(windows('open files that nobody can move'))(
  'a store file that is open can be neither moved nor removed, and what is written meanwhile is there',
  async () => {
    const { file, store } = await opened();
    expect(() => renameSync(file, `${file}.moved`)).toThrow();
    expect(() => rmSync(file)).toThrow();
    store.db.exec("INSERT INTO notes VALUES ('one')");
    store.committed();
    store.close();
    const after = open(file, 'read', false);
    expect(after.db.prepare('SELECT id FROM notes').all()).toEqual([{ id: 'one' }]);
    after.close();
  },
);

describe.runIf(posix('open files that can be moved'))('a store file that is open', () => {
  test('and moved in the moment of a commit: the write is not said to be done, nor to be undone', async () => {
    const { file, store } = await opened();
    store.assertInPlace();
    renameSync(file, `${file}.moved`);
    expect(() => store.committed()).toThrow(/it is not known/);
    store.close();
  });

  test('and moved is whole without its log once it is closed', async () => {
    const { file, store } = await opened();
    store.db.exec("INSERT INTO notes VALUES ('one')");
    store.committed();
    renameSync(file, `${file}.moved`);
    store.close();
    expect([existsSync(`${file}-wal`), existsSync(`${file}-shm`)]).toEqual([false, false]);
    const moved = open(`${file}.moved`, 'read', false);
    expect(moved.db.prepare('SELECT id FROM notes').all()).toEqual([{ id: 'one' }]);
    moved.close();
  });

  test('keeps the log that another process has begun since its own was deleted', async () => {
    const { file, store } = await opened();
    store.close();
    const before = open(file, 'write', false);
    for (const ending of ['-wal', '-shm']) rmSync(file + ending);
    insertElsewhere(file);
    before.close();
    const after = open(file, 'read', false);
    expect(after.db.prepare('SELECT id FROM notes').all()).toEqual([{ id: 'other' }]);
    after.close();
  });

  test('is not made where it is missing by a lane that only reads', async () => {
    const file = join(await temporaryDirectory(), 'hydrogen.sqlite');
    expect(() => open(file, 'read', false)).toThrow(/being replaced/);
    expect(existsSync(file)).toBe(false);
  });
});

test('what is written is written to the disk itself, also where a system keeps it in the cache of the disk', async () => {
  const db = openConnection(join(await temporaryDirectory(), 'store.sqlite'), 'write', () => {});
  onTestFinished(() => db.close());
  const value = (name: string) => Object.values(db.prepare(`PRAGMA ${name}`).get() ?? {})[0];
  expect(['synchronous', 'fullfsync', 'checkpoint_fullfsync'].map(value)).toEqual([2, 1, 1]);
});
