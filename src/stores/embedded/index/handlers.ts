import { documentRegistryHandlers } from './documents.ts';
import { keptPlaceHandlers } from './kept-places.ts';
import { leaseHandlers } from './lease.ts';
import { queryHandlers } from './query.ts';
import { reindexHandlers } from './reindex.ts';
import { similarHandlers } from './similar.ts';
import { sourceHandlers } from './sources.ts';
import { upsertHandlers } from './upsert.ts';
import { vectorHandlers } from './vectors.ts';

export { positionHandlers } from './positions.ts';

/** What store threads do for the search index. */
export const indexHandlers = {
  ...documentRegistryHandlers,
  ...keptPlaceHandlers,
  ...leaseHandlers,
  ...queryHandlers,
  ...reindexHandlers,
  ...similarHandlers,
  ...sourceHandlers,
  ...upsertHandlers,
  ...vectorHandlers,
};
