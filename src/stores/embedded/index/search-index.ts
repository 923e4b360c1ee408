import type { Positions } from '../../index/positions.ts';
import type { KeptPlace, SearchIndex } from '../../index/types.ts';
import { createClient } from '../engine/operations.ts';
import type { StoreFile } from '../engine/store-file.ts';
import { indexOperations, positionOperations } from './operations.ts';

const anyPending = 'SELECT 1 FROM index_chunks WHERE embedded = 0 LIMIT 1';
const anyRetired = "SELECT 1 FROM index_spaces WHERE state = 'retired'";

/** Finds a row where the places, which are in order of path, are not those. */
function otherPlaces(known: readonly KeptPlace[]): string {
  const places = known.map((place) => JSON.stringify(place)).join('');
  return `SELECT 1 WHERE '${places.replaceAll("'", "''")}' <>
    coalesce((SELECT group_concat(place, '') FROM (SELECT place FROM index_places ORDER BY path)), '')`;
}

/**
 * The search index in the one SQLite file. Words and vectors are scored on the `index` thread, which
 * keeps lengths and vectors in memory and looks at each call for what any process has changed.
 */
export function createEmbeddedIndex(file: StoreFile): SearchIndex {
  const operations = createClient(file, indexOperations);
  return {
    ...operations,
    hasOtherPlaces: (known) => file.glance(otherPlaces(known)),
    async pending(limit, call) {
      if (!file.glance(anyPending)) return { chunks: [], total: 0 };
      return operations.pending(limit, call);
    },
    async sweep(call) {
      return file.glance(anyRetired) && operations.sweep(call);
    },
  };
}

/** Positions in the store file, with the index that they are about. */
export function createEmbeddedPositions(file: StoreFile): Positions {
  return createClient(file, positionOperations);
}
