import type * as Driver from 'mongodb';

export type { MongoClient } from 'mongodb';

/**
 * For commands whose answer the driver does not return raw: numbers keep their types (including those of errors), and
 * patterns stay patterns.
 */
export const exact = { promoteValues: false, promoteLongs: false, bsonRegExp: true } as const;

let loading: Promise<typeof Driver> | undefined;

/** MongoDB's driver, loaded on first use: it takes a tenth of a second. */
export function loadDriver(): Promise<typeof Driver> {
  // In the bundle, a CommonJS package has its exports on `default` only.
  loading ??= import('mongodb').then((module) =>
    'MongoClient' in module ? module : (module as { default: typeof Driver }).default,
  );
  return loading;
}
