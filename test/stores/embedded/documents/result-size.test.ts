import { expect, onTestFinished, test } from 'vitest';
import { createEmbeddedDocuments } from '../../../../src/stores/embedded/documents/documents.ts';
import { createEmbeddedStore } from '../../../../src/stores/embedded/store.ts';
import { temporaryDirectory, testCall } from '../../../support/call.ts';

const namespace = { database: 'main', collection: 'c' };
const whole = { ...namespace, limit: 10, maxBytes: 100_000_000 };

test('a result has at most 16 MiB and 16 KiB, as in MongoDB', async () => {
  const file = createEmbeddedStore(await temporaryDirectory(), 1);
  onTestFinished(() => file.close());
  const store = createEmbeddedDocuments(file);
  await store.put(namespace, [{ _id: 1, a: 'x'.repeat(16_000_000) }], { drop: false }, testCall());
  const made = (length: number) =>
    store.aggregate({ ...whole, pipeline: [{ $set: { b: 'y'.repeat(length) } }] }, testCall());
  const overhead = 16_000_000 + 30;
  const limit = 16 * 1024 * 1024 + 16 * 1024;
  expect((await made(limit - overhead)).documents).toHaveLength(1);
  await expect(made(limit - overhead + 1)).rejects.toThrow(/16,793,601 bytes of BSON/);
});
