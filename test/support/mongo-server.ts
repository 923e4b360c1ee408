import { randomUUID } from 'node:crypto';
import { MongoClient } from 'mongodb';
import { afterAll, beforeAll } from 'vitest';
import type { MongoStore, MongoStoreSettings } from '../../src/stores/mongodb/client.ts';
import {
  isInstalled,
  mongoStoreForTest,
  type RunningServer,
  type ServerName,
  startServer,
} from './mongo-servers.ts';

/** A server for the tests of a file or a `describe`. It is empty before them, and must not be stopped. */
export interface MongoServer {
  /** From the first test on. */
  readonly url: string;
  /** The server's own data as so many processes see it that share one new database; closed when the test ends. */
  stores(count: number, settings?: Partial<MongoStoreSettings>): MongoStore[];
  /** The same for one process. */
  store(settings?: Partial<MongoStoreSettings>): MongoStore;
}

const running = new Map<ServerName, Promise<RunningServer>>();

/** One for this process: it takes a server a second to start, and more until its code is compiled. */
function serverOfProcess(name: ServerName): Promise<RunningServer> {
  const server = running.get(name) ?? startServer(name);
  running.set(name, server);
  return server;
}

const builtIn = ['admin', 'config', 'local'];

async function dropAll(url: string): Promise<void> {
  const client = await MongoClient.connect(url);
  try {
    const { databases } = await client.db('admin').admin().listDatabases({ nameOnly: true });
    const names = databases.map(({ name }) => name).filter((name) => !builtIn.includes(name));
    await Promise.all(names.map((name) => client.db(name).dropDatabase()));
  } finally {
    await client.close();
  }
}

/** Called where the tests are collected; does nothing if the server is not installed. */
export function mongoServer(name: ServerName): MongoServer {
  let server: RunningServer | undefined;
  beforeAll(async () => {
    if (isInstalled(name)) server = await serverOfProcess(name);
  });
  afterAll(async () => {
    if (server) await dropAll(server.url);
  });
  const given: MongoServer = {
    get url() {
      if (!server) throw new Error(`${name} was not started`);
      return server.url;
    },
    store: (settings) => mongoStoreForTest(given.url, { timeoutMs: 10_000, ...settings }),
    stores(count, settings) {
      const database = `store-${randomUUID()}`;
      return Array.from({ length: count }, () => given.store({ database, ...settings }));
    },
  };
  return given;
}
