import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { HydrogenError } from '../../../src/errors.ts';
import type { CollectionIndexes } from '../../../src/stores/mongodb/indexes.ts';
import { testCall } from '../../support/call.ts';
import { mongoServer } from '../../support/mongo-server.ts';
import {
  freePort,
  isInstalled,
  mongoStoreForTest,
  type ServerName,
  skipReason,
  startServer,
} from '../../support/mongo-servers.ts';

const things: CollectionIndexes = { things: [{ key: { name: 1 }, unique: true }, { key: { at: 1 } }] };

async function failure(work: Promise<unknown>): Promise<HydrogenError> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  return error as HydrogenError;
}

interface Way {
  readonly port: number;
  /**
   * From now on nothing comes back from the server, until all connections are closed.
   * @returns what resolves when something was asked, by another connection than the first, which is that of heartbeats
   */
  hold(): Promise<void>;
  /** Closes the connections that there are, the oldest first: to a client, that is the one for its heartbeats. */
  closeAll(): void;
  close(): void;
}

async function openWay(toPort: number): Promise<Way> {
  const open: { readonly near: Socket; readonly far: Socket }[] = [];
  let asked: (() => void) | undefined;
  const way = createServer((near) => {
    const far = connect(toPort, '127.0.0.1');
    for (const socket of [near, far]) socket.on('error', () => {});
    near.pipe(far);
    if (!asked) far.pipe(near);
    open.push({ near, far });
    near.on('data', () => {
      if (open[0]?.near !== near) asked?.();
    });
  }).listen(0, '127.0.0.1');
  await once(way, 'listening');
  const closeAll = (): void => {
    asked = undefined;
    for (const { near, far } of open.splice(0)) {
      near.destroy();
      far.destroy();
    }
  };
  return {
    port: (way.address() as AddressInfo).port,
    hold() {
      const { promise, resolve } = Promise.withResolvers<void>();
      asked = resolve;
      for (const { near, far } of open) far.unpipe(near);
      return promise;
    },
    closeAll,
    close() {
      closeAll();
      way.close();
    },
  };
}

describe.each<ServerName>(['ferretdb', 'mongo-java-server'])('on %s', (name) => {
  const found = isInstalled(name);
  const server = mongoServer(name);
  const url = (): string => server.url;

  // FerretDB closes the connections of some that make one collection at once; MongoDB makes it once.
  test.skipIf(!found || name === 'ferretdb')(
    `clients that begin at once make the indexes once${skipReason(name)}`,
    async () => {
      const clients = Array.from({ length: 4 }, () => mongoStoreForTest(url(), { database: 'at-once' }));
      const counts = await Promise.all(
        clients.map((client) =>
          client
            .area(things)
            .run(testCall(), async ({ db }) => (await db.collection('things').indexes()).length),
        ),
      );
      expect(counts).toEqual([3, 3, 3, 3]);
    },
  );

  test.skipIf(!found)(`one client asks for the indexes once${skipReason(name)}`, async () => {
    const commands: string[] = [];
    const client = mongoStoreForTest(url(), { observe: (command) => commands.push(command) });
    const area = client.area(things);
    for (let i = 0; i < 3; i++) await area.run(testCall(), ({ db }) => db.collection('things').findOne({}));
    expect(commands.filter((command) => command === 'createIndexes')).toHaveLength(1);
  });

  test.skipIf(!found)(
    `what is sent is confirmed by a majority and carries what is left of the call${skipReason(name)}`,
    async () => {
      const inserts: Record<string, unknown>[] = [];
      const client = mongoStoreForTest(url(), {
        observe: (command, _database, sent) => {
          if (command === 'insert') inserts.push(sent);
        },
      });
      await client
        .area({})
        .run(testCall({ deadline: Date.now() + 20_000 }), ({ db, options }) =>
          db.collection('things').insertOne({ a: 1 }, options()),
        );
      expect(inserts).toMatchObject([{ writeConcern: { w: 'majority' }, maxTimeMS: expect.any(Number) }]);
      expect(Number(inserts[0]?.['maxTimeMS'])).toBeLessThanOrEqual(20_000);
    },
  );

  test.skipIf(!found)(
    `a single server has no transactions, and tells its time${skipReason(name)}`,
    async () => {
      const facts = await mongoStoreForTest(url())
        .area({})
        .run(testCall(), (session) => session.facts());
      expect(facts.transactions).toBe(false);
      expect(Math.abs(facts.now() - Date.now())).toBeLessThan(2_000);
    },
  );

  test.skipIf(!found)(`health names the database and measures a round trip${skipReason(name)}`, async () => {
    const status = mongoStoreForTest(url(), { database: 'own' }).status('runs');
    expect(status).toMatchObject({
      where: 'MongoDB server with runs, database "own"',
      of: 'the setting mongodbUrl',
    });
    expect(await status.ping(testCall())).toBeGreaterThan(0);
  });
});

const java = mongoServer('mongo-java-server');

test.skipIf(!isInstalled('mongo-java-server')).each([
  [13, 'unavailable', /does not let its user work on the database "own"\. Give the user the role readWrite/],
  [2, 'internal', /refused what this server asked for its own data on the database "own"/],
])(
  `the refusal %i is a matter of the settings or of ours, not of the request${skipReason('mongo-java-server')}`,
  async (number, code, message) => {
    const refusal = Object.assign(new Error('refused'), { name: 'MongoServerError', code: number });
    const refused = mongoStoreForTest(java.url, { database: 'own' })
      .area({})
      .run(testCall(), () => Promise.reject(refusal));
    expect(await failure(refused)).toMatchObject({ code, message: expect.stringMatching(message) });
  },
);

test.skipIf(!isInstalled('mongo-java-server'))(
  `a member of a replica set has transactions${skipReason('mongo-java-server')}`,
  async () => {
    const server = await startServer('mongo-java-server', { replicaSet: 'rs0' });
    onTestFinished(() => server.stop());
    const facts = await mongoStoreForTest(server.url)
      .area({})
      .run(testCall(), (session) => session.facts());
    expect(facts.transactions).toBe(true);
  },
);

test.skipIf(!isInstalled('mongo-java-server'))(
  `a client whose connections were all closed at once finds its server again${skipReason('mongo-java-server')}`,
  async () => {
    const server = await startServer('mongo-java-server');
    onTestFinished(() => server.stop());
    const way = await openWay(server.port);
    onTestFinished(() => way.close());
    const area = mongoStoreForTest(`mongodb://127.0.0.1:${way.port}/`, { timeoutMs: 1_000 }).area({});
    const ask = (ms: number): Promise<number> =>
      area.run(testCall({ deadline: Date.now() + ms }), ({ db, options }) =>
        db.collection('things').countDocuments({}, options()),
      );
    await ask(20_000);
    // A heartbeat is sent at once only where the last one was half a second ago.
    await delay(700);
    const asked = way.hold();
    const asking = failure(ask(2_000));
    await asked;
    way.closeAll();
    expect(await asking).toMatchObject({ code: 'unavailable' });
    await expect.poll(() => ask(2_000), { timeout: 20_000 }).toBe(0);
  },
);

test('a server that is away is named by its setting, and not by its host or password', async () => {
  const port = await freePort();
  const client = mongoStoreForTest(`mongodb://jane:s3cret@127.0.0.1:${port}/`, { timeoutMs: 200 });
  const error = await failure(client.area(things).run(testCall(), async () => 1));
  expect(error).toMatchObject({
    code: 'unavailable',
    reason: 'not_sent',
    message:
      'The MongoDB server (setting mongodbUrl) cannot be reached: nothing listens at its address. Check that it runs and that mongodbUrl is right; calls work again as soon as it answers.',
  });
});

test('a server that accepts and never answers costs a call no more than its time', async () => {
  const silent = createServer(() => {}).listen(0, '127.0.0.1');
  await once(silent, 'listening');
  onTestFinished(() => void silent.close());
  const { port } = silent.address() as AddressInfo;
  const client = mongoStoreForTest(`mongodb://127.0.0.1:${port}/`, { timeoutMs: 20_000 });
  const begun = Date.now();
  const error = await failure(
    client.area(things).run(testCall({ deadline: Date.now() + 300 }), async () => 1),
  );
  expect(error).toMatchObject({
    code: 'timeout',
    message:
      'The MongoDB server (setting mongodbUrl) did not answer within the time of the call. Check that it is well, and try again.',
  });
  expect(Date.now() - begun).toBeLessThan(2_000);
});

test('a server that is silent for the time of an attempt is away, though the call could wait longer', async () => {
  const silent = createServer(() => {}).listen(0, '127.0.0.1');
  onTestFinished(() => void silent.close());
  await once(silent, 'listening');
  const { port } = silent.address() as AddressInfo;
  const client = mongoStoreForTest(`mongodb://127.0.0.1:${port}/`, {
    timeoutMs: 20_000,
    policy: (call, work) => work({ ...call, deadline: Date.now() + 200 }),
  });
  expect(await failure(client.area(things).run(testCall(), async () => 1))).toMatchObject({
    code: 'unavailable',
    message: expect.stringMatching(/^The MongoDB server \(setting mongodbUrl\) does not answer in time\./),
  });
});

const encrypted = '127.0.0.1:PORT/?tls=true&tlsAllowInvalidCertificates=true';

test.skipIf(!isInstalled('mongo-java-server')).each([
  ['a server without encryption', encrypted, /cannot be reached: .* Check that it runs and that mongodbUrl/],
  [
    'an option that there is not',
    '127.0.0.1:PORT/?nonsense=1',
    /connection string .* cannot be used.*Correct mongodbUrl/,
  ],
  [
    'a host that there is not',
    'nowhere.invalid:PORT/',
    /cannot be reached: its host name cannot be resolved/,
  ],
])(
  `%s is told in one sentence, without a secret${skipReason('mongo-java-server')}`,
  async (_what, rest, message) => {
    const url = `mongodb://jane:s3cret@${rest.replace('PORT', new URL(java.url).port)}`;
    const store = mongoStoreForTest(url, { timeoutMs: 1_000 });
    const error = await failure(store.area(things).run(testCall(), async () => 1));
    expect(error).toMatchObject({ code: 'unavailable', message: expect.stringMatching(message) });
    expect(error.message).toMatch(/^(The connection string of )?The MongoDB server \(setting mongodbUrl\)/);
    expect(error.message).not.toMatch(/jane|s3cret|127\.0\.0\.1|nowhere/);
  },
);

const ferret = mongoServer('ferretdb');

test.skipIf(!isInstalled('ferretdb'))(
  `a wrong password is told, with what to correct, and not shown${skipReason('ferretdb')}`,
  async () => {
    const url = ferret.url.replace('//', '//jane:s3cret@');
    const store = mongoStoreForTest(url);
    const error = await failure(store.area(things).run(testCall(), async () => 1));
    expect(error).toMatchObject({
      code: 'unavailable',
      message:
        'The MongoDB server (setting mongodbUrl) rejects the user and password. Correct them in mongodbUrl, with the right authSource, and restart this server.',
    });
  },
);

test('every use goes through the policy, which learns what may be repeated', async () => {
  const asked: unknown[] = [];
  const client = mongoStoreForTest('mongodb://127.0.0.1:1/', {
    async policy(_call, _work, options) {
      asked.push(options);
      throw new Error('broken');
    },
  });
  const error = await failure(client.area({}).run(testCall(), async () => 1, { repeatable: true }));
  expect(error.message).toBe('broken');
  expect(asked).toEqual([{ repeatable: true }]);
});
