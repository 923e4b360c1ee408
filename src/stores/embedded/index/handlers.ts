import { documentRegistryHandlers } from './documents.ts';
import { queryHandlers } from './query.ts';
import { reindexHandlers } from './reindex.ts';
import { similarHandlers } from './similar.ts';
import { sourceHandlers } from './sources.ts';
import { trackedPathHandlers } from './tracked-paths.ts';
import { upsertHandlers } from './upsert.ts';
import { vectorHandlers } from './vectors.ts';

export { archiveHandlers } from './archive.ts';
export { leaseHandlers } from './lease.ts';
export { positionHandlers } from './positions.ts';

/** The search index's operations on the store threads. */
export const indexHandlers = {
  ...documentRegistryHandlers,
  ...trackedPathHandlers,
  ...queryHandlers,
  ...reindexHandlers,
  ...similarHandlers,
  ...sourceHandlers,
  ...upsertHandlers,
  ...vectorHandlers,
};
