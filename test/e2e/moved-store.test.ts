import { execFileSync } from 'node:child_process';
import {
  copyFileSync,
  linkSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Client } from '@modelcontextprotocol/client';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { decode } from '../../src/mql/index.ts';
import { call, failure, rowsOf, summaryOf } from '../support/answers.ts';
import { temporaryDirectory } from '../support/call.ts';
import { connected } from '../support/connected.ts';
import { posix } from '../support/platform.ts';
import { bare, hydrogen, stdioClient } from '../support/process.ts';

// What is acknowledged is in the store file that lies at its path: files are deleted, moved and replaced below a
// running server, which is then killed. Windows lets nobody do that to an open file.

const settings = {
  enableWrites: 'true',
  confirmWrites: 'never',
  enableIngest: 'true',
  ...bare,
};
const files = ['hydrogen.sqlite', 'hydrogen.sqlite-wal', 'hydrogen.sqlite-shm'];

interface Setting {
  /** Path by which the server knows the data directory. */
  readonly dataDir: string;
  /** A folder beside it. */
  readonly beside: string;
}

let made = '';

beforeAll(async () => {
  made = await mkdtemp(join(tmpdir(), 'hydrogen-test-'));
  const source = join(made, 'documents.jsonl');
  writeFileSync(source, '{"_id":"backed up"}\n');
  expect(hydrogen(['import', 'things', source], { dataDir: join(made, 'data') }).code).toBe(0);
});
afterAll(() => rm(made, { recursive: true, force: true }));

/** A data directory whose store file holds the document `backed up`, and a copy of that file in `backup/`. */
async function withBackup(): Promise<Setting> {
  const beside = await temporaryDirectory();
  for (const folder of ['data', 'backup']) {
    mkdirSync(join(beside, folder), { mode: 0o700 });
    copyFileSync(join(made, 'data/hydrogen.sqlite'), join(beside, folder, 'hydrogen.sqlite'));
  }
  return { dataDir: join(beside, 'data'), beside };
}

const insert = (client: Client, id: string) =>
  client.callTool({ name: 'insert', arguments: { collection: 'things', documents: [{ _id: id }] } });

const ids = async (client: Client): Promise<unknown[]> =>
  rowsOf(await call(client, 'find', { collection: 'things', sort: { _id: 1 } })).map(({ _id }) => _id);

/** What the next process finds. */
function idsIn(dataDir: string): unknown[] {
  const db = new DatabaseSync(join(dataDir, 'hydrogen.sqlite'));
  try {
    expect(db.prepare('PRAGMA integrity_check').get()).toEqual({ integrity_check: 'ok' });
    const rows = db.prepare('SELECT bson FROM documents ORDER BY key').all();
    return rows.map(({ bson }) => decode(bson as Uint8Array)['_id']);
  } finally {
    db.close();
  }
}

/** Deletes the store file and what belongs to it. */
function remove({ dataDir }: Setting): void {
  for (const file of files) rmSync(join(dataDir, file), { force: true });
}

const restored: Readonly<Record<string, (setting: Setting) => void>> = {
  'a backup is moved over it': ({ dataDir, beside }) =>
    renameSync(join(beside, 'backup/hydrogen.sqlite'), join(dataDir, 'hydrogen.sqlite')),
  'it is deleted and a backup copied to its place': ({ dataDir, beside }) => {
    rmSync(join(dataDir, 'hydrogen.sqlite'));
    copyFileSync(join(beside, 'backup/hydrogen.sqlite'), join(dataDir, 'hydrogen.sqlite'));
  },
  'all its files are deleted and a backup is moved there': (setting) => {
    remove(setting);
    renameSync(join(setting.beside, 'backup/hydrogen.sqlite'), join(setting.dataDir, 'hydrogen.sqlite'));
  },
  'its directory is moved away and the backup put there': ({ dataDir, beside }) => {
    renameSync(dataDir, join(beside, 'away'));
    renameSync(join(beside, 'backup'), dataDir);
  },
  'its directory becomes a link to the backup': ({ dataDir, beside }) => {
    renameSync(dataDir, join(beside, 'away'));
    symlinkSync(join(beside, 'backup'), dataDir);
  },
};

const gone: Readonly<Record<string, (setting: Setting) => void>> = {
  'it is deleted': ({ dataDir }) => rmSync(join(dataDir, 'hydrogen.sqlite')),
  'all its files are deleted': remove,
  'it is moved away': ({ dataDir, beside }) =>
    renameSync(join(dataDir, 'hydrogen.sqlite'), join(beside, 'moved.sqlite')),
  'its directory is deleted': ({ dataDir }) => rmSync(dataDir, { recursive: true }),
  'its directory is moved away': ({ dataDir, beside }) => renameSync(dataDir, join(beside, 'away')),
};

const unfit: Readonly<Record<string, (file: string, moved: string) => void>> = {
  'a pipe takes its place': (file) => void execFileSync('mkfifo', [file]),
  'it is linked from elsewhere': (file, moved) => symlinkSync(moved, file),
};

async function kill9(pid: number): Promise<void> {
  process.kill(pid, 'SIGKILL');
  await vi.waitFor(() => expect(() => process.kill(pid, 0)).toThrow(), { timeout: 60_000 });
}

const before = (client: Client) =>
  call(client, 'insert', { collection: 'things', documents: [{ _id: 'before' }] });

/** A server that can be killed. */
const server = async (dataDir: string) => {
  const opened = await stdioClient({ dataDir, ...settings });
  await before(opened.client);
  return opened;
};

/** A server in this process, where nothing is killed. */
const serverHere = async (dataDir: string) => {
  const { client } = await connected({
    settings: { dataDir, enableWrites: true, confirmWrites: 'never', enableIngest: true },
  });
  await before(client);
  return { client };
};

describe.runIf(posix('open files that can be moved and replaced'))(
  'the store file of a running server',
  { timeout: 120_000 },
  () => {
    test.each(Object.entries(restored))('%s: it is read and written from then on', async (_, happen) => {
      const setting = await withBackup();
      const { client, pid } = await server(setting.dataDir);
      expect(await ids(client)).toEqual(['backed up', 'before']);
      happen(setting);
      expect(await ids(client)).toEqual(['backed up']);
      expect(summaryOf(await insert(client, 'after'))).toContain('1');
      expect(await ids(client)).toEqual(['after', 'backed up']);
      expect(summaryOf(await call(client, 'health'))).toContain('replaced by another');
      await kill9(pid);
      expect(idsIn(setting.dataDir)).toEqual(['after', 'backed up']);
    });

    test.each(Object.entries(gone))(
      '%s: nothing is acknowledged or read, and health says so',
      async (_, happen) => {
        const setting = await withBackup();
        const { client } = await serverHere(setting.dataDir);
        happen(setting);
        const message = /was (deleted or moved|taken) away while this server ran.*restart the server/;
        expect(
          await failure(client, 'insert', { collection: 'things', documents: [{ _id: 'after' }] }),
        ).toMatch(message);
        expect(await failure(client, 'find', { collection: 'things' })).toMatch(message);
        expect(await failure(client, 'search', { query: 'anything' })).toMatch(message);
        expect(summaryOf(await call(client, 'health'))).toMatch(message);
      },
    );

    test.each(Object.entries(unfit))(
      '%s: nothing waits for it, nothing is acknowledged, and the file can be put back',
      async (_, happen) => {
        const { dataDir, beside } = await withBackup();
        const { client } = await serverHere(dataDir);
        const [file, moved] = [join(dataDir, 'hydrogen.sqlite'), join(beside, 'moved.sqlite')];
        renameSync(file, moved);
        happen(file, moved);
        const message = /hydrogen\.sqlite is a (named pipe|link), not a file/;
        const documents = [{ _id: 'after' }];
        expect(await failure(client, 'insert', { collection: 'things', documents })).toMatch(message);
        expect(await failure(client, 'find', { collection: 'things' })).toMatch(message);
        expect(summaryOf(await call(client, 'health'))).toMatch(message);
        rmSync(file);
        renameSync(moved, file);
        expect(await ids(client)).toEqual(['backed up', 'before']);
      },
    );

    test('a pipe in the place of its keys: calls are answered', async () => {
      const { dataDir } = await withBackup();
      const { client } = await serverHere(dataDir);
      rmSync(join(dataDir, 'keys.json'));
      execFileSync('mkfifo', [join(dataDir, 'keys.json')]);
      expect(await failure(client, 'find', { collection: 'things', limit: 1 })).toMatch(
        /keys\.json is damaged/,
      );
    });

    test('it is moved away and back: nothing that was acknowledged is missing', async () => {
      const { dataDir, beside } = await withBackup();
      const { client } = await serverHere(dataDir);
      renameSync(join(dataDir, 'hydrogen.sqlite'), join(beside, 'moved.sqlite'));
      await failure(client, 'find', { collection: 'things' });
      renameSync(join(beside, 'moved.sqlite'), join(dataDir, 'hydrogen.sqlite'));
      await insert(client, 'after');
      expect(await ids(client)).toEqual(['after', 'backed up', 'before']);
    });

    test('its directory is replaced by an empty one: a new store is begun, and health says so', async () => {
      const { dataDir, beside } = await withBackup();
      const { client, pid } = await server(dataDir);
      renameSync(dataDir, join(beside, 'away'));
      mkdirSync(dataDir);
      await call(client, 'insert', { collection: 'things', documents: [{ _id: 'after' }] });
      expect(await ids(client)).toEqual(['after']);
      expect(summaryOf(await call(client, 'health'))).toContain('a new, empty store was created');
      await kill9(pid);
      expect(idsIn(dataDir)).toEqual(['after']);
      expect(idsIn(join(beside, 'away'))).toEqual(['backed up', 'before']);
    });

    test.each([
      ['its log', ['-wal']],
      ['the index of its log', ['-shm']],
      ['both', ['-wal', '-shm']],
    ] as const)(
      '%s is deleted: nothing that was acknowledged before or after is lost',
      async (_, endings) => {
        const { dataDir } = await withBackup();
        const { client, pid } = await server(dataDir);
        for (const ending of endings) rmSync(join(dataDir, `hydrogen.sqlite${ending}`));
        await call(client, 'insert', { collection: 'things', documents: [{ _id: 'after' }] });
        expect(await ids(client)).toEqual(['after', 'backed up', 'before']);
        await kill9(pid);
        expect(idsIn(dataDir)).toEqual(['after', 'backed up', 'before']);
      },
    );

    test('what is searched comes from the file that lies there', async () => {
      const { dataDir, beside } = await withBackup();
      const { client } = await serverHere(dataDir);
      await call(client, 'add_document', { name: 'old', text: 'A page about turbines.' });
      await call(client, 'search', { query: 'turbines', mode: 'keyword' });
      renameSync(join(beside, 'backup/hydrogen.sqlite'), join(dataDir, 'hydrogen.sqlite'));
      await call(client, 'add_document', { name: 'new', text: 'A page about valves.' });
      const found = async (query: string) =>
        rowsOf(await call(client, 'search', { query, mode: 'keyword' })).map((row) => row['document']);
      expect(await found('turbines')).toEqual([]);
      expect(await found('valves')).toEqual(['inline/new']);
      expect(readdirSync(dataDir).filter((name) => name.includes('old') || name.includes('tmp'))).toEqual([]);
    });

    test('a backup is moved over it again and again under load: every acknowledged document is in one of the files', async () => {
      const { dataDir, beside } = await withBackup();
      const { client, pid } = await server(dataDir);
      const acknowledged: string[] = [];
      let over = false;
      const load = [0, 1].map(async (one) => {
        for (let i = 0; !over; i++) {
          const { isError } = await insert(client, `${one} ${i}`);
          if (!isError) acknowledged.push(`${one} ${i}`);
        }
      });
      for (const round of [0, 1]) {
        const before = acknowledged.length;
        await vi.waitFor(() => expect(acknowledged.length).toBeGreaterThan(before), { timeout: 60_000 });
        mkdirSync(join(beside, `old ${round}`));
        linkSync(join(dataDir, 'hydrogen.sqlite'), join(beside, `old ${round}`, 'hydrogen.sqlite'));
        copyFileSync(join(made, 'data/hydrogen.sqlite'), join(beside, 'next'));
        renameSync(join(beside, 'next'), join(dataDir, 'hydrogen.sqlite'));
      }
      const last = acknowledged.length;
      await vi.waitFor(() => expect(acknowledged.length).toBeGreaterThan(last), { timeout: 60_000 });
      over = true;
      await Promise.all(load);
      await kill9(pid);
      const found = new Set([
        ...[0, 1].flatMap((round) => idsIn(join(beside, `old ${round}`))),
        ...idsIn(dataDir),
      ]);
      expect(acknowledged.filter((id) => !found.has(id))).toEqual([]);
      // What was acknowledged last is in the file that lies there.
      expect(idsIn(dataDir)).toContain(acknowledged.at(-1));
    });
  },
);
