import { Long } from 'bson';
import type { Document } from '../types.ts';
import { isDocument, setField } from './fields.ts';
import { double } from './numbers.ts';
import { T, typeNumber, unboxed } from './types.ts';

/** A copy whose documents and arrays are new; leaf values, which nothing changes in place, are shared. */
export function clone<V>(value: V): V {
  if (Array.isArray(value)) return value.map(clone) as V;
  if (!isDocument(value)) return value;
  const copy: Document = {};
  for (const name of Object.keys(value)) setField(copy, name, clone(ownValue(value, name)));
  return copy as V;
}

/**
 * A deep copy in the lossless representation: Int32 becomes a number, a fractional Double a number, a
 * bigint a Long. For arguments that come from callers.
 */
export function normalize<V>(value: V): V {
  if (Array.isArray(value)) return value.map(normalize) as V;
  if (typeof value === 'bigint') return Long.fromBigInt(value) as V;
  if (isDocument(value)) {
    const copy: Document = {};
    for (const name of Object.keys(value)) {
      const item = ownValue(value, name);
      if (item !== undefined) setField(copy, name, normalize(item));
    }
    return copy as V;
  }
  const plain = unboxed(value);
  if (plain === value) return value;
  return (typeNumber(value) === T.double ? double(Number(plain)) : plain) as V;
}

function ownValue(doc: Document, name: string): unknown {
  return name === '__proto__' ? Object.getOwnPropertyDescriptor(doc, name)?.value : doc[name];
}
