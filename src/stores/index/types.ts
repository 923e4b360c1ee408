// The library's storage: ports that one store may implement, or several.
export type * from './backfill.ts';
export type * from './backfill-lease.ts';
export type * from './catalog.ts';
export type * from './document-types.ts';
export type * from './positions.ts';
export type * from './retriever.ts';
