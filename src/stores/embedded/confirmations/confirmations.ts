import { type Client, createClient } from '../engine/operations.ts';
import type { StoreFile } from '../engine/store-file.ts';
import type { confirmationHandlers } from './handlers.ts';
import { confirmationOperations } from './operations.ts';

/** The confirmations that were used, in the store file: known to every process on the data directory. */
export function createEmbeddedConfirmations(file: StoreFile): Client<typeof confirmationHandlers> {
  return createClient(file, confirmationOperations);
}
