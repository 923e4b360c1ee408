import { createMongoLibraryPorts, type MongoLibraryPorts } from '../../src/stores/mongodb/catalog/ports.ts';
import type { MongoStoreSettings } from '../../src/stores/mongodb/client.ts';
import { mongoServer } from './mongo-server.ts';
import type { ServerName } from './mongo-servers.ts';

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

export function mongoPortsServer(name: ServerName): MongoPortsServer {
  const server = mongoServer(name);
  return {
    url: () => server.url,
    open: (settings) => createMongoLibraryPorts(server.store(settings)),
    openNodes: (count, settings) => server.stores(count, settings).map(createMongoLibraryPorts),
  };
}
