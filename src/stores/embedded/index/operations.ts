import { defineOperations } from '../engine/operations.ts';
import type { archiveHandlers } from './archive.ts';
import type { indexHandlers } from './handlers.ts';
import type { leaseHandlers } from './lease.ts';
import type { positionHandlers } from './positions.ts';

export const indexOperations = defineOperations<typeof indexHandlers>('index', {
  upsert: 'write',
  upsertDocuments: 'write',
  remove: 'write',
  forget: 'write',
  mark: 'write',
  formatsOf: 'light',
  marked: 'light',
  removeMarked: 'write',
  untrack: 'write',

  keywordCandidates: 'index',
  score: 'index',
  // Also on the index thread, so that a search needs no other.
  fetch: 'index',
  similar: 'index',
  stats: 'index',
  languages: 'index',
  formats: 'index',
  selected: 'index',

  list: 'light',
  remarked: 'read',
  read: 'light',
  page: 'light',
  similarIds: 'light',

  sources: 'light',
  summaries: 'light',
  vectorsBySource: 'light',
  source: 'write',
  removeSource: 'write',
  trackedPaths: 'light',
  trackPaths: 'write',
  saveStates: 'write',
  files: 'light',
  touch: 'write',

  pending: 'light',
  saveVectors: 'write',
  leaveOut: 'write',
  withoutVectors: 'light',

  build: 'write',
  unbuilt: 'light',
  buildVectors: 'write',
  switchSpace: 'write',
  removeRetired: 'write',
});

export const leaseOperations = defineOperations<typeof leaseHandlers>('lease', {
  claim: 'write',
  release: 'write',
});

export const positionOperations = defineOperations<typeof positionHandlers>('positions', {
  read: 'light',
  save: 'write',
});

export const archiveOperations = defineOperations<typeof archiveHandlers>('archive', {
  documents: 'read',
  space: 'light',
  adopt: 'write',
  saveVectors: 'write',
  settle: 'write',
});
