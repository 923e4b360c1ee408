import { type Client, defineOperations } from '../engine/operations.ts';
import type { documentHandlers } from './handlers.ts';

/** Values of MongoDB's types cross threads as BSON, which preserves them. */
export const documentOperations = defineOperations<typeof documentHandlers>('documents', {
  databases: 'light',
  collections: 'light',
  describe: 'read',
  indexes: 'light',

  find: 'read',
  aggregate: 'read',
  count: 'read',
  distinct: 'read',
  explain: 'read',

  put: 'write',
  insert: 'write',
  preview: 'read',
  apply: 'write',
  writePipeline: 'write',
  createIndex: 'write',

  follow: 'write',
  changes: 'light',
});

export type DocumentClient = Client<typeof documentHandlers>;
