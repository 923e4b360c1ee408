import type { Call } from '../../call.ts';
import type { Document } from '../../mql/formats.ts';

/** Where documents live. The embedded store treats a database as a plain namespace. */
export interface Namespace {
  readonly database: string;
  readonly collection: string;
}

/** What bounds an answer: at most this many documents, and bytes of relaxed Extended JSON lines. */
export interface Bounds {
  readonly limit: number;
  readonly maxBytes: number;
}

export interface FindQuery extends Namespace, Bounds {
  readonly filter: Document;
  readonly projection?: Document;
  readonly sort?: Document;
  readonly skip: number;
  /** Continue behind this position: `next` of the page before, with the same query. */
  readonly after?: string;
}

export interface AggregateQuery extends Namespace, Bounds {
  readonly pipeline: readonly Document[];
}

export interface DistinctQuery extends Namespace, Bounds {
  readonly key: string;
  readonly filter: Document;
}

/** Why an answer ends before the last match. */
export type Cap = 'limit' | 'bytes';

export interface Page {
  readonly documents: readonly Document[];
  /** Absent when nothing follows. */
  readonly cappedBy?: Cap;
  /** Text for `after`, when more follows and the query can be continued. */
  readonly next?: string;
}

export interface Values {
  readonly values: readonly unknown[];
  readonly cappedBy?: Cap;
}

export interface DatabaseEntry {
  readonly name: string;
  readonly collections: number;
}

export interface CollectionEntry {
  readonly name: string;
  readonly documents: number;
  /** Bytes of BSON. */
  readonly bytes: number;
}

export interface FieldDescription {
  /** Dotted path; `[]` stands for the elements of an array. */
  readonly path: string;
  /** BSON type names, with how many of the sampled documents hold them there. */
  readonly types: Readonly<Record<string, number>>;
  /** In how many sampled documents the field is there. */
  readonly present: number;
  /** Up to three distinct scalar values. */
  readonly examples: readonly unknown[];
}

export interface CollectionDescription extends CollectionEntry {
  readonly sampled: number;
  readonly fields: readonly FieldDescription[];
  /** True when there are more fields than are listed. */
  readonly fieldsLeftOut: boolean;
}

export interface InsertResult {
  readonly inserted: number;
  readonly replaced: number;
  readonly unchanged: number;
}

/**
 * Documents in collections, queried in MongoDB's language. A query on a collection that does not exist is
 * an error that offers the near names, never an empty answer. Every method stops with its call.
 * @throws HydrogenError `not_found`, `bad_input`, `not_supported` (by name), `too_large`, `timeout`,
 * `cancelled`, `unavailable`.
 */
export interface DocumentStore {
  databases(call: Call): Promise<readonly DatabaseEntry[]>;
  collections(database: string, call: Call): Promise<readonly CollectionEntry[]>;
  describe(namespace: Namespace, call: Call): Promise<CollectionDescription>;
  find(query: FindQuery, call: Call): Promise<Page>;
  aggregate(query: AggregateQuery, call: Call): Promise<Page>;
  count(query: Namespace & { readonly filter: Document }, call: Call): Promise<number>;
  distinct(query: DistinctQuery, call: Call): Promise<Values>;
  /**
   * Inserts in one transaction: all or none. A document whose `_id` is there already replaces it.
   * The collection is made when it is missing; `drop` empties it first.
   */
  put(
    namespace: Namespace,
    documents: readonly Document[],
    options: { readonly drop: boolean },
    call: Call,
  ): Promise<InsertResult>;
}
