import { expect, onTestFinished, test } from 'vitest';
import { createEmbeddedDocuments } from '../../../../src/stores/embedded/documents/documents.ts';
import { createEmbeddedStore } from '../../../../src/stores/embedded/store.ts';
import { temporaryDirectory, testCall } from '../../../support/call.ts';

const namespace = { database: 'main', collection: 'c' };

test.each([
  ['without its _id counts as a change', { x: 5 }, 1],
  ['with its _id changes nothing', { _id: 1, x: 5 }, 0],
])('a replacement by the same document %s', async (_what, update, changed) => {
  const file = createEmbeddedStore(await temporaryDirectory(), 1);
  onTestFinished(() => file.close());
  const store = createEmbeddedDocuments(file);
  await store.put(namespace, [{ _id: 1, x: 5 }], { drop: false }, testCall());
  const change = {
    kind: 'update',
    ...namespace,
    filter: { _id: 1 },
    many: false,
    update,
    upsert: false,
  } as const;
  expect(await store.apply(change, { maxDocuments: 10 }, testCall())).toEqual({ matched: 1, changed });
});
