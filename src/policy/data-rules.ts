import type { Document } from '../mql/formats.ts';

/** What a caller may do with one collection. */
export interface CollectionRule {
  /** Only these documents exist for the caller: an MQL filter with the caller's claims already in place. Absent: all. */
  readonly rows?: Document;
  /** Dotted paths that do not exist for the caller. */
  readonly hidden: readonly string[];
}

/** A collection as rules name it. */
export interface RuledNamespace {
  readonly connection: string;
  readonly database: string;
  readonly collection: string;
}

/** What of the documents of all connections exists for a caller. */
export interface DataRules {
  /** undefined: the collection does not exist for the caller. */
  collection(namespace: RuledNamespace): CollectionRule | undefined;
  /** Whether any collection of the database could be visible; a database without one does not exist for the caller. */
  database(name: Pick<RuledNamespace, 'connection' | 'database'>): boolean;
  /** Nothing is narrowed: calls go straight through. */
  readonly isUnrestricted: boolean;
}
