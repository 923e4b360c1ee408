import { documentRegistryOperations } from './documents.ts';
import { keptPlaceOperations } from './kept-places.ts';
import { leaseOperations } from './lease.ts';
import { positionOperations } from './positions.ts';
import { queryOperations } from './query.ts';
import { reindexOperations } from './reindex.ts';
import { similarOperations } from './similar.ts';
import { sourceOperations } from './sources.ts';
import { upsertOperations } from './upsert.ts';
import { vectorOperations } from './vectors.ts';

/** What store threads do for the search index. */
export const indexOperations = {
  ...documentRegistryOperations,
  ...keptPlaceOperations,
  ...leaseOperations,
  ...positionOperations,
  ...queryOperations,
  ...reindexOperations,
  ...similarOperations,
  ...sourceOperations,
  ...upsertOperations,
  ...vectorOperations,
};
