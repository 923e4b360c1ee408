import { DatabaseSync } from 'node:sqlite';
import { expect, onTestFinished, test } from 'vitest';
import { encode, keyString } from '../../../src/mql/index.ts';
import { documentOperations as operations } from '../../../src/stores/documents/embedded/operations.ts';
import { documentSchema } from '../../../src/stores/documents/embedded/schema.ts';
import { indexSchema } from '../../../src/stores/index/embedded/schema.ts';
import { journalSchema } from '../../../src/stores/journal/embedded/schema.ts';
import { schemaVersion } from '../../../src/stores/sqlite/format.ts';
import { migrate } from '../../../src/stores/sqlite/migrations.ts';

test('a file of the first format is brought to this one, with what was in it', () => {
  const db = new DatabaseSync(':memory:');
  onTestFinished(() => db.close());
  db.exec([documentSchema, indexSchema, journalSchema].join('\n'));
  db.exec(
    "PRAGMA user_version = 1; INSERT INTO collections (database, name, documents) VALUES ('main', 'old', 2)",
  );
  const insert = db.prepare('INSERT INTO documents (collection, key, bson) VALUES (1, ?, ?)');
  for (const _id of [1, 2]) insert.run(keyString(_id), encode({ _id, tag: `t${_id}` }));
  migrate(db);
  expect(db.prepare('PRAGMA user_version').get()).toEqual({ user_version: schemaVersion });
  const session = { db, memory: new Map<string, unknown>(), tick() {}, progress() {} };
  const query = encode({ database: 'main', collection: 'old', filter: { tag: 't2' } });
  expect(operations['documents.count'](session, query)).toBe(1);
});
