import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, onTestFinished, test } from 'vitest';
import { encode } from '../../../../src/mql/index.ts';
import { joinBson } from '../../../../src/stores/documents/bson-sequence.ts';
import { createStoreFile, type StoreFile } from '../../../../src/stores/embedded/engine/store-file.ts';
import { temporaryDirectory, testCall } from '../../../support/call.ts';
import { endlessFilter, slowFilter } from '../../../support/endless.ts';

const things = { database: 'main', collection: 'things' };
const page = { limit: 10, maxBytes: 10_000 };

async function opened(readers = 1): Promise<{ file: StoreFile; directory: string }> {
  const directory = await temporaryDirectory();
  const file = createStoreFile(directory, readers);
  onTestFinished(() => file.close());
  return { file, directory };
}

/** A document on which `trap` takes for ever: the thread cannot notice that its call is over. */
async function withTrap(readers = 1): Promise<StoreFile> {
  const { file } = await opened(readers);
  const documents = encode({ text: `${'a'.repeat(40)}!` });
  await file.run('write', 'documents.put', { ...things, documents, drop: false }, testCall());
  return file;
}
const find = { ...things, ...page, skip: 0 };
const trap = encode({ ...find, filter: endlessFilter });
const plain = encode({ ...things, filter: {} });

test('a thread that does not notice the time limit is replaced, and the next call is answered', async () => {
  const file = await withTrap();
  await expect(
    file.run('read', 'documents.find', trap, testCall({ deadline: Date.now() + 300 })),
  ).rejects.toThrow(/took longer than its time limit/);
  expect(await file.run('read', 'documents.count', plain, testCall())).toBe(1);
});

test('a thread that does not notice a cancellation is replaced', async () => {
  const file = await withTrap();
  const controller = new AbortController();
  const answer = file.run('read', 'documents.find', trap, testCall({ signal: controller.signal }));
  setTimeout(() => controller.abort(), 200);
  await expect(answer).rejects.toThrow(/cancelled/);
  expect(await file.run('read', 'documents.count', plain, testCall())).toBe(1);
});

test('a call that waits behind another is answered as soon as it is cancelled or late', async () => {
  const file = await withTrap();
  const settled: string[] = [];
  const blocking = file.run('read', 'documents.find', trap, testCall({ deadline: Date.now() + 3_000 }));
  blocking.catch(() => settled.push('blocking'));
  const controller = new AbortController();
  const cancelled = file.run('read', 'documents.count', plain, testCall({ signal: controller.signal }));
  const late = file.run('read', 'documents.count', plain, testCall({ deadline: Date.now() + 300 }));
  setTimeout(() => controller.abort(), 100);
  await expect(cancelled).rejects.toThrow(/cancelled/);
  await expect(late).rejects.toThrow(/time limit/);
  expect(settled).toEqual([]);
  await expect(blocking).rejects.toThrow();
});

test('a second reader answers while the first is busy', async () => {
  const file = await withTrap(2);
  const blocking = file.run('read', 'documents.find', trap, testCall({ deadline: Date.now() + 5_000 }));
  blocking.catch(() => {});
  let blocked = true;
  blocking.catch(() => {
    blocked = false;
  });
  expect(await file.run('read', 'documents.count', plain, testCall())).toBe(1);
  expect(blocked).toBe(true);
  await expect(blocking).rejects.toThrow();
});

test('a regular expression that does not come to an end on one text is stopped before the time limit', async () => {
  const file = await withTrap();
  const runaway = encode({ ...find, filter: { text: { $regex: '(a+)+$' } } });
  await expect(file.run('read', 'documents.find', runaway, testCall())).rejects.toThrow(
    /regular expression took too long on a single text/,
  );
  expect(await file.run('read', 'documents.count', plain, testCall())).toBe(1);
});

test('a call that is over before it begins does no work', async () => {
  const { file } = await opened();
  const signal = AbortSignal.abort();
  await expect(file.run('read', 'file.statistics', null, testCall({ signal }))).rejects.toThrow(/cancelled/);
  await expect(file.run('read', 'file.statistics', null, testCall({ deadline: 0 }))).rejects.toThrow(
    /time limit/,
  );
});

test('closing lets a running operation end, and refuses new ones', async () => {
  const { file } = await opened();
  const documents = joinBson(Array.from({ length: 2_000 }, (_, n) => ({ n })));
  await file.open(testCall());
  const writing = file.run('write', 'documents.put', { ...things, documents, drop: false }, testCall());
  // The job is handed to its thread in the next turn.
  await new Promise((resolve) => setTimeout(resolve, 1));
  await file.close();
  expect(await writing).toMatchObject({ inserted: 2_000 });
  await expect(file.run('read', 'file.statistics', null, testCall())).rejects.toThrow(/shutting down/);
});

test('a file of a newer version is refused with what to do', async () => {
  const { file, directory } = await opened();
  await file.open(testCall());
  await file.close();
  const db = new DatabaseSync(join(directory, 'hydrogen.sqlite'));
  db.exec('PRAGMA user_version = 99');
  db.close();
  const newer = createStoreFile(directory, 1);
  onTestFinished(() => newer.close());
  await expect(newer.run('read', 'file.statistics', null, testCall())).rejects.toThrow(
    /newer version.*Upgrade/,
  );
});

test('a write that fails half way leaves nothing behind', async () => {
  const { file } = await opened();
  const put = (documents: Uint8Array) =>
    file.run('write', 'documents.put', { ...things, documents, drop: false }, testCall());
  await put(encode({ _id: 1 }));
  await expect(put(Buffer.concat([encode({ _id: 2 }), Uint8Array.of(1, 2, 3)]))).rejects.toThrow();
  expect(await file.run('read', 'documents.count', plain, testCall())).toBe(1);
});

test('a fault of the store is not shown to the caller', async () => {
  const { file, directory } = await opened();
  await file.open(testCall());
  const failure = file.run('read', 'no.such.operation' as 'file.statistics', null, testCall());
  await expect(failure).rejects.toThrow('The embedded store failed.');
  await expect(failure).rejects.not.toThrow(new RegExp(directory));
});

test('a write that is done too late is not made: who was told of the time limit may repeat it', async () => {
  const { file } = await opened();
  const documents = encode({ _id: 1 });
  await file.run('write', 'documents.put', { ...things, documents, drop: false }, testCall());
  const change = { kind: 'delete', ...things, filter: slowFilter, many: true };
  const late = testCall({ deadline: Date.now() + 20 });
  const args = encode({ change, limits: { maxDocuments: 10 } });
  await expect(file.run('write', 'documents.apply', args, late)).rejects.toThrow(/time limit/);
  expect(await file.run('read', 'documents.count', plain, testCall())).toBe(1);
});
