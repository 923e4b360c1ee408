import { DatabaseSync } from 'node:sqlite';
import { expect, onTestFinished, test } from 'vitest';
import { encode, keyString } from '../../../src/mql/index.ts';
import { documentOperations as operations } from '../../../src/stores/embedded/documents/operations.ts';
import { documentSchema } from '../../../src/stores/embedded/documents/schema.ts';
import { schemaVersion } from '../../../src/stores/embedded/format.ts';
import { keptPlaceOperations } from '../../../src/stores/embedded/index/kept-places.ts';
import { indexSchema } from '../../../src/stores/embedded/index/schema.ts';
import { journalSchema } from '../../../src/stores/embedded/journal/schema.ts';
import { migrate } from '../../../src/stores/embedded/migrations.ts';

function firstFormat(): DatabaseSync {
  const db = new DatabaseSync(':memory:');
  onTestFinished(() => db.close());
  db.exec([documentSchema, indexSchema, journalSchema, 'PRAGMA user_version = 1'].join(';\n'));
  return db;
}

test('the folders of a file of the first format go on to be kept whole', () => {
  const db = firstFormat();
  db.exec(
    `INSERT INTO index_sources (name, root) VALUES ('docs', '/home/docs'), ('orders', 'collection:embedded/main/orders')`,
  );

  migrate(db);

  const session = { db, memory: new Map<string, unknown>(), tick() {}, progress() {} };
  const places = keptPlaceOperations['index.places'](session, null);
  expect(places).toEqual([{ path: '/home/docs', kind: 'folder' }]);
});

test('a file of the first format is brought to this one, with what was in it', () => {
  const db = firstFormat();
  db.exec("INSERT INTO collections (database, name, documents) VALUES ('main', 'old', 2)");
  const insert = db.prepare('INSERT INTO documents (collection, key, bson) VALUES (1, ?, ?)');
  for (const _id of [1, 2]) insert.run(keyString(_id), encode({ _id, tag: `t${_id}` }));
  migrate(db);
  expect(db.prepare('PRAGMA user_version').get()).toEqual({ user_version: schemaVersion });
  const session = { db, memory: new Map<string, unknown>(), tick() {}, progress() {} };
  const query = encode({ database: 'main', collection: 'old', filter: { tag: 't2' } });
  expect(operations['documents.count'](session, query)).toBe(1);
});
