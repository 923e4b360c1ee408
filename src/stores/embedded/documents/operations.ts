import { type Client, defineOperations } from '../engine/operations.ts';
import type { documentHandlers } from './handlers.ts';

/** What carries values of MongoDB's types crosses threads as BSON, so that they stay what they are. */
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
