import { randomUUID } from 'node:crypto';
import { copyFile, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { formatVersion } from '../../../src/stores/embedded/format.ts';
import { call, rowsOf } from '../../support/answers.ts';
import { temporaryDirectory } from '../../support/call.ts';
import { clientOf, connected, sharedApp } from '../../support/connected.ts';
import { createFormat, schemaOf } from './formats.ts';

// Data directories that the programs of their time made (scripts/keep-data-directory.ts): three files, a text, three
// plants with an index, of which one was inserted and one deleted later, and two runs.

const folder = fileURLToPath(new URL('./data-directories/', import.meta.url));
const kept = await readdir(folder);

/** Makes a copy. */
async function unpack(name: string, directory: string): Promise<void> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const packed = await readFile(join(folder, name, 'hydrogen.sqlite.gz'));
  await writeFile(join(directory, 'hydrogen.sqlite'), gunzipSync(packed));
  await copyFile(join(folder, name, 'keys.json'), join(directory, 'keys.json'));
}

async function opened(name: string, change: (db: DatabaseSync) => void = () => {}) {
  const dataDir = await temporaryDirectory();
  await unpack(name, dataDir);
  const db = new DatabaseSync(join(dataDir, 'hydrogen.sqlite'));
  change(db);
  db.close();
  const settings = {
    dataDir,
    embeddingModel: 'none',
    enableIngest: true,
    enableWrites: true,
    confirmWrites: 'never',
  } as const;
  return { dataDir, ...(await connected({ settings })) };
}

/** The ids of runs, which are random, by their states. */
function runsIn(dataDir: string): Record<string, string> {
  const db = new DatabaseSync(join(dataDir, 'hydrogen.sqlite'));
  const rows = db.prepare('SELECT state, id FROM runs').all();
  db.close();
  return Object.fromEntries(rows.map(({ state, id }) => [String(state), String(id)]));
}

test('there is a data directory of the format that this program writes', () => {
  expect(kept).toContain(`format-${formatVersion}`);
});

describe.each(kept)('a data directory of %s', (name) => {
  describe('where nothing is changed', () => {
    const dataDir = join(tmpdir(), `hydrogen-test-${name}-${randomUUID()}`);
    beforeAll(() => unpack(name, dataDir));
    afterAll(() => rm(dataDir, { recursive: true, force: true, maxRetries: 5 }));
    const app = sharedApp({ settings: { dataDir, embeddingModel: 'none' } });

    test('finds its documents, with their types, by its index', async () => {
      const client = await clientOf(app());
      const query = { collection: 'plants', filter: { status: 'running' }, sort: { name: -1 } };
      expect(rowsOf(await call(client, 'find', query))).toMatchObject([
        { _id: { $oid: '65a000000000000000000002' }, name: 'South', tags: ['coast', 'wind'] },
        { power: { $numberDecimal: '10.50' }, since: { $date: '2021-03-01T00:00:00Z' } },
        { _id: 'east', name: 'East' },
      ]);
      const plan = await call(client, 'explain', query);
      expect(plan.structuredContent).toMatchObject({ plan: 'index' });
    });

    test('is searched by words, and by the vectors that were made then', async () => {
      const client = await clientOf(app());
      const found = await call(client, 'search', { query: 'alarm when gas escapes', mode: 'keyword' });
      expect(rowsOf(found)[0]).toMatchObject({ document: 'notes/alarms.md', lines: '6' });
      const [price] = rowsOf(await call(client, 'search', { query: '2025', mode: 'keyword' }));
      expect(price).toMatchObject({ document: 'notes/prices.csv' });
      const similar = await call(client, 'similar_documents', { id: 'notes/alarms.md' });
      expect(rowsOf(similar).length).toBeGreaterThan(3);
      expect(rowsOf(await call(client, 'list_sources'))).toMatchObject([
        { name: 'inline', kind: 'inline', documents: 1 },
        { name: 'notes', kind: 'files', documents: 3 },
        { name: 'plants', kind: 'collection', documents: 3 },
      ]);
    });

    test('shows its runs', async () => {
      const client = await clientOf(app());
      const { completed, faulted } = runsIn(dataDir);
      const done = await call(client, 'get_run', { run_id: completed });
      expect(done.structuredContent).toMatchObject({
        state: 'completed',
        output: { names: ['North', 'South'] },
      });
      const failed = await call(client, 'get_run', { run_id: faulted });
      expect(failed.structuredContent).toMatchObject({
        state: 'faulted',
        error: expect.stringContaining('nowhere'),
      });
    });
  });

  test('opens, and is then as a new one of this program', async () => {
    const { client, dataDir } = await opened(name);
    expect(rowsOf(await call(client, 'list_databases'))).toMatchObject([{ collections: 1 }]);

    const db = new DatabaseSync(join(dataDir, 'hydrogen.sqlite'));
    const fresh = new DatabaseSync(':memory:');
    createFormat(fresh, formatVersion);
    expect(db.prepare('PRAGMA user_version').get()).toEqual({ user_version: formatVersion });
    expect(schemaOf(db)).toBe(schemaOf(fresh));
    db.close();
  });

  test('has the runs go on that were left pending', async () => {
    const { app, client, dataDir } = await opened(name, (db) =>
      db.exec(
        "UPDATE runs SET state = 'pending', output = NULL, finished_at = NULL WHERE state = 'completed'",
      ),
    );
    const { pending } = runsIn(dataDir);
    app.start();
    const left = await call(client, 'get_run', { run_id: pending, wait_seconds: 20 });
    expect(left.structuredContent).toMatchObject({
      state: 'completed',
      output: { names: ['North', 'South'] },
    });
  });

  test('goes on to be written', async () => {
    const { client } = await opened(name);
    await call(client, 'insert', { collection: 'plants', documents: [{ name: 'New', status: 'running' }] });
    const [{ count }] = rowsOf(
      await call(client, 'aggregate', {
        collection: 'plants',
        pipeline: [{ $match: { status: 'running' } }, { $count: 'count' }],
      }),
    ) as [{ count: number }];
    expect(count).toBe(4);
    await call(client, 'add_document', { name: 'later', text: 'A page about turbines.' });
    const found = await call(client, 'search', { query: 'turbines', mode: 'keyword' });
    expect(rowsOf(found)[0]).toMatchObject({ document: 'inline/later' });
  });
});
