import { apiKeyHandlers } from './api-keys/handlers.ts';
import { apiKeyOperations } from './api-keys/operations.ts';
import { auditHandlers } from './audit/handlers.ts';
import { auditOperations } from './audit/operations.ts';
import { confirmationHandlers } from './confirmations/handlers.ts';
import { confirmationOperations } from './confirmations/operations.ts';
import { documentHandlers } from './documents/handlers.ts';
import { documentOperations } from './documents/operations.ts';
import { type Handlers, handlersOf } from './engine/operations.ts';
import { archiveHandlers, indexHandlers, leaseHandlers, positionHandlers } from './index/handlers.ts';
import {
  archiveOperations,
  indexOperations,
  leaseOperations,
  positionOperations,
} from './index/operations.ts';
import { journalArchiveHandlers, journalHandlers, verdictHandlers } from './journal/handlers.ts';
import { journalArchiveOperations, journalOperations, verdictOperations } from './journal/operations.ts';

/** All operations of the store threads: the registry of the areas. */
export const handlers: Handlers = {
  ...handlersOf(documentOperations, documentHandlers),
  ...handlersOf(indexOperations, indexHandlers),
  ...handlersOf(archiveOperations, archiveHandlers),
  ...handlersOf(leaseOperations, leaseHandlers),
  ...handlersOf(positionOperations, positionHandlers),
  ...handlersOf(journalOperations, journalHandlers),
  ...handlersOf(journalArchiveOperations, journalArchiveHandlers),
  ...handlersOf(verdictOperations, verdictHandlers),
  ...handlersOf(confirmationOperations, confirmationHandlers),
  ...handlersOf(auditOperations, auditHandlers),
  ...handlersOf(apiKeyOperations, apiKeyHandlers),
};
