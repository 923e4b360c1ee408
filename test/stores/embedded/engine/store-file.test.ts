import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, onTestFinished, test, vi } from 'vitest';
import { encode } from '../../../../src/mql/index.ts';
import { joinBson } from '../../../../src/stores/documents/bson-sequence.ts';
import { createEmbeddedDocuments } from '../../../../src/stores/embedded/documents/documents.ts';
import {
  type DocumentClient,
  documentOperations,
} from '../../../../src/stores/embedded/documents/operations.ts';
import { createClient } from '../../../../src/stores/embedded/engine/operations.ts';
import { createEmbeddedStore } from '../../../../src/stores/embedded/store.ts';
import { temporaryDirectory, testCall } from '../../../support/call.ts';
import { endlessFilter, slowFilter } from '../../../support/endless.ts';
import { posix } from '../../../support/platform.ts';

const things = { database: 'main', collection: 'things' };
const page = { limit: 10, maxBytes: 10_000 };

async function opened(readers = 1) {
  const directory = await temporaryDirectory();
  const file = createEmbeddedStore(directory, readers);
  onTestFinished(() => file.close());
  return { file, directory, store: createClient(file, documentOperations) };
}

/** A document on which `trap` takes for ever: the thread cannot notice that its call is over. */
async function withTrap(readers = 1): Promise<DocumentClient> {
  const { store } = await opened(readers);
  const documents = encode({ text: `${'a'.repeat(40)}!` });
  await store.put({ ...things, documents, drop: false }, testCall());
  return store;
}
const find = { ...things, ...page, skip: 0 };
const trap = encode({ ...find, filter: endlessFilter });
const plain = encode({ ...things, filter: {} });

test('a thread that does not notice the time limit is replaced, and the next call is answered', async () => {
  const store = await withTrap();
  await expect(store.find(trap, testCall({ deadline: Date.now() + 300 }))).rejects.toThrow(
    /took longer than its time limit/,
  );
  expect(await store.count(plain, testCall())).toBe(1);
});

test('a thread that does not notice a cancellation is replaced', async () => {
  const store = await withTrap();
  const controller = new AbortController();
  const answer = store.find(trap, testCall({ signal: controller.signal }));
  setTimeout(() => controller.abort(), 200);
  await expect(answer).rejects.toThrow(/cancelled/);
  expect(await store.count(plain, testCall())).toBe(1);
});

test('a call that waits behind another is answered as soon as it is cancelled or late', async () => {
  const store = await withTrap();
  const settled: string[] = [];
  const stop = new AbortController();
  const blocking = store.find(trap, testCall({ signal: stop.signal }));
  blocking.catch(() => settled.push('blocking'));
  const controller = new AbortController();
  const cancelled = store.count(plain, testCall({ signal: controller.signal }));
  const late = store.count(plain, testCall({ deadline: Date.now() + 300 }));
  setTimeout(() => controller.abort(), 100);
  await expect(cancelled).rejects.toThrow(/cancelled/);
  await expect(late).rejects.toThrow(/time limit/);
  expect(settled).toEqual([]);
  stop.abort();
  await expect(blocking).rejects.toThrow(/cancelled/);
});

test('a second reader answers while the first is busy', async () => {
  const store = await withTrap(2);
  const stop = new AbortController();
  const blocking = store.find(trap, testCall({ signal: stop.signal }));
  let blocked = true;
  blocking.catch(() => {
    blocked = false;
  });
  expect(await store.count(plain, testCall())).toBe(1);
  expect(blocked).toBe(true);
  stop.abort();
  await expect(blocking).rejects.toThrow(/cancelled/);
});

test('a regular expression that does not come to an end on one text is stopped before the time limit', async () => {
  const store = await withTrap();
  const runaway = encode({ ...find, filter: { text: { $regex: '(a+)+$' } } });
  await expect(store.find(runaway, testCall())).rejects.toThrow(
    /regular expression took too long on a single text/,
  );
  expect(await store.count(plain, testCall())).toBe(1);
});

test('a call that is over before it begins does no work', async () => {
  const { file } = await opened();
  const signal = AbortSignal.abort();
  await expect(file.statistics(testCall({ signal }))).rejects.toThrow(/cancelled/);
  await expect(file.statistics(testCall({ deadline: 0 }))).rejects.toThrow(/time limit/);
});

test('closing lets a running operation end, and refuses new ones', async () => {
  const { file, store } = await opened();
  // An index of so many says in the middle of its making how far it is.
  const documents = joinBson(Array.from({ length: 30_000 }, (_, n) => ({ n })));
  await store.put({ ...things, documents, drop: false }, testCall());
  onTestFinished(() => void vi.useRealTimers());
  let closing: Promise<void> | undefined;
  const progress = (): void => {
    // It waits 0.3 s, and this machine may be busy.
    if (!closing) vi.useFakeTimers({ toFake: ['setTimeout'] });
    closing ??= file.close();
  };
  const made = await store.createIndex(
    encode({ ...things, key: { n: 1 }, unique: false }),
    testCall({ progress }),
  );
  expect(made).toMatchObject({ created: true });
  await closing;
  expect(closing).toBeDefined();
  await expect(file.statistics(testCall())).rejects.toThrow(/shutting down/);
});

test('a row is not read any more after closing, which would open the file again', async () => {
  const { file } = await opened();
  await file.open(testCall());
  expect(file.readRow('SELECT 1 AS one', [])).toEqual({ one: 1 });
  await file.close();
  expect(file.readRow('SELECT 1 AS one', [])).toBeUndefined();
});

test.runIf(posix('open files that can be deleted'))(
  'documents are counted that another process wrote since the log was deleted, not those in the deleted log',
  async () => {
    const { file, directory, store } = await opened();
    const documents = createEmbeddedDocuments(file);
    await store.put({ ...things, documents: encode({ n: 1 }), drop: false }, testCall());
    const counted = () => documents.count({ ...things, filter: {} }, testCall());
    expect(await counted()).toBe(1);
    const path = join(directory, 'hydrogen.sqlite');
    // What was written lies in the file, as it does after a while.
    const other = `const db = new (require('node:sqlite').DatabaseSync)(process.argv[1]);`;
    const elsewhere = (script: string) => spawnSync(process.execPath, ['-e', other + script, path]).status;
    expect(elsewhere(`db.exec('PRAGMA wal_checkpoint(TRUNCATE)')`)).toBe(0);
    for (const ending of ['-wal', '-shm']) rmSync(path + ending);
    expect(elsewhere(`db.exec('UPDATE collections SET documents = 7')`)).toBe(0);

    await vi.waitFor(async () => expect(await counted()).toBe(7));
  },
);

test('a file of a newer version is refused with what to do', async () => {
  const { file, directory } = await opened();
  await file.open(testCall());
  await file.close();
  const db = new DatabaseSync(join(directory, 'hydrogen.sqlite'));
  db.exec('PRAGMA user_version = 99');
  db.close();
  const newer = createEmbeddedStore(directory, 1);
  onTestFinished(() => newer.close());
  await expect(newer.statistics(testCall())).rejects.toThrow(/newer version.*Upgrade/);
});

test('a write that fails half way leaves nothing behind', async () => {
  const { store } = await opened();
  const put = (documents: Uint8Array) => store.put({ ...things, documents, drop: false }, testCall());
  await put(encode({ _id: 1 }));
  await expect(put(Buffer.concat([encode({ _id: 2 }), Uint8Array.of(1, 2, 3)]))).rejects.toThrow();
  expect(await store.count(plain, testCall())).toBe(1);
});

test('a fault of the store is not shown to the caller', async () => {
  const { file, directory } = await opened();
  await file.open(testCall());
  const failure = file.run({ name: 'no.such.operation', lane: 'read' }, [], testCall());
  await expect(failure).rejects.toThrow('The embedded store failed.');
  await expect(failure).rejects.not.toThrow(new RegExp(directory));
});

test('a write that is done too late is not made: who was told of the time limit may repeat it', async () => {
  const { store } = await opened();
  const documents = encode({ _id: 1 });
  await store.put({ ...things, documents, drop: false }, testCall());
  const change = { kind: 'delete', ...things, filter: slowFilter, many: true };
  const late = testCall({ deadline: Date.now() + 20 });
  const args = encode({ change, limits: { maxDocuments: 10 } });
  await expect(store.apply(args, late)).rejects.toThrow(/time limit/);
  expect(await store.count(plain, testCall())).toBe(1);
});

test('a store that another process is creating is opened once that has finished', async () => {
  const directory = await temporaryDirectory();
  const other = new DatabaseSync(join(directory, 'hydrogen.sqlite'));
  onTestFinished(() => other.close());
  other.exec('BEGIN EXCLUSIVE; CREATE TABLE t (a)');
  const file = createEmbeddedStore(directory, 1);
  onTestFinished(() => file.close());
  const opening = file.open(testCall());
  // Longer than SQLite itself waits.
  setTimeout(() => other.exec('ROLLBACK'), 600);
  await expect(opening).resolves.toBeUndefined();
});
