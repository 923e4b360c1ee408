import { Timestamp } from 'bson';
import type { Document } from '../types.ts';
import { getField, setField } from './fields.ts';

/** The last time that was given; those of one second are counted, so that no two are the same. */
const last = { second: 0, count: 0 };

function nextTimestamp(now: Date): Timestamp {
  const second = Math.floor(now.getTime() / 1000);
  last.count = second === last.second ? last.count + 1 : 1;
  last.second = second;
  return new Timestamp({ t: second, i: last.count });
}

/**
 * Replaces empty timestamps at the top level by the time, as MongoDB does where it writes whole documents; not that of
 * `_id`.
 */
export function fillTimestamps(doc: Document, now: Date): Document {
  for (const name of Object.keys(doc)) {
    const value = getField(doc, name);
    if (name === '_id' || !(value instanceof Timestamp) || !value.isZero()) continue;
    setField(doc, name, nextTimestamp(now));
  }
  return doc;
}
