import type { Call } from '../../../call.ts';
import type {
  Backfill,
  Candidates,
  Catalog,
  DocumentCatalog,
  LibraryArchive,
  LibraryPorts,
  Retriever,
  TrackedPath,
  Wanted,
} from '../../index/types.ts';
import { createClient } from '../engine/operations.ts';
import type { StoreFile } from '../engine/store-file.ts';
import { archiveOperations, indexOperations, leaseOperations, positionOperations } from './operations.ts';

const anyPending = 'SELECT 1 FROM index_chunks WHERE embedded = 0 LIMIT 1';
const anyWithoutVectors =
  "SELECT 1 FROM index_spaces WHERE state = 'serving' AND NOT EXISTS (SELECT 1 FROM index_bits WHERE index_bits.space = index_spaces.space)";
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
  const { keywordCandidates, score, ...operations } = createClient(file, indexOperations);
  return {
    ...operations,
    async candidates(
      { words, byWords: limit, scoredWords, vector, byMeaning, selection }: Wanted,
      call: Call,
    ): Promise<Candidates> {
      const looked = limit > 0 ? keywordCandidates(words, selection, limit, call) : Promise.resolve([]);
      // Awaited after the vector, which may fail first.
      looked.catch(() => {});
      const made = await vector;
      const byWords = await looked;
      if (!made) return { byWords, nearest: [], scored: [], fullKeywords: 0 };
      const chunks = byWords.map(({ chunk }) => chunk);
      const asked = { query: scoredWords, vector: made, chunks, nearest: byMeaning, selection };
      return { byWords, ...(await score(asked, call)) };
    },
    hasOtherTrackedPaths: async (known) => file.peek(otherPathsThan(known)),
    unfinished,
    async withoutVectors(call) {
      return file.peek(anyWithoutVectors) ? operations.withoutVectors(call) : undefined;
    },
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
  const {
    upsertDocuments,
    keywordCandidates: _,
    score: __,
    ...operations
  } = createClient(file, indexOperations);
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

/** All of the library that is in the store file, with its passages. */
export function createEmbeddedLibraryArchive(file: StoreFile): LibraryArchive {
  return createClient(file, archiveOperations);
}
