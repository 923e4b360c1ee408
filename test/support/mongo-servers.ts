import { randomUUID } from 'node:crypto';
import { onTestFinished } from 'vitest';
import { installed, type ServerName } from '../../scripts/mongo-servers/install.ts';
import {
  type RunningServer,
  type StartOptions,
  startFerret,
  startJava,
} from '../../scripts/mongo-servers/start.ts';
import type { DocumentServer, DocumentServerSettings } from '../../src/stores/documents/document-server.ts';
import { createMongoDocuments } from '../../src/stores/documents/mongodb/mongodb.ts';
import {
  createMongoStore,
  type MongoStore,
  type MongoStoreSettings,
} from '../../src/stores/mongodb/client.ts';

export { freePort } from '../../scripts/mongo-servers/start.ts';
export type { RunningServer, ServerName };

const starts = { ferretdb: startFerret, 'mongo-java-server': startJava } as const;

/** Whether `npm run servers` has installed it; a test that is skipped says so in its title. */
export const isInstalled = installed;

export function skipReason(name: ServerName): string {
  return installed(name) ? '' : ` (skipped: ${name} is not installed, see \`npm run servers\`)`;
}

/** A server for one test or file; the caller stops it, and it ends with this process in any case. */
export function startServer(name: ServerName, options: StartOptions = {}): Promise<RunningServer> {
  return starts[name](options);
}

/** The store on a server, closed after the test. */
export function mongoDocuments(url: string, settings: Partial<DocumentServerSettings> = {}): DocumentServer {
  const store = createMongoDocuments({
    name: 'test',
    setting: 'the setting of the test',
    url,
    readOnly: false,
    timeoutMs: 1_000,
    ...settings,
  });
  return store;
}

/** The same, closed when the test that made it ends. */
export function mongoDocumentsForTest(
  url: string,
  settings: Partial<DocumentServerSettings> = {},
): DocumentServer {
  const store = mongoDocuments(url, settings);
  onTestFinished(() => store.close());
  return store;
}

/** The server's own data on a server, on a database of its own unless one is given; closed when the test ends. */
export function mongoStoreForTest(url: string, settings: Partial<MongoStoreSettings> = {}): MongoStore {
  const store = createMongoStore({
    url,
    setting: 'mongodbUrl',
    database: `store-${randomUUID()}`,
    timeoutMs: 1_000,
    ...settings,
  });
  onTestFinished(() => store.close());
  return store;
}
