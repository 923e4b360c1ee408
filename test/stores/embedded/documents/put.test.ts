import { expect, test } from 'vitest';
import { type Document, decode, encode } from '../../../../src/mql/index.ts';
import { documentHandlers as handlers } from '../../../../src/stores/embedded/documents/handlers.ts';
import { memoryStore, transaction } from './session.ts';

const parts = { database: 'main', collection: 'parts' };

function store() {
  const { session } = memoryStore();
  const put = (documents: Document[], upsertKey?: string) =>
    transaction(session(), (s) =>
      handlers.put(s, {
        ...parts,
        documents: Buffer.concat(documents.map(encode)),
        drop: false,
        ...(upsertKey && { upsertKey }),
      }),
    );
  const all = () => {
    const query = encode({ ...parts, filter: {}, skip: 0, limit: 100, maxBytes: 1e6 });
    return handlers.find(session(), query).documents.map(decode);
  };
  const createIndex = (key: Document) =>
    transaction(session(), (s) => handlers.createIndex(s, encode({ ...parts, key, unique: false })));
  return { put, all, createIndex };
}

test.each([false, true])(
  'documents are replaced by the value of a key and keep their _id (index on it: %s)',
  (indexed) => {
    const { put, all, createIndex } = store();
    put([
      { _id: 1, sku: 'a', n: 1 },
      { _id: 2, sku: 'b', n: 1 },
    ]);
    if (indexed) createIndex({ sku: -1 });
    const result = put(
      [
        { _id: 7, sku: 'b', n: 2 },
        { _id: 8, sku: 'c', n: 2 },
        { _id: 9, sku: 'c', n: 3 },
      ],
      'sku',
    );
    expect(result).toEqual({ inserted: 1, replaced: 2, unchanged: 0 });
    expect(all()).toEqual([
      { _id: 1, sku: 'a', n: 1 },
      { _id: 2, sku: 'b', n: 2 },
      { _id: 8, sku: 'c', n: 3 },
    ]);
    expect(put([{ sku: 'a', n: 1 }], 'sku')).toEqual({ inserted: 0, replaced: 0, unchanged: 1 });
  },
);

test('what other calls write between two upserts is seen', () => {
  const { put, all } = store();
  put([{ _id: 1, sku: 'a' }], 'sku');
  put([{ _id: 2, sku: 'b' }]);
  put([{ _id: 1, sku: 'x' }]);
  expect(
    put(
      [
        { sku: 'b', n: 1 },
        { _id: 3, sku: 'a', n: 1 },
      ],
      'sku',
    ),
  ).toMatchObject({ inserted: 1, replaced: 1 });
  expect(all()).toEqual([
    { _id: 1, sku: 'x' },
    { _id: 2, sku: 'b', n: 1 },
    { _id: 3, sku: 'a', n: 1 },
  ]);
});

test('a document without a value of the key goes by its _id; one with an array there is refused', () => {
  const { put } = store();
  put([{ _id: 1, n: 1 }]);
  expect(put([{ _id: 1, n: 2 }], 'sku')).toMatchObject({ replaced: 1 });
  expect(() => put([{ sku: ['a', 'b'] }], 'sku')).toThrow(/array at "sku".*single value/);
});

test('a document of more than 16 MiB is refused', () => {
  const { put } = store();
  expect(() => put([{ _id: 'large', text: 'x'.repeat(16 * 1024 * 1024) }])).toThrow(/_id "large".*16 MiB/);
});

test.each([[[1]], [/a/]])('%s cannot be an _id', (_id) => {
  const { put } = store();
  expect(() => put([{ _id }])).toThrow(/An _id cannot be of type/);
});
