import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import type { Call } from '../../../../src/call.ts';
import type { Document } from '../../../../src/mql/index.ts';
import type { DocumentStore } from '../../../../src/stores/documents/document-store.ts';
import {
  type ImportOptions,
  type ImportReport,
  importFile,
} from '../../../../src/stores/documents/import/import.ts';
import { createEmbeddedDocuments } from '../../../../src/stores/embedded/documents/documents.ts';
import type { StoreFile } from '../../../../src/stores/embedded/engine/store-file.ts';
import { createEmbeddedStore } from '../../../../src/stores/embedded/store.ts';
import { temporaryDirectory, testCall } from '../../../support/call.ts';

export interface Bench {
  readonly store: DocumentStore;
  readonly database: string;
  readonly directory: string;
  /** Writes a file and tells its path. */
  file(name: string, content: string | Uint8Array): Promise<string>;
  /** Imports a file into the collection "things". */
  bring(path: string, options?: Partial<ImportOptions>, call?: Call): Promise<ImportReport>;
  /** What a collection holds, in order of insertion. */
  things(collection?: string): Promise<readonly Document[]>;
}

/**
 * One store for all tests of a file, because it costs half a second; each bench is a database of its own in it, and a
 * folder for files.
 */
export function useStore(): () => Promise<Bench> {
  let databases = 0;
  let home: string;
  let storeFile: StoreFile;
  let store: DocumentStore;
  beforeAll(async () => {
    home = await mkdtemp(join(tmpdir(), 'hydrogen-test-'));
    storeFile = createEmbeddedStore(home, 1);
    store = createEmbeddedDocuments(storeFile);
  });
  afterAll(async () => {
    await storeFile.close();
    await rm(home, { recursive: true, force: true, maxRetries: 5 });
  });
  return async () => {
    const directory = await temporaryDirectory();
    const database = `database-${databases++}`;
    return {
      store,
      database,
      directory,
      async file(name, content) {
        const path = join(directory, name);
        await writeFile(path, content);
        return path;
      },
      bring: (path, options = {}, call = testCall()) =>
        importFile(store, { database, collection: 'things' }, path, { drop: false, ...options }, call),
      async things(collection = 'things') {
        const query = { database, collection, filter: {}, skip: 0, limit: 100_000, maxBytes: 1e8 };
        return (await store.find(query, testCall())).documents;
      },
    };
  };
}

/** The documents without their `_id`s. */
export function withoutIds(documents: readonly Document[]): Document[] {
  return documents.map(({ _id, ...rest }) => rest);
}
