import type {
  Backfill,
  Catalog,
  DocumentCatalog,
  LibraryPorts,
  Retriever,
  TrackedPath,
} from '../../index/types.ts';
import { createClient } from '../engine/operations.ts';
import type { StoreFile } from '../engine/store-file.ts';
import { indexOperations, leaseOperations, positionOperations } from './operations.ts';

const anyPending = 'SELECT 1 FROM index_chunks WHERE embedded = 0 LIMIT 1';
const anyRetired = "SELECT 1 FROM index_spaces WHERE state = 'retired'";

/** Finds a row if the tracked paths differ from these, which are in order of path. */
function otherPathsThan(known: readonly TrackedPath[]): string {
  const places = known.map((place) => JSON.stringify(place)).join('');
  return `SELECT 1 WHERE '${places.replaceAll("'", "''")}' <>
    coalesce((SELECT group_concat(place, '') FROM (SELECT place FROM index_places ORDER BY path)), '')`;
}

/** A transaction is not interrupted. */
const unfinished = async (): Promise<readonly string[]> => [];

/** All three in one file, so that a document and its passages are written in one transaction. */
export type EmbeddedIndex = Catalog & Retriever & Backfill;

/**
 * The search index in the SQLite file. Words and vectors are scored on the `index` thread, which holds lengths and
 * vectors in memory and checks on each call for changes by any process.
 */
export function createEmbeddedIndex(file: StoreFile): EmbeddedIndex {
  const operations = createClient(file, indexOperations);
  return {
    ...operations,
    hasOtherTrackedPaths: async (known) => file.peek(otherPathsThan(known)),
    unfinished,
    async pending(limit, call) {
      if (!file.peek(anyPending)) return { chunks: [], total: 0 };
      return operations.pending(limit, call);
    },
    async removeRetired(call) {
      return file.peek(anyRetired) && operations.removeRetired(call);
    },
  };
}

/** A catalog whose passages are elsewhere: documents, their text and pages, sources, places and files. */
export function createEmbeddedCatalog(file: StoreFile): DocumentCatalog {
  const { upsertDocuments, ...operations } = createClient(file, indexOperations);
  return {
    ...operations,
    upsert: upsertDocuments,
    unfinished,
    hasOtherTrackedPaths: async (known) => file.peek(otherPathsThan(known)),
  };
}

/** The ports of the library, all in the store file. */
export function createEmbeddedLibraryPorts(file: StoreFile): LibraryPorts {
  const index = createEmbeddedIndex(file);
  return {
    ...{ catalog: index, retriever: index, backfill: index },
    lease: createClient(file, leaseOperations),
    positions: createClient(file, positionOperations),
  };
}
