import type { BackfillLease, DocumentCatalog, Positions } from '../../index/types.ts';
import type { MongoStore } from '../client.ts';
import { createMongoCatalog } from './catalog.ts';
import { catalogIndexes } from './collections.ts';
import { createMongoLease } from './lease.ts';
import { createMongoPositions } from './positions.ts';
import { createUse } from './session.ts';

/** What of the library MongoDB holds. */
export interface MongoLibraryPorts {
  readonly catalog: DocumentCatalog;
  readonly lease: BackfillLease;
  readonly positions: Positions;
}

export function createMongoLibraryPorts(store: Pick<MongoStore, 'area'>): MongoLibraryPorts {
  const use = createUse(store.area(catalogIndexes));
  return {
    catalog: createMongoCatalog(use),
    lease: createMongoLease(use),
    positions: createMongoPositions(use),
  };
}
