import type { Backfill } from './backfill.ts';
import type { BackfillLease } from './backfill-lease.ts';
import type { Catalog } from './catalog.ts';
import type { Positions } from './positions.ts';
import type { Retriever } from './retriever.ts';

// The library's storage: ports that one store may implement, or several.
export type * from './archive.ts';
export type * from './backfill.ts';
export type * from './backfill-lease.ts';
export type * from './catalog.ts';
export type * from './document-types.ts';
export type * from './positions.ts';
export type * from './retriever.ts';

/** All that the library stores is behind these. */
export interface LibraryPorts {
  readonly catalog: Catalog;
  readonly retriever: Retriever;
  readonly backfill: Backfill;
  readonly lease: BackfillLease;
  readonly positions: Positions;
}
