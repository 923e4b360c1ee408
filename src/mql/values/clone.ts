import { Long } from 'bson';
import { badInput } from '../../errors.ts';
import { type Document, MAX_DEPTH } from '../types.ts';
import { isDocument, setField } from './fields.ts';
import { double } from './numbers.ts';
import { T, typeNumber, unboxed } from './types.ts';

/** A copy with new documents and arrays; leaf values are shared, as nothing changes them in place. */
export function clone<V>(value: V): V {
  if (Array.isArray(value)) return value.map(clone) as V;
  if (!isDocument(value)) return value;
  const copy: Document = {};
  for (const name of Object.keys(value)) setField(copy, name, clone(ownValue(value, name)));
  return copy as V;
}

/** Maximum nesting of an argument: an operator may add a document and an array per level. */
const MAX_NESTING = 2 * MAX_DEPTH + 50;

/**
 * A deep copy in the lossless representation: Int32 becomes a number, a fractional Double a number, a
 * bigint a Long. For arguments that come from callers.
 * @throws HydrogenError bad_input if nested too deeply
 */
export function normalize<V>(value: V): V {
  return normalizeAt(value, 0) as V;
}

function normalizeAt(value: unknown, depth: number): unknown {
  if (depth > MAX_NESTING) throw tooDeep();
  if (Array.isArray(value)) return value.map((item) => normalizeAt(item, depth + 1));
  if (typeof value === 'bigint') return Long.fromBigInt(value);
  if (isDocument(value)) {
    const copy: Document = {};
    for (const name of Object.keys(value)) {
      const item = ownValue(value, name);
      if (item !== undefined) setField(copy, name, normalizeAt(item, depth + 1));
    }
    return copy;
  }
  const plain = unboxed(value);
  if (plain === value) return value;
  return typeNumber(value) === T.double ? double(Number(plain)) : plain;
}

/** The error for a value nested more deeply than filters and expressions may be. */
function tooDeep() {
  return badInput(`The value is nested more than ${MAX_DEPTH} levels deep.`);
}

function ownValue(doc: Document, name: string): unknown {
  return name === '__proto__' ? Object.getOwnPropertyDescriptor(doc, name)?.value : doc[name];
}
