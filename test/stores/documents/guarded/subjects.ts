import { afterAll } from 'vitest';
import type { DocumentServer } from '../../../../src/stores/documents/document-server.ts';
import type { DocumentStore } from '../../../../src/stores/documents/document-store.ts';
import { mongoServer } from '../../../support/mongo-server.ts';
import { mongoDocuments, type ServerName, skipReason } from '../../../support/mongo-servers.ts';
import { embeddedForFile } from './support.ts';

/** A store that rules are tested on. */
export interface Subject {
  readonly name: string;
  /** A reason to skip everything, '' for none. */
  readonly skip: string;
  store(): DocumentStore;
}

function serverForFile(name: ServerName): () => DocumentStore {
  const server = mongoServer(name);
  let store: DocumentServer | undefined;
  afterAll(() => store?.close());
  return () => {
    store ??= mongoDocuments(server.url, { timeoutMs: 5_000 });
    return store;
  };
}

/** The embedded store and the servers, for the tests of a file; called at its top. */
export function subjectsForFile(servers: readonly ServerName[]): Subject[] {
  return [
    { name: 'embedded', skip: '', store: embeddedForFile() },
    ...servers.map((name) => ({ name, skip: skipReason(name), store: serverForFile(name) })),
  ];
}
