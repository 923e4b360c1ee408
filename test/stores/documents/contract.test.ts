import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import type { DocumentServer } from '../../../src/stores/documents/document-server.ts';
import type { DocumentStore } from '../../../src/stores/documents/document-store.ts';
import { createEmbeddedDocuments } from '../../../src/stores/embedded/documents/documents.ts';
import type { StoreFile } from '../../../src/stores/embedded/engine/store-file.ts';
import { createEmbeddedStore } from '../../../src/stores/embedded/store.ts';
import { mongoServer } from '../../support/mongo-server.ts';
import { mongoDocuments, type ServerName, skipReason } from '../../support/mongo-servers.ts';
import { contract } from './contract.ts';

/** What the servers themselves do wrong; see also the notes on them in docs. A test listed here must fail. */
const knownWrong: Readonly<Record<ServerName, Readonly<Record<string, string>>>> = {
  ferretdb: {
    'distinct gives each value once, of arrays their elements': 'distinct does not know maxTimeMS',
    'aggregate joins collections': 'it has no $lookup',
    'the rare types come back as they were stored': 'Decimal128 and others close the connection',
    'sorted by a nested field in lists of documents': 'it does not look into lists on the way of a path',
    'a unique one refuses a second document with its value': 'in an update that is an error of its own',
    'a unique one is not made over values that are there twice': 'that is an error of its own',
    'explain names the index that is used': 'it tells a scan whatever is used',
  },
  'mongo-java-server': {
    'sorted by a nested field in lists of documents': 'an empty list on the way of a path is not null to it',
    'an unknown database is not found, and near names are offered':
      'a database is there as soon as it has been asked for',
    'explain names a collection scan as such': 'it has no explain',
    'explain names the index that is used': 'it has no explain',
  },
};

let directory: string;
let file: StoreFile;
let embedded: DocumentStore;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'hydrogen-contract-'));
  file = createEmbeddedStore(directory, 1);
  embedded = createEmbeddedDocuments(file);
});
afterAll(async () => {
  await file.close();
  await rm(directory, { recursive: true, force: true, maxRetries: 5 });
});
contract({ name: 'embedded', skip: '', store: () => embedded, knownWrong: {} });

for (const name of ['ferretdb', 'mongo-java-server'] as const) {
  const server = mongoServer(name);
  let store: DocumentServer | undefined;
  afterAll(() => store?.close());
  contract({
    name,
    skip: skipReason(name),
    store() {
      store ??= mongoDocuments(server.url, { timeoutMs: 5_000 });
      return store;
    },
    knownWrong: knownWrong[name],
  });
}
