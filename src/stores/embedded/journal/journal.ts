import type { JournalArchive } from '../../journal/archive.ts';
import type { Journal, Verdicts } from '../../journal/types.ts';
import { createClient } from '../engine/operations.ts';
import type { StoreFile } from '../engine/store-file.ts';
import { journalArchiveOperations, journalOperations, verdictOperations } from './operations.ts';

const anyUnfinished = "SELECT 1 FROM runs WHERE state IN ('pending', 'running') LIMIT 1";

/** The journal in the store file, shared by every process on the data directory. */
export function createEmbeddedJournal(file: StoreFile): Journal {
  const operations = createClient(file, journalOperations);
  return {
    ...operations,
    async unfinished(call) {
      // Polled constantly, even when nothing happens; a peek is usually enough.
      if (!file.peek(anyUnfinished)) return { pending: 0, suspended: 0, leases: [] };
      return operations.unfinished(call);
    },
  };
}

/** Verdicts in the store file, so that a definition is checked once, not once per process. */
export function createEmbeddedVerdicts(file: StoreFile): Verdicts {
  return createClient(file, verdictOperations);
}

/** The ended runs of the store file as they are. */
export function createEmbeddedJournalArchive(file: StoreFile): JournalArchive {
  return createClient(file, journalArchiveOperations);
}
