/** A BSON document: own enumerable string keys in order; values as `values/` describes them. */
export type Document = { [field: string]: unknown };

/** What stops a long or large piece of work. Both may be checked at any row. */
export interface Limits {
  /** Called for every document and inside long loops; throws when the call is cancelled or late. */
  tick(): void;
  /** Most bytes a stage that holds documents ($group, $sort, $push …) may keep. MongoDB: 100 MiB. */
  readonly maxBytes: number;
}

/** MongoDB's cap for a blocking stage without `allowDiskUse`, in bytes. */
export const DEFAULT_MAX_BYTES = 100 * 1024 * 1024;

/** Deepest nesting of filters and expressions that is accepted (MongoDB's own parser stops at 100). */
export const MAX_DEPTH = 100;
