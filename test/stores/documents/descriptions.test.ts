import { Binary, Long, ObjectId } from 'bson';
import { describe, expect, onTestFinished, test } from 'vitest';
import { settings } from '../../../src/config.ts';
import { createLog } from '../../../src/observability/log.ts';
import type { Cache } from '../../../src/stores/cache/cache.ts';
import { createMemoryCache } from '../../../src/stores/cache/memory.ts';
import type { Connection } from '../../../src/stores/documents/connections.ts';
import { serverIdentity } from '../../../src/stores/documents/descriptions.ts';
import { createMongoDocuments } from '../../../src/stores/documents/mongodb/mongodb.ts';
import { openConnections } from '../../../src/stores/documents/open-connections.ts';
import { createEmbeddedDocuments } from '../../../src/stores/embedded/documents/documents.ts';
import { createEmbeddedStore } from '../../../src/stores/embedded/store.ts';
import { temporaryDirectory, testCall } from '../../support/call.ts';
import { mongoServer } from '../../support/mongo-server.ts';
import { isInstalled, skipReason } from '../../support/mongo-servers.ts';

const server = mongoServer('ferretdb');
const installed = isInstalled('ferretdb');

const limits = { maxDocuments: 100 };
let databases = 0;

/** A connection to an empty database, and how often the server was asked. */
async function connection(cache: Cache | undefined, database = `d${databases++}`) {
  const file = createEmbeddedStore(await temporaryDirectory(), 1);
  onTestFinished(() => file.close());
  const asked: string[] = [];
  const changes: string[] = [];
  const config = settings.parse({ mongodbUrl: `${server.url}${database}` });
  const connections = openConnections(
    config,
    createEmbeddedDocuments(file),
    (own) => createMongoDocuments({ ...own, observe: (name) => void asked.push(name) }),
    createLog('silent'),
    {
      ...(cache && { cache }),
      tell: (change) => void changes.push('subject' in change ? change.subject : change.type),
    },
  );
  onTestFinished(() => connections.close());
  const namespace = { database, collection: 'c' };
  return { ...connections.get('mongodb'), embedded: connections.get('embedded'), namespace, asked, changes };
}

const call = testCall({ deadline: Number.POSITIVE_INFINITY });
const documents = [
  { _id: new ObjectId(), n: 1, f: 1.5, big: Long.fromString('9007199254740993'), at: new Date(0) },
  { _id: new ObjectId(), n: 2, d: new Binary(Buffer.from('ab')), s: 'x', tags: [{ a: 1 }, { a: 2 }] },
];

/** The number of documents in what is said of the collection. */
async function described({ descriptions }: Connection, namespace: { database: string; collection: string }) {
  return (await descriptions.describe(namespace, call)).found.documents;
}

describe.skipIf(!installed)(`descriptions of a server's collections${skipReason('ferretdb')}`, () => {
  test('what is remembered is what the server said, with the types of all values', async () => {
    const { store, descriptions, namespace, asked } = await connection(createMemoryCache());
    await store.insert(namespace, documents, call);
    await store.createIndex({ ...namespace, key: { n: 1, s: -1 }, unique: false }, call);
    const first = await descriptions.describe(namespace, call);
    const before = asked.length;
    const second = await descriptions.describe(namespace, call);
    expect(asked.length).toBe(before);
    expect(second.found).toEqual(first.found);
    expect(second.found.fields.map(({ path }) => path)).toContain('tags[].a');
    const lists = [
      await descriptions.collections(namespace.database, call),
      await descriptions.collections(namespace.database, call),
    ];
    expect(lists[1]?.found).toEqual(lists[0]?.found);
  });

  test('every change through this server is seen at once, also by those who share the cache', async () => {
    const cache = createMemoryCache();
    const one = await connection(cache);
    const { store, namespace } = one;
    const two = await connection(cache, namespace.database);
    await store.insert(namespace, documents, call);
    expect(await described(two, namespace)).toBe(2);
    await store.put(namespace, [{ _id: 3 }], { drop: false }, call);
    expect(await described(two, namespace)).toBe(3);
    const filter = { _id: 3 };
    await store.apply({ kind: 'delete', ...namespace, filter, many: false }, limits, call);
    expect(await described(two, namespace)).toBe(2);
    await store.createIndex({ ...namespace, key: { n: 1 }, unique: false }, call);
    expect((await two.descriptions.describe(namespace, call)).found.indexes).toHaveLength(2);
    expect((await two.descriptions.collections(namespace.database, call)).found).toHaveLength(1);
    await store.apply({ kind: 'drop_collection', ...namespace }, limits, call);
    await expect(two.descriptions.describe(namespace, call)).rejects.toMatchObject({ code: 'not_found' });
    expect((await two.descriptions.collections(namespace.database, call)).found).toEqual([]);
    expect(new Set(one.changes)).toEqual(new Set([`mongodb/${namespace.database}/c`]));
    expect(one.changes).toHaveLength(5);
  });

  test('a change by another program is not known: the answer says its age', async () => {
    const { store, descriptions, namespace } = await connection(createMemoryCache());
    await store.insert(namespace, documents, call);
    await descriptions.describe(namespace, call);
    const other = await connection(undefined, namespace.database);
    await other.store.insert(namespace, [{ _id: 9 }], call);
    const { found, ageMs } = await descriptions.describe(namespace, call);
    expect(found.documents).toBe(2);
    expect(ageMs).toBeGreaterThan(0);
  });

  test('what one caller was told is not told to another', async () => {
    const { store, descriptions, namespace, asked } = await connection(createMemoryCache());
    await store.insert(namespace, documents, call);
    await descriptions.describe(namespace, call);
    const before = asked.length;
    const caller = { id: 'jane', scopes: ['read'] } as const;
    await descriptions.describe(namespace, { ...call, caller });
    expect(asked.length).toBeGreaterThan(before);
  });

  test('without a cache, and in the embedded store, everything is of this moment', async () => {
    const { store, embedded, descriptions, namespace } = await connection(undefined);
    await store.insert(namespace, documents, call);
    for (const [one, documentsOf] of [
      [descriptions, store],
      [embedded.descriptions, embedded.store],
    ] as const) {
      await documentsOf.put(namespace, [{ _id: 7 }], { drop: true }, call);
      expect(await one.describe(namespace, call)).toMatchObject({ found: { documents: 1 }, ageMs: 0 });
    }
  });
});

test('a server is known by address, user and options; a password makes no difference, and does not show', () => {
  const same = serverIdentity('mongodb://jane:secret@host/shop');
  expect(serverIdentity('mongodb://jane:other@host/shop')).toBe(same);
  expect(serverIdentity('mongodb://jane:p@ss/w:rd@host/shop')).toBe(same);
  const others = ['mongodb://john:secret@host/shop', 'mongodb://jane:secret@b/shop', 'mongodb://host/shop'];
  expect(new Set([same, ...others.map(serverIdentity)]).size).toBe(4);
});
