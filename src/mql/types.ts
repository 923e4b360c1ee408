/** A BSON document: own enumerable string keys in order; values as `values/` describes them. */
export type Document = { [field: string]: unknown };

/** Limits of a long or large operation. Both may be checked at any row. */
export interface Limits {
  /** Called for every document and inside long loops; throws when the call is cancelled or late. */
  tick(): void;
  /** Maximum memory of a stage that holds documents ($group, $sort, $push …), bytes. MongoDB: 100 MiB. */
  readonly maxBytes: number;
}

/** MongoDB's limit for a blocking stage without `allowDiskUse`, bytes. */
export const DEFAULT_MAX_BYTES = 100 * 1024 * 1024;

/** Maximum nesting of filters and expressions (MongoDB's own parser stops at 100). */
/** The most components of a path, as in MongoDB. */
export const MAX_PATH = 200;

export const MAX_DEPTH = 100;
