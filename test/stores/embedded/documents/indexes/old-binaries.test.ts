import { Binary } from 'bson';
import { expect, onTestFinished, test } from 'vitest';
import type { Document } from '../../../../../src/mql/index.ts';
import { createEmbeddedDocuments } from '../../../../../src/stores/embedded/documents/documents.ts';
import { createEmbeddedStore } from '../../../../../src/stores/embedded/store.ts';
import { temporaryDirectory, testCall } from '../../../../support/call.ts';

const namespace = { database: 'main', collection: 'c' };
const binary = (length: number, subtype: number): Binary => new Binary(new Uint8Array(length), subtype);
const old = { _id: 1, v: binary(16, 2) };
const longer = { _id: 2, v: binary(18, 0) };

/** A collection with an index on v, and the _ids that a query gives. */
async function opened(documents: readonly Document[]) {
  const file = createEmbeddedStore(await temporaryDirectory(), 1);
  onTestFinished(() => file.close());
  const store = createEmbeddedDocuments(file);
  await store.put(namespace, [{ _id: 0 }], { drop: false }, testCall());
  await store.createIndex({ ...namespace, key: { v: 1 }, unique: false }, testCall());
  await store.put(namespace, documents, { drop: false }, testCall());
  return async (filter: Document): Promise<unknown[]> => {
    const query = { ...namespace, filter, sort: { v: 1 }, skip: 0, limit: 10, maxBytes: 10_000 };
    return (await store.find(query, testCall())).documents.map(({ _id }) => _id);
  };
}

test('binary data of the old subtype 2 is sorted as MongoDB sorts it, also by an index', async () => {
  const idsOf = await opened([old, longer]);
  expect(await idsOf({ v: { $type: 'binData' } })).toEqual([2, 1]);
});

test('binary data of the old subtype 2 is found by a range, also with an index', async () => {
  const idsOf = await opened([old, longer]);
  expect(await idsOf({ v: { $gt: binary(18, 0) } })).toEqual([1]);
  expect(await idsOf({ v: { $lt: binary(16, 2) } })).toEqual([2]);
});

test('a document with such data is sorted as MongoDB sorts it, also by an index', async () => {
  const idsOf = await opened([old, longer].map(({ _id, v }) => ({ _id, v: { in: v } })));
  expect(await idsOf({ v: { $type: 'object' } })).toEqual([2, 1]);
});
