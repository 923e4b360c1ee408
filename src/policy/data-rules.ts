import type { Document } from '../mql/index.ts';

/** What a caller may do with one collection. */
export interface CollectionRule {
  /** Only these documents exist for the caller: an MQL filter with the caller's claims already in place. Absent: all. */
  readonly rows?: Document;
  /** Dotted paths that do not exist for the caller. */
  readonly hidden: readonly string[];
}

export interface DataRules {
  /** undefined: the collection does not exist for the caller. */
  collection(namespace: {
    readonly connection: string;
    readonly database: string;
    readonly collection: string;
  }): CollectionRule | undefined;
  /** Whether any collection of the database could be visible; a database without one does not exist for the caller. */
  database(name: { readonly connection: string; readonly database: string }): boolean;
  /** Nothing is narrowed: calls go straight through. */
  readonly isUnrestricted: boolean;
}
