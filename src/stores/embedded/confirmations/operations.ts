import { defineOperations } from '../engine/operations.ts';
import type { confirmationHandlers } from './handlers.ts';

export const confirmationOperations = defineOperations<typeof confirmationHandlers>('confirmations', {
  use: 'write',
  unexpired: 'light',
});
