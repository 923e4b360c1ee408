import type { SpentArchive, SpentConfirmations } from '../../../policy/confirmation.ts';
import { createClient } from '../engine/operations.ts';
import type { StoreFile } from '../engine/store-file.ts';
import { confirmationOperations } from './operations.ts';

/** The used confirmations, in the store file: known to every process on the data directory. */
export function createEmbeddedConfirmations(file: StoreFile): SpentConfirmations & SpentArchive {
  return createClient(file, confirmationOperations);
}
