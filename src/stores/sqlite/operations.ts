import { confirmationOperations } from '../confirmations/used-confirmations.ts';
import { documentOperations } from '../documents/embedded/operations.ts';
import { indexOperations } from '../index/embedded/operations.ts';
import { journalOperations } from '../journal/embedded/operations.ts';
import { maintenanceOperations } from './maintenance.ts';

/** Everything that may be asked of a store thread, by name. */
export const storeOperations = {
  ...documentOperations,
  ...indexOperations,
  ...journalOperations,
  ...confirmationOperations,
  ...maintenanceOperations,
};

export type StoreOperations = typeof storeOperations;
