import { defineOperations } from '../engine/operations.ts';
import type { apiKeyHandlers } from './handlers.ts';

export const apiKeyOperations = defineOperations<typeof apiKeyHandlers>('apiKeys', {
  find: 'urgent',
  list: 'urgent',
  add: 'write',
  put: 'write',
  used: 'write',
  revoke: 'write',
  rotate: 'write',
});
