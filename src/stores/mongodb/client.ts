import type { Db, MongoClient } from 'mongodb';
import type { Call } from '../../call.ts';
import { callLate, HydrogenError } from '../../errors.ts';
import type { Backend } from '../backend.ts';
import type { ServerStatus } from '../store-status.ts';
import { loadDriver } from './driver.ts';
import { translate } from './errors.ts';
import { type CollectionIndexes, createIndexes } from './indexes.ts';
import { createServer, type ServerSession, type ServerSettings } from './server.ts';
import { createServerFacts, type ServerFacts } from './server-facts.ts';

// The server's own data on MongoDB. What lies there is divided into areas (`catalog/`, `journal/`, `shared/`), which
// share this one client and do not know each other.

export interface MongoStoreSettings
  extends Pick<ServerSettings, 'url' | 'timeoutMs' | 'maxPoolSize' | 'observe'> {
  /** The name of the setting with the connection string. */
  readonly setting: string;
  readonly database: string;
  /** Every use of the server goes through it: retries, a breaker, a limit of how much is asked at once. */
  readonly policy?: Backend['use'];
}

/** One use of the database. */
export interface StoreSession extends Pick<ServerSession, 'call' | 'options'> {
  /**
   * Writes are confirmed by a majority, and what is read was: what one process has seen, no failover takes back. Reads
   * go to the primary.
   */
  readonly db: Db;
  /** For transactions. */
  readonly client: MongoClient;
  /** Whether it has transactions (a replica set or a cluster has, a single server does not), and its clock. */
  facts(): Promise<ServerFacts>;
}

/** What the policy is told of the work. */
type UseOptions = Parameters<Backend['use']>[2];

/** The collections of one kind of data. */
export interface MongoArea {
  /** @throws HydrogenError `unavailable` where the server is at fault, in words that reveal neither host nor user. */
  run<T>(call: Call, work: (session: StoreSession) => Promise<T>, options?: UseOptions): Promise<T>;
}

export interface MongoStore {
  /**
   * @param collections the indexes of each collection; they are made at the first use, once in a process. Several
   * processes may do so at once.
   */
  area(collections: CollectionIndexes): MongoArea;
  /**
   * What health says of the server.
   * @param kept what does not work without it: `runs, keys`
   */
  status(kept: string): ServerStatus;
  /** From the next use on by another connection string, for the same data. */
  reconnect(url: string): void;
  close(): Promise<void>;
}

/** The role of MongoDB that is enough for the server's own data. */
const role = 'readWrite';

/**
 * A request that the server refuses was made by our own code, not by a caller: either its user lacks a right, or the
 * server differs from a MongoDB, or the error is ours.
 */
function inOurWords(error: HydrogenError, server: string, database: string): HydrogenError {
  if (error.code === 'not_allowed') {
    return new HydrogenError(
      'unavailable',
      `${server} does not let its user work on the database "${database}". Give the user the role ${role} there.`,
      { cause: error.cause },
    );
  }
  if (['bad_input', 'conflict', 'not_found', 'not_supported'].includes(error.code)) {
    return new HydrogenError(
      'internal',
      `${server} refused what this server asked for its own data on the database "${database}"; the log says what. Check that it is a MongoDB of version 4.4 or newer.`,
      { cause: error.cause },
    );
  }
  return error;
}

/** Does nothing until the first use: it loads the driver then, and connects. */
export function createMongoStore(settings: MongoStoreSettings): MongoStore {
  const { setting, database, policy, ...rest } = settings;
  const name = `The MongoDB server (setting ${setting})`;
  const server = createServer({
    ...rest,
    words: {
      server: name,
      of: name,
      setting,
      late: (cause) =>
        callLate({
          message: `${name} did not answer within the time of the call. Check that it is well, and try again.`,
          cause,
        }),
    },
    inWords: (error, call, words) =>
      error instanceof HydrogenError ? error : inOurWords(translate(error, call, words), name, database),
  });
  const factsOf = createServerFacts();
  const silent = (cause: unknown): HydrogenError =>
    new HydrogenError(
      'unavailable',
      `${name} does not answer in time. Check that it runs and is not overloaded; calls work again as soon as it answers.`,
      { cause },
    );

  function run<T>(call: Call, work: (session: StoreSession) => Promise<T>, options?: UseOptions): Promise<T> {
    // With a policy, each attempt has a time of its own: one that is late before the call is says that the server is.
    const attempt = (bounded: Call): Promise<T> =>
      use(bounded).catch((error: unknown) => {
        const isLate = error instanceof HydrogenError && error.reason === 'late';
        throw isLate && Date.now() < call.deadline ? silent(error) : error;
      });
    const use = (bounded: Call): Promise<T> =>
      server.run(bounded, async ({ client, options: optionsOf }) => {
        const { ReadConcern } = await loadDriver();
        const db = client.db(database, {
          writeConcern: { w: 'majority' },
          readConcern: new ReadConcern('majority'),
          readPreference: 'primary',
        });
        const facts = (): Promise<ServerFacts> => factsOf(client, optionsOf().signal);
        return await work({ client, call: bounded, options: optionsOf, db, facts });
      });
    return policy ? policy(call, attempt, options) : use(call);
  }

  return {
    area(collections) {
      const indexes = createIndexes(collections);
      return {
        run: (call, work, options) =>
          run(
            call,
            async (session) => {
              await indexes.ensure(session.db);
              session.options().signal.throwIfAborted();
              return await work(session);
            },
            options,
          ),
      };
    },
    status: (kept) => ({
      name: 'mongodb',
      where: `MongoDB server with ${kept}, database "${database}"`,
      of: `the setting ${setting}`,
      async ping(call) {
        const started = performance.now();
        await server.run(call, ({ client, options }) =>
          client.db('admin').command({ ping: 1 }, { signal: options().signal }),
        );
        return performance.now() - started;
      },
    }),
    reconnect: (url) => server.reconnect(url),
    close: () => server.close(),
  };
}
