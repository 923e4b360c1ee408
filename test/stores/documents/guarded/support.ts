import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { type Call, type Caller, operations } from '../../../../src/call.ts';
import { HydrogenError } from '../../../../src/errors.ts';
import { stringifyExtendedJson } from '../../../../src/mql/index.ts';
import type { CollectionRule, DataRules } from '../../../../src/policy/data-rules.ts';
import type { DocumentStore } from '../../../../src/stores/documents/document-store.ts';
import { guardedStore } from '../../../../src/stores/documents/guarded.ts';
import { createEmbeddedDocuments } from '../../../../src/stores/embedded/documents/documents.ts';
import type { StoreFile } from '../../../../src/stores/embedded/engine/store-file.ts';
import { createEmbeddedStore } from '../../../../src/stores/embedded/store.ts';
import { testCall } from '../../../support/call.ts';

const reader: Caller = { id: 'reader', scopes: operations, roles: ['reader'] };

/** A call by somebody whose rules are those of the test. */
export const readerCall = (overrides: Partial<Call> = {}): Call => testCall({ caller: reader, ...overrides });

/** The rules of the collections that exist for the reader, in every database; nothing else does. */
export function rulesFor(collections: Readonly<Record<string, CollectionRule>>): DataRules {
  return {
    isUnrestricted: false,
    database: ({ database }) => database !== 'closed',
    collection: ({ database, collection }) =>
      database !== 'closed' && Object.hasOwn(collections, collection) ? collections[collection] : undefined,
  };
}

/** The store with rules for the reader, and none for the owner. */
export const guardedBy = (
  store: DocumentStore,
  collections: Readonly<Record<string, CollectionRule>>,
): DocumentStore =>
  guardedStore(store, 'test', (caller) =>
    caller.roles === undefined ? { ...rulesFor({}), isUnrestricted: true } : rulesFor(collections),
  );

/** An embedded store for the tests of a file. */
export function embeddedForFile(): () => DocumentStore {
  let directory: string;
  let file: StoreFile;
  let store: DocumentStore;
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'hydrogen-guarded-'));
    file = createEmbeddedStore(directory, 1);
    store = createEmbeddedDocuments(file);
  });
  afterAll(async () => {
    await file.close();
    await rm(directory, { recursive: true, force: true, maxRetries: 5 });
  });
  return () => store;
}

/** The store, which notes what is asked of it. */
export function watched(store: DocumentStore): { store: DocumentStore; asked: string[] } {
  const asked: string[] = [];
  const noting = new Proxy(store, {
    get(target, name: keyof DocumentStore) {
      const method = target[name] as (...args: unknown[]) => unknown;
      return (...args: unknown[]) => {
        asked.push(name);
        return method(...args);
      };
    },
  });
  return { store: noting, asked };
}

/** What a caller gets to see of work: the answer, or the code and the text of the error. */
export async function outcome(work: () => Promise<unknown>): Promise<string> {
  try {
    return stringifyExtendedJson(await work(), { relaxed: false });
  } catch (error) {
    if (!(error instanceof HydrogenError)) throw error;
    return `${error.code}: ${error.message} [${error.suggestions.join()}]`;
  }
}

export const bounds = { limit: 1_000, maxBytes: 10_000_000 };
