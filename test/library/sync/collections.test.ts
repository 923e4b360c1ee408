import { expect, test, vi } from 'vitest';
import type { DocumentStore } from '../../../src/stores/documents/document-store.ts';
import { temporaryDirectory, testCall } from '../../support/call.ts';
import { embeddedPorts } from '../../support/embedded-ports.ts';
import { isInstalled, mongoDocumentsForTest, skipReason, startServer } from '../../support/mongo-servers.ts';
import { found, synced } from './support.ts';

const namespace = { database: 'main', collection: 'reports' };
const source = { namespace, fields: ['body'] };
const options = { timeout: 60_000, interval: 100 };

async function insert(store: DocumentStore, _id: number, body: string): Promise<void> {
  await store.insert(namespace, [{ _id, body }], testCall());
}

async function update(store: DocumentStore, _id: number, body: string): Promise<void> {
  const change = { kind: 'update', ...namespace, filter: { _id }, update: { $set: { body } } } as const;
  await store.apply({ ...change, many: false, upsert: false }, { maxDocuments: 1 }, testCall());
}

async function remove(store: DocumentStore, _id: number): Promise<void> {
  const change = { kind: 'delete', ...namespace, filter: { _id }, many: false } as const;
  await store.apply(change, { maxDocuments: 1 }, testCall());
}

/** What is searchable follows an insert, an update and a removal. */
async function followsChanges(library: Parameters<typeof found>[0], store: DocumentStore): Promise<void> {
  await insert(store, 2, 'a leaking valve');
  await vi.waitFor(async () => expect(await found(library, 'valve')).toEqual(['reports/2']), options);
  await update(store, 2, 'a broken pump');
  await vi.waitFor(async () => expect(await found(library, 'pump')).toEqual(['reports/2']), options);
  expect(await found(library, 'valve')).toEqual([]);
  await remove(store, 2);
  await vi.waitFor(async () => expect(await found(library, 'pump')).toEqual([]), options);
}

test('documents that are in a collection already become searchable', async () => {
  const { library, embedded } = synced(await temporaryDirectory(), source);
  await insert(embedded, 1, 'the first electrolyser');

  library.resume();

  await vi.waitFor(async () => expect(await found(library, 'electrolyser')).toEqual(['reports/1']), options);
});

test('changes of an embedded collection are searchable while serving', async () => {
  const { library, embedded } = synced(await temporaryDirectory(), source);
  await insert(embedded, 1, 'the first electrolyser');
  library.resume();
  await vi.waitFor(async () => expect(await found(library, 'electrolyser')).toEqual(['reports/1']), options);

  await followsChanges(library, embedded);
});

/** A server has followed the collection, which has one document, and has ended. */
async function followedBefore(directory: string) {
  const { library, embedded } = synced(directory, source);
  await insert(embedded, 1, 'the first electrolyser');
  library.resume();
  await vi.waitFor(async () => expect(await found(library, 'electrolyser')).toEqual(['reports/1']), options);
  await library.close();
  return embedded;
}

test('changes made while nothing was running are found at the next start', async () => {
  const directory = await temporaryDirectory();
  const embedded = await followedBefore(directory);
  await update(embedded, 1, 'a second hand compressor');

  const { library } = synced(directory, source);
  library.resume();

  await vi.waitFor(async () => expect(await found(library, 'compressor')).toEqual(['reports/1']), options);
});

test('documents are read again at the next start when their passages are to be in another store', async () => {
  const directory = await temporaryDirectory();
  await followedBefore(directory);

  const { library } = synced(directory, source, 300, await embeddedPorts.apart(directory));
  library.resume();

  await vi.waitFor(async () => {
    expect(await found(library, 'electrolyser')).toEqual(['reports/1']);
    // It is recorded a moment after the passages are found.
    expect((await library.status(testCall())).mismatch).toBeUndefined();
  }, options);
});

test('a collection that is dropped leaves the library', async () => {
  const { library, embedded } = synced(await temporaryDirectory(), source);
  await insert(embedded, 1, 'the first electrolyser');
  library.resume();
  await vi.waitFor(async () => expect(await found(library, 'electrolyser')).toEqual(['reports/1']), options);

  await embedded.apply({ kind: 'drop_collection', ...namespace }, { maxDocuments: 10 }, testCall());

  await vi.waitFor(async () => expect(await found(library, 'electrolyser')).toEqual([]), options);
});

test('one refresh reads new, changed and removed documents, and counts them', async () => {
  const { library, embedded } = synced(await temporaryDirectory(), source);
  for (const id of [1, 2, 3]) await insert(embedded, id, `report ${id}`);
  expect(await library.refresh(testCall())).toMatchObject({ added: 3, changed: 0, removed: 0 });
  await update(embedded, 2, 'another report');
  await remove(embedded, 3);

  const report = await library.refresh(testCall());

  expect(report).toMatchObject({ added: 0, changed: 1, unchanged: 1, removed: 1 });
});

test('with the time of the last change, only what is newer is read whole', async () => {
  const { library, embedded } = synced(await temporaryDirectory(), { ...source, updatedAt: 'at' });
  const documents = [1, 2].map((_id) => ({ _id, body: `report ${_id}`, at: new Date(1_000) }));
  await embedded.insert(namespace, documents, testCall());
  await library.refresh(testCall());
  await embedded.put(
    namespace,
    [
      { _id: 1, body: 'silently changed', at: new Date(1_000) },
      { _id: 2, body: 'properly changed', at: new Date(2_000) },
    ],
    { drop: false },
    testCall(),
  );

  await library.refresh(testCall());

  expect(await found(library, 'changed')).toEqual(['reports/2']);
});

test.skipIf(!isInstalled('ferretdb'))(
  `without change streams the next scan finds what has changed${skipReason('ferretdb')}`,
  { timeout: 60_000 },
  async () => {
    const server = await startServer('ferretdb');
    try {
      const store = mongoDocumentsForTest(server.url);
      const { library } = synced(await temporaryDirectory(), { ...source, store, connection: 'ferret' });
      await insert(store, 1, 'the first electrolyser');
      library.resume();
      await vi.waitFor(
        async () => expect(await found(library, 'electrolyser')).toEqual(['reports/1']),
        options,
      );

      await followsChanges(library, store);
    } finally {
      await server.stop();
    }
  },
);

test.skipIf(!isInstalled('mongo-java-server'))(
  `a change stream tells what has been inserted${skipReason('mongo-java-server')}`,
  { timeout: 60_000 },
  async () => {
    const server = await startServer('mongo-java-server', { replicaSet: 'rs0' });
    try {
      const store = mongoDocumentsForTest(`${server.url}?replicaSet=rs0`);
      await insert(store, 1, 'the first electrolyser');
      const scans = 600_000;
      const { library } = synced(await temporaryDirectory(), { ...source, store, connection: 'java' }, scans);
      library.resume();
      await vi.waitFor(
        async () => expect(await found(library, 'electrolyser')).toEqual(['reports/1']),
        options,
      );

      await insert(store, 2, 'a leaking valve');

      await vi.waitFor(async () => expect(await found(library, 'valve')).toEqual(['reports/2']), options);
    } finally {
      await server.stop();
    }
  },
);
