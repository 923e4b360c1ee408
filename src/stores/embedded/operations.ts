import { confirmationOperations } from './confirmations/used-confirmations.ts';
import { documentOperations } from './documents/operations.ts';
import { maintenanceOperations } from './engine/maintenance.ts';
import { indexOperations } from './index/operations.ts';
import { journalOperations } from './journal/operations.ts';

/** Everything that may be asked of a store thread, by name. */
export const storeOperations = {
  ...documentOperations,
  ...indexOperations,
  ...journalOperations,
  ...confirmationOperations,
  ...maintenanceOperations,
};

export type StoreOperations = typeof storeOperations;
