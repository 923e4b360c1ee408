import { defineOperations } from '../engine/operations.ts';
import type { auditHandlers } from './handlers.ts';

export const auditOperations = defineOperations<typeof auditHandlers>('audit', {
  end: 'light',
  append: 'write',
  read: 'read',
  readBack: 'read',
  removeThrough: 'write',
  oldTexts: 'light',
  looseTexts: 'read',
  eraseTexts: 'write',
});
