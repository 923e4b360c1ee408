import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { encode, keyString } from '../../../src/mql/index.ts';
import { documentHandlers as handlers } from '../../../src/stores/embedded/documents/handlers.ts';
import { migrate } from '../../../src/stores/embedded/engine/migrate.ts';
import { formatVersion } from '../../../src/stores/embedded/format.ts';
import { trackedPathHandlers } from '../../../src/stores/embedded/index/tracked-paths.ts';
import { migrations } from '../../../src/stores/embedded/migrations.ts';
import { createFormat, schemaOf } from './formats.ts';

const folder = fileURLToPath(new URL('../../../src/stores/embedded/migrations/', import.meta.url));

/** SHA-256 of each file, whose line ends may be those of Windows. A line is added with a format, and none is ever changed. */
const released: Readonly<Record<string, string>> = {
  '001-tables.ts': 'b3ad1c5ce8c303650edf0881881739e84057643e09f0558203906438724858fd',
  '002-document-indexes.ts': '6f5f8f83d90cc6ce307bfbb7de9843127661cacf64f5f8256ffeefed57252731',
  '003-used-confirmations.ts': '7bcd9b51d7f42661e823249f5763b8e90414b8d61efd59ecafc31b496dd1cb6a',
  '004-vector-spaces.ts': '656e57aed0ead19728835f84cf615aa783761d2488e6a53d28abb7596294a924',
  '005-positions.ts': '37a4920b3a8d3feed31cc7c687f498d092810f14b7cf789db4974f398ca4cec8',
  '006-kept-places.ts': '2589b36d364acc0ee8880e924c5bbbb917ef52f0ed96c82fdcc18ec10d5ac068',
  '007-step-notes.ts': '6d753d3c12cc9ab8f54069e42fc656b40b515df6bcb54230df1bfd6061f2c1e6',
  '008-access.ts': '12bfbeed7b2745be2e65716aecf3732bbc2186d0aacad3da516bf8d6c45f9dd0',
  '009-audit-texts.ts': 'b168cd10d62b7dbb90b7567bca36e5c64d3fbf764f33fa2305755d4724d09456',
  '010-step-errors.ts': '748c944752661daee1e5470df9675a0cb1de96bbc32ac211ada6152daf20909f',
};

async function sourceOf(name: string): Promise<string> {
  return (await readFile(join(folder, name), 'utf8')).replaceAll('\r\n', '\n');
}

function stored(version: number): DatabaseSync {
  const db = new DatabaseSync(':memory:');
  onTestFinished(() => db.close());
  createFormat(db, version);
  return db;
}

/** Something in every table that the first format has. */
function fill(db: DatabaseSync): void {
  db.exec("INSERT INTO collections (database, name, documents) VALUES ('main', 'old', 2)");
  const insert = db.prepare('INSERT INTO documents (collection, key, bson) VALUES (1, ?, ?)');
  for (const _id of [1, 2]) insert.run(keyString(_id), encode({ _id, tag: `t${_id}` }));
  db.exec(`
    INSERT INTO index_sources (name, root) VALUES ('docs', '/home/docs'), ('orders', 'collection:embedded/main/orders');
    INSERT INTO index_documents (id, title, type, bytes, lines, chunks, indexed_at, metadata, hash, format, source, path, modified, size)
      VALUES ('docs/a.md', 'A', 'markdown', 1, 1, 1, 0, '{}', '', 'test', 'docs', 'a.md', 0, 1);
    INSERT INTO index_texts (document, text) VALUES (1, 'a');
    INSERT INTO index_chunks (document, id, heading, first_line, last_line, text, length, embedded)
      VALUES (1, 'a#0', '["A"]', 1, 1, 'a', 1, 1), (1, 'a#1', '[]', 1, 1, 'b', 1, 0);
    INSERT INTO index_vectors (chunk, sequence, vector) VALUES (1, 1, x'0000803f000080bf');
    INSERT INTO index_removals (chunk, sequence) VALUES (3, 1);
    INSERT INTO index_segments (first_chunk, last_chunk, chunks) VALUES (1, 2, 2);
    INSERT INTO index_postings (segment, term, postings) VALUES (1, 'a', x'0101');
    UPDATE index_state SET sequence = 1, fingerprint = 'old@1', dimensions = 2;
    INSERT INTO runs (id, caller, scopes, workflow, version, definition, sha256, state, input, created_at)
      VALUES ('run_1', 'owner', '[]', 'w', '1.0.0', '{}', '', 'completed', '{}', 0);
    INSERT INTO steps (run, reference, name, kind, attempts, state, started_at)
      VALUES ('run_1', '/do/0', 'one', 'set', 1, 'completed', 0);
    INSERT INTO verdicts (sha256, verdict, kept_at) VALUES ('', '{}', 0);
  `);
}

const formats = Array.from({ length: formatVersion }, (_, n) => n + 1);

test('a migration that was released is never edited, and every one is pinned', async () => {
  const names = (await readdir(folder)).sort();
  const found = await Promise.all(
    names.map(async (name) => [
      name,
      createHash('sha256')
        .update(await sourceOf(name))
        .digest('hex'),
    ]),
  );
  expect(Object.fromEntries(found)).toEqual(released);
});

test('there is one migration a format, in order, and each is on its own: nothing of the program changes it', async () => {
  const names = Object.keys(released);
  expect(names.map((name) => Number(name.slice(0, 3)))).toEqual(formats);
  const list = await readFile(join(folder, '../migrations.ts'), 'utf8');
  expect([...list.matchAll(/'\.\/migrations\/(.*)'/g)].map(([, name]) => name)).toEqual(names);
  for (const name of names) {
    const imported = [...(await sourceOf(name)).matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)];
    expect(imported.map(([, module]) => module).filter((module) => !module?.startsWith('node:'))).toEqual([]);
  }
});

test('the schema is that of schema.sql, the one place to read it (written by `vitest run -u`)', async () => {
  const text = `-- The store file in format ${formatVersion}, as its migrations make it.\n-- Compared, and written, by test/stores/embedded/migrations.test.ts.\n\n${schemaOf(stored(formatVersion))}\n`;
  await expect(text).toMatchFileSnapshot(join(folder, '../schema.sql'));
});

test.each(formats)(
  'a store of format %i with something in every table comes to the schema of a new one',
  (version) => {
    const fresh = new DatabaseSync(':memory:');
    onTestFinished(() => fresh.close());
    migrate(fresh, migrations);

    const db = stored(1);
    fill(db);
    // Through the formats one by one, as it was upgraded at the time; then all at once.
    for (let format = 1; format < version; format++) migrate(db, migrations.slice(0, format + 1));
    expect(db.prepare('PRAGMA user_version').get()).toEqual({ user_version: version });
    migrate(db, migrations);

    expect(db.prepare('PRAGMA user_version').get()).toEqual({ user_version: formatVersion });
    expect(schemaOf(db)).toBe(schemaOf(fresh));
    expect(db.prepare('PRAGMA integrity_check').all()).toEqual([{ integrity_check: 'ok' }]);
    expect(db.prepare('PRAGMA foreign_key_check').all()).toEqual([]);
    const rows = (table: string): number =>
      Number(db.prepare(`SELECT count(*) AS n FROM ${table}`).get()?.['n']);
    expect(
      Object.fromEntries(
        ['documents', 'index_chunks', 'index_vectors', 'index_bits', 'index_places', 'steps', 'verdicts'].map(
          (table) => [table, rows(table)],
        ),
      ),
    ).toEqual({
      documents: 2,
      index_chunks: 2,
      index_vectors: 1,
      index_bits: 1,
      index_places: 1,
      steps: 1,
      verdicts: 1,
    });
  },
);

test('a migration that fails leaves the file as it was', () => {
  const db = stored(1);
  fill(db);
  const before = schemaOf(db);
  const failing = [...migrations.slice(0, 4), () => db.exec('no SQL')];
  expect(() => migrate(db, failing)).toThrow();
  expect(schemaOf(db)).toBe(before);
  expect(db.prepare('PRAGMA user_version').get()).toEqual({ user_version: 1 });
});

test('the folders of a file of the first format go on to be kept whole', () => {
  const db = stored(1);
  fill(db);

  migrate(db, migrations);

  const session = { db, memory: new Map<string, unknown>(), tick() {}, progress() {} };
  const places = trackedPathHandlers.trackedPaths(session);
  expect(places).toEqual([{ path: '/home/docs', kind: 'folder' }]);
});

test('a file of the first format is brought to this one, with what was in it', () => {
  const db = stored(1);
  fill(db);
  migrate(db, migrations);
  const session = { db, memory: new Map<string, unknown>(), tick() {}, progress() {} };
  const query = encode({ database: 'main', collection: 'old', filter: { tag: 't2' } });
  expect(handlers.count(session, query)).toBe(1);
});
