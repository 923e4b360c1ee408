import { expect, onTestFinished, test } from 'vitest';
import { type Document, encode } from '../../../../src/mql/index.ts';
import { createEmbeddedDocuments } from '../../../../src/stores/embedded/documents/documents.ts';
import { documentOperations } from '../../../../src/stores/embedded/documents/operations.ts';
import { createClient } from '../../../../src/stores/embedded/engine/operations.ts';
import { createEmbeddedStore } from '../../../../src/stores/embedded/store.ts';
import { temporaryDirectory, testCall } from '../../../support/call.ts';

const database = 'main';

async function opened(data: Readonly<Record<string, readonly Document[]>>) {
  const file = createEmbeddedStore(await temporaryDirectory(), 1);
  onTestFinished(() => file.close());
  const store = createEmbeddedDocuments(file);
  const operations = createClient(file, documentOperations);
  for (const [collection, documents] of Object.entries(data)) {
    await store.put({ database, collection }, documents, { drop: false }, testCall());
  }
  const write = (...pipeline: Document[]) =>
    operations.writePipeline(encode({ database, collection: 'c', pipeline }), testCall());
  const all = async (collection: string): Promise<readonly Document[]> => {
    const query = { database, collection, filter: {}, skip: 0, limit: 100, maxBytes: 100_000 };
    return (await store.find(query, testCall())).documents;
  };
  return { store, write, all };
}

const c = [
  { _id: 1, k: 'a', n: 1 },
  { _id: 2, k: 'b', n: 2 },
];

test('$out replaces a collection, also the one that is read', async () => {
  const { write, all } = await opened({ c });
  await write({ $match: { n: 2 } }, { $set: { n: 3 } }, { $out: 'c' });
  expect(await all('c')).toEqual([{ _id: 2, k: 'b', n: 3 }]);
});

test('$out makes the collection, and gives ids', async () => {
  const { write, all } = await opened({ c });
  await write({ $project: { _id: 0, n: 1 } }, { $limit: 1 }, { $out: { db: 'main', coll: 'made' } });
  expect(await all('made')).toEqual([{ _id: expect.anything(), n: 1 }]);
});

test('$merge by another field needs a unique index on it', async () => {
  const { store, write, all } = await opened({ c, other: [{ _id: 9, k: 'a', m: 1 }] });
  const merge = { $merge: { into: 'other', on: 'k', whenNotMatched: 'discard' } };
  await expect(write({ $unset: '_id' }, merge)).rejects.toThrow(/unique index on "k"/);
  await store.createIndex({ database, collection: 'other', key: { k: 1 }, unique: true }, testCall());
  await write({ $unset: '_id' }, merge);
  expect(await all('other')).toEqual([{ _id: 9, k: 'a', m: 1, n: 1 }]);
});

test('when one document fails, nothing is written', async () => {
  const { write, all } = await opened({ c, other: [{ _id: 2, n: 0 }] });
  await expect(write({ $merge: { into: 'other', whenMatched: 'fail' } })).rejects.toThrow(/"fail"/);
  expect(await all('other')).toEqual([{ _id: 2, n: 0 }]);
});

test.each<[string, Document[], Document]>([
  ['there are no results', [{ $match: { n: 9 } }], {}],
  ['nothing is inserted', [], { whenNotMatched: 'discard' }],
])('$merge makes no collection where %s', async (_why, reads, options) => {
  const { store, write } = await opened({ c });
  await write(...reads, { $merge: { into: 'made', ...options } });
  const names = (await store.collections(database, testCall())).map(({ name }) => name);
  expect(names).toEqual(['c']);
});

test('$merge makes the collection with its first document', async () => {
  const { write, all } = await opened({ c });
  await write({ $merge: 'made' });
  expect(await all('made')).toEqual(c);
});
