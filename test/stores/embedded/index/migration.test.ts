import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, test } from 'vitest';
import { temporaryDirectory, testCall } from '../../../support/call.ts';
import { documentOf, openIndex } from '../../index/support.ts';
import { byMeaning, byWords } from '../../ports.ts';
import { createFormat } from '../formats.ts';

const space = { fingerprint: 'old@1', dimensions: 4 };

/** A store file as the first release left it: two documents with a vector each, one without. */
async function firstRelease(): Promise<string> {
  const directory = await temporaryDirectory();
  const db = new DatabaseSync(join(directory, 'hydrogen.sqlite'));
  db.exec('PRAGMA journal_mode = WAL');
  createFormat(db, 1);
  const document = db.prepare(
    `INSERT INTO index_documents (document, id, title, type, bytes, lines, chunks, indexed_at, metadata, hash,
      format, modified, size) VALUES (?, ?, '', 'text', 1, 1, 1, 0, '{"kind":"old"}', '', 'test', 0, 1)`,
  );
  const chunk = db.prepare(
    `INSERT INTO index_chunks (chunk, document, id, heading, first_line, last_line, text, length, embedded)
      VALUES (?, ?, ?, '[]', 1, 1, ?, 1, ?)`,
  );
  const vector = db.prepare('INSERT INTO index_vectors (chunk, sequence, vector) VALUES (?, 1, ?)');
  for (const [i, name] of ['x', 'y', 'z'].entries()) {
    const number = i + 1;
    document.run(number, name);
    chunk.run(number, number, `${name}#0 ${name}`, name, name === 'z' ? 0 : 1);
    const axis = Float32Array.from([name === 'x' ? 1 : 0, name === 'y' ? 1 : 0, 0, 0]);
    if (name !== 'z') vector.run(number, new Uint8Array(axis.buffer));
  }
  db.exec(`
    INSERT INTO index_segments (first_chunk, last_chunk, chunks) VALUES (1, 3, 3);
    INSERT INTO index_postings (segment, term, postings) VALUES (1, 'x', x'0101'), (1, 'y', x'0201'), (1, 'z', x'0301');
    UPDATE index_state SET sequence = 1, fingerprint = 'old@1', dimensions = 4;
  `);
  db.close();
  return directory;
}

test('what the first release indexed is found as before, by words and by meaning', async () => {
  const index = await openIndex(await firstRelease());

  expect(await index.stats(testCall())).toMatchObject({ documents: 3, chunks: 3, embedded: 2, space });
  const filter = JSON.stringify({ kind: 'old' });
  const words = await byWords(index, 'y z', { selection: { filter } });
  expect(words.map(({ chunk }) => chunk)).toEqual([2, 3]);
  const values = Float32Array.from([0.2, 0.9, 0, 0]);
  const near = await byMeaning(index, { values, space }, { limit: 5 });
  expect(near.map(({ chunk }) => chunk)).toEqual([2, 1]);
  expect((await index.pending(5, testCall())).chunks).toMatchObject([{ chunk: 3, text: 'z' }]);
});

test('a text that the first release embedded is not embedded again elsewhere', async () => {
  const index = await openIndex(await firstRelease());

  await index.upsert([documentOf('copy', 'x')], testCall());

  expect((await index.pending(5, testCall())).total).toBe(1);
});
