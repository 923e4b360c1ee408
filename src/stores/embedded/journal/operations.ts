import { defineOperations } from '../engine/operations.ts';
import type { journalArchiveHandlers } from './archive.ts';
import type { journalHandlers, verdictHandlers } from './handlers.ts';

export const journalOperations = defineOperations<typeof journalHandlers>('journal', {
  create: 'write',
  get: 'light',
  steps: 'light',
  journaled: 'light',
  recent: 'light',
  unfinished: 'light',
  requestCancel: 'write',
  claim: 'write',
  renew: 'write',
  record: 'write',
  finish: 'write',
  release: 'write',
  count: 'read',
  erase: 'write',
});

export const verdictOperations = defineOperations<typeof verdictHandlers>('verdicts', {
  get: 'light',
  save: 'write',
});

export const journalArchiveOperations = defineOperations<typeof journalArchiveHandlers>('journalArchive', {
  ended: 'light',
  read: 'read',
  write: 'write',
});
