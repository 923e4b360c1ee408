import type { Journal, Verdicts } from '../../journal/types.ts';
import { createClient } from '../engine/operations.ts';
import type { StoreFile } from '../engine/store-file.ts';
import { journalOperations, verdictOperations } from './operations.ts';

const anyUnfinished = "SELECT 1 FROM runs WHERE state IN ('pending', 'running') LIMIT 1";

/** The journal in the store file, shared by every process on the data directory. */
export function createEmbeddedJournal(file: StoreFile): Journal {
  const operations = createClient(file, journalOperations);
  return {
    ...operations,
    async unfinished(call) {
      // Asked again and again, also when nothing happens: mostly a peek is enough.
      if (!file.peek(anyUnfinished)) return { pending: 0, leases: [] };
      return operations.unfinished(call);
    },
  };
}

/** Verdicts in the store file, so that a definition is checked once, not once a process. */
export function createEmbeddedVerdicts(file: StoreFile): Verdicts {
  return createClient(file, verdictOperations);
}
