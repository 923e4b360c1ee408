import { Timestamp } from 'bson';
import type { Document } from '../types.ts';
import { getField, setField } from './fields.ts';

/**
 * Replaces empty timestamps at the top level by the time, as MongoDB does where it writes whole documents; not that of
 * `_id`.
 */
export function fillTimestamps(doc: Document, now: Date): Document {
  for (const name of Object.keys(doc)) {
    const value = getField(doc, name);
    if (name === '_id' || !(value instanceof Timestamp) || !value.isZero()) continue;
    setField(doc, name, new Timestamp({ t: Math.floor(now.getTime() / 1000), i: 1 }));
  }
  return doc;
}
