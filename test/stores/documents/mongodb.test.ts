import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { callLate, HydrogenError } from '../../../src/errors.ts';
import type { Document } from '../../../src/mql/index.ts';
import { afterFilter, continuationOf } from '../../../src/stores/documents/mongodb/continuation.ts';
import { translate, UnfinishedWrite } from '../../../src/stores/mongodb/errors.ts';
import { createRedactor } from '../../../src/stores/mongodb/secrets.ts';
import { testCall } from '../../support/call.ts';
import { mongoServer } from '../../support/mongo-server.ts';
import {
  freePort,
  isInstalled,
  mongoDocumentsForTest,
  type RunningServer,
  skipReason,
  startServer,
} from '../../support/mongo-servers.ts';

const bounds = { limit: 10, maxBytes: 100_000 };
const at = { database: 'shop', collection: 'orders' };
const find = { ...at, ...bounds, filter: {}, skip: 0 };

async function failure(work: Promise<unknown>): Promise<HydrogenError> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error, 'it did not fail').toBeInstanceOf(HydrogenError);
  return error as HydrogenError;
}

/** Accepts connections and says nothing: a server that hangs, or a firewall. */
async function silentServer(): Promise<number> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => sockets.add(socket));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const address = server.address();
  return typeof address === 'object' && address ? address.port : 0;
}

describe('a server that cannot be reached', () => {
  test('is said to be so within the time-out, with what to do, without its address', async () => {
    const port = await freePort();
    const store = mongoDocumentsForTest(`mongodb://127.0.0.1:${port}/`, { timeoutMs: 300 });
    const error = await failure(store.find(find, testCall()));
    expect(error.code).toBe('unavailable');
    expect(error.message).toMatch(/connection "test" cannot be reached: nothing listens.*Check that it runs/);
    expect(error.message).not.toContain(String(port));
  });

  test('a server that accepts and never answers does not hold a call', async () => {
    const store = mongoDocumentsForTest(`mongodb://127.0.0.1:${await silentServer()}/`, { timeoutMs: 300 });
    expect(await failure(store.find(find, testCall()))).toMatchObject({ code: 'unavailable' });
  });

  test('a call that ends before the time-out is late, not unavailable', async () => {
    const store = mongoDocumentsForTest(`mongodb://127.0.0.1:${await silentServer()}/`, { timeoutMs: 5_000 });
    const late = testCall({ deadline: Date.now() + 200 });
    expect(await failure(store.find(find, late))).toMatchObject({ code: 'timeout' });
  });

  test('a call that is cancelled does not wait for it', async () => {
    const store = mongoDocumentsForTest(`mongodb://127.0.0.1:${await silentServer()}/`, { timeoutMs: 5_000 });
    const signal = AbortSignal.timeout(50);
    expect(await failure(store.find(find, testCall({ signal })))).toMatchObject({ code: 'cancelled' });
  });

  test('a file for its encryption that is not there is said, without its path', async () => {
    const url = 'mongodb://127.0.0.1:1/?tls=true&tlsCAFile=/nowhere/ca.pem';
    const error = await failure(mongoDocumentsForTest(url, { timeoutMs: 300 }).find(find, testCall()));
    expect(error.message).toMatch(/cannot be reached: a file named in its connection string/);
    expect(error.message).not.toContain('nowhere');
  });

  test.each([
    'mongodb://user:pass@word@host/',
    'mongodb://u:p%zz@host/',
    'mongodb://user:hunter22@/',
    'mongodb+srv://user:hunter22@host:1/',
  ])('a connection string that cannot be used is refused without being repeated (%#)', async (url) => {
    const store = mongoDocumentsForTest(url, { timeoutMs: 300 });
    const error = await failure(store.count({ ...at, filter: {} }, testCall()));
    expect(error.code).toBe('unavailable');
    expect(JSON.stringify([error.message, String(error.cause)])).not.toMatch(/pass@word|hunter22|p%zz/);
  });
});

describe('secrets', () => {
  test('are taken out of any text, in every form they may have', () => {
    const redact = createRedactor('mongodb://jane:s%40crete@db.example.com:27017/app?x=1');
    const text = 'jane s%40crete s@crete db.example.com:27017 mongodb://other:word@elsewhere/ end';
    expect(redact.forLog(text)).toBe('… … … db.example.com:27017 … end');
    expect(redact.forCaller(text)).toBe('… … … … … end');
  });
});

describe('errors of a server keep their meaning', () => {
  const words = {
    server: 'the database server of connection "test"',
    of: 'connection "test"',
    setting: 'the setting',
    late: (cause?: unknown) => callLate({ cause }),
    redact: createRedactor('mongodb://jane:s3cret@db.example.com:27018/'),
  };
  const serverError = (code: number, message: string, name = 'MongoServerError'): Error =>
    Object.assign(new Error(message), { name, code });

  test.each<[string, Error, string, RegExp]>([
    ['a lost cursor', serverError(43, 'cursor id 5 not found'), 'unavailable', /Try again/],
    ['a lock', serverError(24, 'Unable to acquire lock'), 'unavailable', /Try again/],
    ['a stopped operation', serverError(11601, 'operation was interrupted'), 'unavailable', /Try again/],
    [
      'a full disk',
      serverError(14031, 'out of disk space'),
      'unavailable',
      /its disk is full\. Free space there/,
    ],
    [
      'a full disk of FerretDB',
      serverError(1, '[db.go:167 fsql.(*DB).InTransaction] database or disk is full (13)'),
      'unavailable',
      /its disk is full\. Free space there/,
    ],
    ['a time limit', serverError(50, 'operation exceeded time limit'), 'timeout', /time limit/],
    ['a failed validation', serverError(121, 'Document failed validation'), 'bad_input', /failed validation/],
    ['a missing right', serverError(13, 'not authorized on shop'), 'not_allowed', /may not do this/],
    [
      'too few confirmations',
      serverError(64, 'waiting for replication timed out', 'MongoWriteConcernError'),
      'unavailable',
      /Too few members.*confirmed/,
    ],
    [
      'a refusal in the middle of many',
      new UnfinishedWrite('Some may have been changed.', serverError(121, 'Document failed validation')),
      'bad_input',
      /failed validation\. Some may have been changed\.$/,
    ],
  ])('%s', (_what, error, code, message) => {
    const { code: told, message: said } = translate(error, testCall(), words);
    expect(told).toBe(code);
    expect(said).toMatch(message);
  });

  test('hosts, users and passwords in the words of a server are left out', () => {
    const error = serverError(9, 'jane at db.example.com:27018 (s3cret) sent mongodb://a:b@c/d');
    expect(translate(error, testCall(), words).message).not.toMatch(/jane|example|27018|s3cret|mongodb:/);
  });
});

test('an @ behind the hosts does not hide from us which they are; nor do the hosts behind a DNS name', () => {
  const plain = createRedactor('mongodb://jane:s3cret@db.example.com:27018/?appName=me@home');
  expect(plain.forCaller('jane on db.example.com:27018: s3cret')).not.toMatch(/jane|example|27018|s3cret/);
  const named = createRedactor('mongodb+srv://jane:s3cret@cluster0.ab1cd.mongodb.net/shop');
  expect(named.forCaller('at cluster0-shard-00-01.ab1cd.mongodb.net:27017')).not.toMatch(/ab1cd/);
});

describe('a page continues', () => {
  const keysOf = (documents: readonly Document[], sort: Document) => {
    const order = continuationOf(sort);
    return documents.map((document) => order.keys.of(document));
  };

  test('behind a position by a filter that names what lies before it', () => {
    const order = continuationOf({ price: -1 });
    const [keys = []] = keysOf([{ _id: 7, price: 3 }], { price: -1 });
    const filter = JSON.stringify(afterFilter(keys, order));
    expect(filter).toContain('{"price":{"$not":{"$gt":3}}}');
    expect(filter).toContain('{"_id":{"$not":{"$lt":7}}}');
  });
});

describe.skipIf(!isInstalled('ferretdb'))(`on FerretDB${skipReason('ferretdb')}`, () => {
  const server = mongoServer('ferretdb');

  test('what is left of the call goes with every read', async () => {
    const sent: { name: string; command: Record<string, unknown> }[] = [];
    const store = mongoDocumentsForTest(server.url, {
      observe: (name, _database, command) => sent.push({ name, command }),
    });
    const call = testCall({ deadline: Date.now() + 10_000 });
    await store.insert({ ...at, collection: 'reads' }, [{ _id: 1, v: 1 }], call);
    sent.length = 0;
    const reads = { ...at, ...bounds, collection: 'reads', filter: { v: 1 }, skip: 0 };
    await store.find(reads, call);
    await store.aggregate({ ...reads, pipeline: [{ $match: { v: 1 } }] }, call);
    await store.count(reads, call);
    await store.count({ ...reads, filter: {} }, call);
    await store.describe(reads, call);
    await store.explain(reads, call);
    await store.collections(at.database, call);
    await store.databases(call);
    // FerretDB refuses maxTimeMS there; that it was sent is what counts.
    await failure(store.distinct({ ...reads, key: 'v' }, call));
    const commands = sent.filter(({ name }) => !['hello', 'endSessions', 'killCursors'].includes(name));
    expect(new Set(commands.map(({ name }) => name))).toEqual(
      new Set([
        'find',
        'listCollections',
        'aggregate',
        'count',
        'collStats',
        'listIndexes',
        'explain',
        'listDatabases',
        'distinct',
      ]),
    );
    for (const { name, command } of commands) {
      expect(command['maxTimeMS'], `maxTimeMS of ${name}`).toBeGreaterThan(0);
      expect(command['maxTimeMS'], `maxTimeMS of ${name}`).toBeLessThanOrEqual(10_000);
    }
  });

  test('caps are asked of the server: limit and batch size', async () => {
    const sent: Record<string, unknown>[] = [];
    const store = mongoDocumentsForTest(server.url, {
      observe: (name, _database, command) => {
        if (name === 'find' || name === 'aggregate') sent.push(command);
      },
    });
    await store.insert({ ...at, collection: 'caps' }, [{ _id: 1 }], testCall());
    await store.find({ ...find, collection: 'caps', limit: 7 }, testCall());
    await store.aggregate({ ...find, collection: 'caps', limit: 7, pipeline: [] }, testCall());
    expect(sent).toMatchObject([
      { find: 'caps', limit: 8 },
      { aggregate: 'caps', pipeline: [{ $limit: 8 }] },
    ]);
  });

  test("stages that only Atlas has reach the server as they are, and the server's refusal names them", async () => {
    const sent: unknown[] = [];
    const store = mongoDocumentsForTest(server.url, {
      observe: (name, _database, command) => {
        if (name === 'aggregate') sent.push(command['pipeline']);
      },
    });
    await store.insert({ ...at, collection: 'atlas' }, [{ _id: 1 }], testCall());
    const search = { $search: { text: { query: 'salt', path: 'title' } } };
    const query = { ...find, collection: 'atlas', pipeline: [search] };
    const error = await failure(store.aggregate(query, testCall()));
    expect(error).toMatchObject({ code: 'not_supported', message: expect.stringContaining('$search') });
    expect(sent).toEqual([[search, { $limit: 11 }]]);
  });

  test('a wrong password is said, and neither message nor log holds it or the connection string', async () => {
    let log = '';
    const stream = new Writable({
      write(chunk, _encoding, done) {
        log += String(chunk);
        done();
      },
    });
    const url = server.url.replace('//', '//jane:s%40crete-word@');
    const store = mongoDocumentsForTest(url, { timeoutMs: 1_000 });
    const logger = pino({ level: 'trace' }, stream);
    const error = await failure(store.find(find, testCall()));
    logger.error({ err: error }, 'failed');
    expect(error).toMatchObject({
      code: 'unavailable',
      message: expect.stringMatching(/rejects the user and password.*the setting of the test/),
    });
    expect(log).toContain('failed');
    expect(`${error.message}${log}`).not.toMatch(/s%40crete|s@crete|jane|mongodb:\/\//);
  });

  test("the server's own databases and collections are neither listed nor read", async () => {
    const store = mongoDocumentsForTest(server.url);
    for (const namespace of [
      { database: 'admin', collection: 'system.users' },
      { database: 'shop', collection: 'system.profile' },
    ]) {
      expect(await failure(store.count({ ...namespace, filter: {} }, testCall()))).toMatchObject({
        code: 'not_allowed',
      });
    }
    expect((await store.databases(testCall())).map(({ name }) => name)).not.toContain('admin');
  });

  test('where a document is refused in the middle of an insert, the error tells how many are in', async () => {
    const store = mongoDocumentsForTest(server.url);
    const documents: Document[] = Array.from({ length: 1_000 }, (_, _id) => ({ _id }));
    const here = { ...at, collection: 'partly' };
    const duplicate = await failure(store.insert(here, [{ _id: 5 }, { _id: 6 }, { _id: 5 }], testCall()));
    expect(duplicate.message).toBe('An _id already exists. 2 of 3 were inserted before it, the rest not.');
    const large = { _id: 'large', text: 'x'.repeat(17 * 2 ** 20) };
    const fresh = { ...at, collection: 'mostly' };
    const error = await failure(store.insert(fresh, [...documents, large], testCall()));
    expect(error.message).toMatch(/1,000 of 1,001 were inserted before it, the rest not/);
  });

  test('a connection that is read-only refuses every write, and reads', async () => {
    await mongoDocumentsForTest(server.url).insert({ ...at, collection: 'kept' }, [{ _id: 1 }], testCall());
    const store = mongoDocumentsForTest(server.url, { readOnly: true });
    const kept = { ...at, collection: 'kept' };
    const limits = { maxDocuments: 10 };
    const change = { kind: 'delete', ...kept, filter: {}, many: true } as const;
    for (const write of [
      () => store.insert(kept, [{ _id: 2 }], testCall()),
      () => store.put(kept, [{ _id: 2 }], { drop: true }, testCall()),
      () => store.preview(change, limits, testCall()),
      () => store.apply(change, limits, testCall()),
      () => store.createIndex({ ...kept, key: { a: 1 }, unique: false }, testCall()),
    ]) {
      expect(await failure(write())).toMatchObject({ code: 'not_allowed' });
    }
    expect(await store.count({ ...kept, filter: {} }, testCall())).toBe(1);
  });
});

describe.skipIf(!isInstalled('ferretdb'))(`an outage${skipReason('ferretdb')}`, () => {
  test('calls fail while the server is away, and work again when it is back', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'hydrogen-outage-'));
    onTestFinished(() => rm(directory, { recursive: true, force: true, maxRetries: 5 }));
    const server = await startServer('ferretdb', { directory });
    onTestFinished(() => server.stop());
    const store = mongoDocumentsForTest(server.url, { timeoutMs: 500 });
    await store.insert(at, [{ _id: 1 }], testCall());
    await server.kill();
    expect(await failure(store.count({ ...at, filter: {} }, testCall()))).toMatchObject({
      code: 'unavailable',
      message: expect.stringMatching(/cannot be reached.*calls work again as soon as it answers/),
    });
    const again = await startServer('ferretdb', { directory, port: server.port });
    onTestFinished(() => again.stop());
    // No restart, no second try: the first call that finds it back is answered within 5 s.
    expect(await store.count({ ...at, filter: {} }, testCall({ deadline: Date.now() + 5_000 }))).toBe(1);
  });
});

describe.skipIf(!isInstalled('ferretdb'))(`a late start${skipReason('ferretdb')}`, () => {
  test('a server that comes up after the first call is used by the next', async () => {
    const port = await freePort();
    const store = mongoDocumentsForTest(`mongodb://127.0.0.1:${port}/`, { timeoutMs: 300 });
    expect(await failure(store.databases(testCall()))).toMatchObject({ code: 'unavailable' });
    const server = await startServer('ferretdb', { port });
    onTestFinished(() => server.stop());
    expect(await store.databases(testCall())).toEqual([]);
  });
});

describe.skipIf(!isInstalled('mongo-java-server'))(
  `on mongo-java-server${skipReason('mongo-java-server')}`,
  () => {
    let server: RunningServer;
    beforeAll(async () => {
      server = await startServer('mongo-java-server', { replicaSet: 'rs0' });
    });
    afterAll(() => server.stop());

    test('the read preference goes with every read of a replica set', async () => {
      const sent: { name: string; command: Record<string, unknown> }[] = [];
      const store = mongoDocumentsForTest(`${server.url}?replicaSet=rs0`, {
        readPreference: 'secondaryPreferred',
        observe: (name, _database, command) => sent.push({ name, command }),
      });
      const reads = { ...find, collection: 'reads' };
      await store.insert(reads, [{ _id: 1, v: 1 }], testCall());
      sent.length = 0;
      await store.find(reads, testCall());
      await store.aggregate({ ...reads, pipeline: [] }, testCall());
      await store.count(reads, testCall());
      await store.distinct({ ...reads, key: 'v' }, testCall());
      await store.describe(reads, testCall());
      await store.databases(testCall());
      await failure(store.explain(reads, testCall()));
      const commands = sent.filter(({ name }) => !['hello', 'endSessions'].includes(name));
      expect(commands.length).toBeGreaterThan(10);
      for (const { name, command } of commands) {
        expect(command['$readPreference'], `read preference of ${name}`).toMatchObject({
          mode: 'secondaryPreferred',
        });
      }
    });

    test('a collection is followed: what is inserted is told, and again from a position', async () => {
      const store = mongoDocumentsForTest(`${server.url}?replicaSet=rs0`);
      const followed = { ...at, collection: 'followed' };
      await store.insert(followed, [{ _id: 1 }], testCall());
      const end = new AbortController();
      const call = testCall({ signal: end.signal });
      const batches = store.follow(followed, undefined, call)[Symbol.asyncIterator]();
      expect((await batches.next()).value).toMatchObject({ restarted: true });
      await store.insert(followed, [{ _id: 2 }], testCall());
      const { value } = await batches.next();
      expect(value).toMatchObject({ ids: [2], restarted: false });
      end.abort();
      expect(await batches.next()).toMatchObject({ done: true });
    });
  },
);
