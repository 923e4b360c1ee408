import type { Call } from '../../call.ts';
import type { Document } from '../../mql/formats.ts';
import type { BsonSequence } from './bson-sequence.ts';

/** Where documents live. The embedded store treats a database as a plain namespace. */
export interface Namespace {
  readonly database: string;
  readonly collection: string;
}

/** The limits of an answer: this many documents and bytes of relaxed Extended JSON lines. */
export interface AnswerLimits {
  readonly limit: number;
  readonly maxBytes: number;
}

/** MongoDB's collation document, e.g. `{ locale: 'en', strength: 2 }`. */
export interface Collated {
  readonly collation?: Document;
}

export interface FindQuery extends Namespace, AnswerLimits, Collated {
  readonly filter: Document;
  readonly projection?: Document;
  readonly sort?: Document;
  readonly skip: number;
  /** Continue after this position: `next` of the previous page, with the same query. */
  readonly after?: string;
}

export interface AggregateQuery extends Namespace, AnswerLimits, Collated {
  readonly pipeline: readonly Document[];
  /** How many stages were put before the caller's own: errors count from there. 0 if absent. */
  readonly ahead?: number;
}

export interface CountQuery extends Namespace, Collated {
  readonly filter: Document;
}

export interface DistinctQuery extends Namespace, AnswerLimits, Collated {
  readonly key: string;
  readonly filter: Document;
}

/** What to explain: a pipeline, or a filter with a sort. */
export interface ExplainQuery extends Namespace, Collated {
  readonly filter: Document;
  readonly sort?: Document;
  readonly pipeline?: readonly Document[];
}

/** How a query is answered. The counts come from a real run. */
export interface Explanation {
  readonly plan: 'index' | 'id' | 'collection_scan';
  /** Name of the index used. */
  readonly index?: string;
  readonly documentsExamined: number;
  readonly documentsReturned: number;
  /** True when the matches are sorted in memory rather than read in index order. */
  readonly sortsInMemory: boolean;
  /** An index that would help, in the form that `create_index` takes. */
  readonly suggestion?: Document;
  /** Anything else the reader should know. */
  readonly notes: readonly string[];
}

export interface IndexEntry {
  readonly name: string;
  /** Fields in order, 1 or -1. */
  readonly key: Document;
  readonly unique: boolean;
}

export interface NewIndex extends Namespace {
  readonly key: Document;
  readonly name?: string;
  readonly unique: boolean;
}

/** The documents that a change affects. `many` false: the first match only. */
export interface ChangeTarget extends Namespace, Collated {
  readonly filter: Document;
  readonly many: boolean;
}

export interface UpdateRequest extends ChangeTarget {
  /** Update operators, a replacement (with `many` false), or a pipeline. */
  readonly update: Document | readonly Document[];
  readonly arrayFilters?: readonly Document[];
  readonly upsert: boolean;
}

/** A change to existing documents. */
export type ChangeRequest =
  | ({ readonly kind: 'update' } & UpdateRequest)
  | ({ readonly kind: 'delete' } & ChangeTarget)
  | ({ readonly kind: 'drop_collection' } & Namespace)
  | ({ readonly kind: 'drop_index'; readonly name: string } & Namespace);

/** What a change would touch. */
export interface Preview {
  readonly matched: number;
  /** Up to two of the documents in their current state. */
  readonly examples: readonly Document[];
  /** Digest of the matched documents, `_id`s and content: it differs if either does. */
  readonly state: string;
}

/** The changes in a collection since a position. */
export interface ChangeBatch {
  /** `_id`s of documents that were written or deleted. */
  readonly ids: readonly unknown[];
  /** True when earlier changes are not known: the whole collection must be read. */
  readonly restarted: boolean;
  /** Where to resume later, in any process. */
  readonly position: string;
}

/** The limits of a change. */
export interface ChangeLimits {
  /** A change to more is refused (`too_large`), and nothing is changed. */
  readonly maxDocuments: number;
  /** `state` of the preview that was approved; refused (`conflict`) if it has changed since. */
  readonly state?: string;
}

export interface ChangeResult {
  readonly matched: number;
  /** Documents that were changed or deleted. */
  readonly changed: number;
  readonly upsertedId?: unknown;
}

/** Why an answer ends before the last match. */
export type Cap = 'limit' | 'bytes';

export interface Page {
  readonly documents: readonly Document[];
  /** Absent when nothing follows. */
  readonly cappedBy?: Cap;
  /** Pass as `after`; present when more follows and the query can be continued. */
  readonly next?: string;
}

export interface Values {
  readonly values: readonly unknown[];
  readonly cappedBy?: Cap;
}

export interface DatabaseEntry {
  readonly name: string;
  readonly collections: number;
  /** Bytes of BSON; for a server, bytes on its disk. Absent when the server does not report it. */
  readonly bytes?: number;
}

export interface CollectionEntry {
  readonly name: string;
  readonly documents: number;
  /** Bytes of BSON. */
  readonly bytes: number;
  /** A view on a server: its content is computed by each query, so its size is not known (0). */
  readonly view?: true;
  /** Rules leave out a part of it for the caller: `documents` are those that it may see, their size is not known (0). */
  readonly narrowed?: true;
}

/** Fields are counted in documents, those in arrays in the elements of the nearest array. */
export interface FieldDescription {
  /** Dotted path; `[]` stands for the elements of an array. */
  readonly path: string;
  /** BSON type names, each with how many of `of` have it there. */
  readonly types: Readonly<Record<string, number>>;
  /** How many of `of` have the field. */
  readonly present: number;
  /** The number of documents, or elements, that were looked at. */
  readonly of: number;
  /** Up to three distinct scalar values. */
  readonly examples: readonly unknown[];
  /** The number of distinct scalar values that were seen; with `moreDistinct`, there were more than that. */
  readonly distinct: number;
  readonly moreDistinct?: true;
  /** Smallest and largest number or date: of the collection where `exact`, else of the sample. */
  readonly range?: { readonly min: unknown; readonly max: unknown; readonly exact: boolean };
  /** All values of a field that has few, or the most frequent of them, with how often each was seen. */
  readonly values?: readonly { readonly value: unknown; readonly count: number }[];
  /** How many elements the arrays have, at least and at most. */
  readonly elements?: { readonly min: number; readonly max: number };
  /** The collection whose `_id`s the sampled values are. */
  readonly references?: string;
}

export interface CollectionDescription extends CollectionEntry {
  readonly indexes: readonly IndexEntry[];
  readonly sampled: number;
  readonly fields: readonly FieldDescription[];
  /** How many more fields than listed were seen. */
  readonly fieldsLeftOut: number;
  /** Whether arrays have more elements than were looked at. */
  readonly elementsLeftOut: boolean;
  /** Whether there are fields too deep to be listed. */
  readonly deeperLeftOut: boolean;
}

export interface InsertResult {
  readonly inserted: number;
  readonly replaced: number;
  readonly unchanged: number;
}

/**
 * Documents in collections, queried in MongoDB's language. A query on a collection that does not exist is an error that
 * suggests similar names, never an empty answer. Every method stops with its call.
 * @throws HydrogenError `not_found`, `bad_input`, `not_supported` (by name), `too_large`, `timeout`, `cancelled`,
 * `unavailable`.
 */
export interface DocumentStore {
  databases(call: Call): Promise<readonly DatabaseEntry[]>;
  collections(database: string, call: Call): Promise<readonly CollectionEntry[]>;
  describe(namespace: Namespace, call: Call): Promise<CollectionDescription>;
  find(query: FindQuery, call: Call): Promise<Page>;
  aggregate(query: AggregateQuery, call: Call): Promise<Page>;
  count(query: CountQuery, call: Call): Promise<number>;
  distinct(query: DistinctQuery, call: Call): Promise<Values>;
  indexes(namespace: Namespace, call: Call): Promise<readonly IndexEntry[]>;
  /** Runs the query to report how it is answered. */
  explain(query: ExplainQuery, call: Call): Promise<Explanation>;
  /**
   * For imports. Replaces an existing document with the same `_id`; with `upsertKey`, replaces the document that has
   * the same value in that field, which keeps its `_id`. Creates the collection if it is missing; `drop` empties it
   * first. Embedded: one transaction, all or nothing.
   * @throws HydrogenError `bad_input` for bytes that are not BSON, `conflict` for a unique value.
   */
  put(
    namespace: Namespace,
    documents: readonly Document[] | BsonSequence,
    options: { readonly drop: boolean; readonly upsertKey?: string },
    call: Call,
  ): Promise<InsertResult>;
  /**
   * Inserts new documents, creating the collection if it is missing; returns their `_id`s. Embedded: all or nothing.
   * @throws HydrogenError `conflict` for an `_id` or a unique value that already exists.
   */
  insert(namespace: Namespace, documents: readonly Document[], call: Call): Promise<readonly unknown[]>;
  /** What `apply` would change; changes nothing. @throws HydrogenError `too_large` above `maxDocuments`. */
  preview(change: ChangeRequest, limits: ChangeLimits, call: Call): Promise<Preview>;
  /** Embedded: one transaction, all or nothing. @throws HydrogenError `conflict`, `too_large`. */
  apply(change: ChangeRequest, limits: ChangeLimits, call: Call): Promise<ChangeResult>;
  /** Returns the index's name and whether it was created now. @throws HydrogenError `conflict`. */
  createIndex(index: NewIndex, call: Call): Promise<{ readonly name: string; readonly created: boolean }>;
  /**
   * The changes in a collection after a position, as they happen, until the call's signal ends it. The first batch
   * comes at once; it is `restarted` when there is no position or the position is no longer known.
   * @throws HydrogenError `not_supported` where a server cannot report changes.
   */
  follow(namespace: Namespace, after: string | undefined, call: Call): AsyncIterable<ChangeBatch>;
}
