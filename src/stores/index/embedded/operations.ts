import { documentRegistryOperations } from './documents.ts';
import { queryOperations } from './query.ts';
import { upsertOperations } from './upsert.ts';
import { vectorOperations } from './vectors.ts';

/** What store threads do for the search index. */
export const indexOperations = {
  ...documentRegistryOperations,
  ...queryOperations,
  ...upsertOperations,
  ...vectorOperations,
};
