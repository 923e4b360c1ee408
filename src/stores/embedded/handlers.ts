import { confirmationHandlers } from './confirmations/used-confirmations.ts';
import { documentHandlers } from './documents/handlers.ts';
import { maintenanceOperations } from './engine/maintenance.ts';
import { indexHandlers } from './index/handlers.ts';
import { journalHandlers } from './journal/handlers.ts';

/** Everything that may be asked of a store thread, by name. */
export const storeHandlers = {
  ...documentHandlers,
  ...indexHandlers,
  ...journalHandlers,
  ...confirmationHandlers,
  ...maintenanceOperations,
};

export type StoreOperations = typeof storeHandlers;
