import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, onTestFinished, test } from 'vitest';
import { createSingleRows } from '../../../../src/stores/embedded/engine/single-rows.ts';
import { temporaryDirectory } from '../../../support/call.ts';

const sql = 'SELECT value FROM numbers WHERE name = ?';

async function numbers(): Promise<{ file: string; db: DatabaseSync }> {
  const file = join(await temporaryDirectory(), 'numbers.sqlite');
  const db = new DatabaseSync(file);
  db.exec(`PRAGMA journal_mode = WAL; CREATE TABLE numbers (name TEXT PRIMARY KEY, value INTEGER);
    INSERT INTO numbers VALUES ('one', 1);`);
  onTestFinished(() => {
    if (db.isOpen) db.close();
  });
  return { file, db };
}

function readerOf(file: string) {
  const reader = createSingleRows(file, 10_000);
  onTestFinished(() => reader.close());
  return reader;
}

test('a row is read as it was last committed, also while another connection writes', async () => {
  const { file, db } = await numbers();
  const reader = readerOf(file);
  expect(reader.read(sql, ['one'])?.['value']).toBe(1);
  db.exec(`BEGIN IMMEDIATE; UPDATE numbers SET value = 2`);
  expect(reader.read(sql, ['one'])?.['value']).toBe(1);
  db.exec('COMMIT');
  expect(reader.read(sql, ['one'])?.['value']).toBe(2);
});

test('what cannot be read gives nothing, and the next read opens the file again', async () => {
  const { file, db } = await numbers();
  const reader = readerOf(`${file}.later`);
  expect(reader.read(sql, ['one'])).toBeUndefined();
  db.close();
  await rename(file, `${file}.later`);
  expect(reader.read(sql, ['one'])?.['value']).toBe(1);
  expect(reader.read('SELECT value FROM missing', [])).toBeUndefined();
  expect(reader.read(sql, ['one'])?.['value']).toBe(1);
});

test('a locked file is not waited for', async () => {
  const { file, db } = await numbers();
  db.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN IMMEDIATE; UPDATE numbers SET value = 3; COMMIT;');
  expect(readerOf(file).read(sql, ['one'])).toBeUndefined();
});
