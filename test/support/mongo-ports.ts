import { afterAll, beforeAll } from 'vitest';
import { createMongoLibraryPorts, type MongoLibraryPorts } from '../../src/stores/mongodb/catalog/ports.ts';
import type { MongoStoreSettings } from '../../src/stores/mongodb/client.ts';
import {
  isInstalled,
  mongoStoreForTest,
  type RunningServer,
  type ServerName,
  startServer,
} from './mongo-servers.ts';

/** A server for the tests of a file, and the library's ports on it. */
export interface MongoPortsServer {
  readonly url: () => string;
  /** On an empty database, closed when the test ends. */
  open(settings?: Partial<MongoStoreSettings>): MongoLibraryPorts;
  /** As many nodes with clients of their own on one empty database. */
  openNodes(count: number, settings?: Partial<MongoStoreSettings>): readonly MongoLibraryPorts[];
}

/** Does all twice: as if each first answer had been lost. */
export const everythingTwice: Pick<MongoStoreSettings, 'policy'> = {
  async policy(call, work) {
    await work(call);
    return work(call);
  },
};

/** Starts it before the tests of a file, if it is installed, and stops it behind them. */
export function mongoPortsServer(name: ServerName): MongoPortsServer {
  let server: RunningServer | undefined;
  let databases = 0;
  beforeAll(async () => {
    if (isInstalled(name)) server = await startServer(name);
  });
  afterAll(() => server?.stop());
  const url = (): string => {
    if (!server) throw new Error(`${name} was not started`);
    return server.url;
  };
  const openNodes: MongoPortsServer['openNodes'] = (count, settings) => {
    const database = `ports-${++databases}`;
    const stores = Array.from({ length: count }, () =>
      mongoStoreForTest(url(), { database, timeoutMs: 10_000, ...settings }),
    );
    return stores.map((store) => createMongoLibraryPorts(store));
  };
  return {
    ...{ url, openNodes },
    open(settings) {
      const [ports] = openNodes(1, settings);
      if (!ports) throw new Error('no ports were opened');
      return ports;
    },
  };
}
