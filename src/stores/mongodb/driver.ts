import type * as Driver from 'mongodb';
import { loadedOnce } from '../../loaded-once.ts';

export type { MongoClient } from 'mongodb';

/**
 * For commands whose answer the driver does not return raw: numbers keep their types (including those of errors), and
 * patterns stay patterns.
 */
export const exact = { promoteValues: false, promoteLongs: false, bsonRegExp: true } as const;

const driver = loadedOnce(async (): Promise<typeof Driver> => {
  const module = await import('mongodb');
  // In the bundle, a CommonJS package has its exports on `default` only.
  return 'MongoClient' in module ? module : (module as { default: typeof Driver }).default;
});

/** MongoDB's driver, loaded on first use: it takes a tenth of a second. */
export const loadDriver = (): Promise<typeof Driver> => driver.get();
