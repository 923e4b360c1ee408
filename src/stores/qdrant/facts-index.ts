import { createHash } from 'node:crypto';
import type { Document } from '../../mql/index.ts';
import { isDocument } from '../../mql/values/fields.ts';
import { keyString } from '../../mql/values/key-string.ts';
import { compilePath } from '../../mql/values/paths.ts';

// What the fields of a document equal, for conditions. The server's own conditions on payload follow paths, arrays,
// types and missing fields by other rules than MongoDB's, so it is not given the fields, but what MongoDB's equality
// compares: for each path all values that it leads to, by the query language's own walk.

/** A range compares numbers or dates; those of both kinds are in one list, told apart by their path. */
export type RangeKind = 'number' | 'date';

export interface FactsIndex {
  readonly is: string[];
  readonly ranges: { readonly p: string; readonly v: number }[];
}

/** The entry of a document at whose path there is this value, or an array with it. */
export function equalEntry(path: string, value: unknown): string {
  return `${path}=${createHash('sha256').update(keyString(value)).digest('base64').slice(0, 22)}`;
}

/** The entry of a document that has the path. */
export const existsEntry = (path: string): string => `${path}?`;

export const rangePath = (path: string, kind: RangeKind): string => `${path}#${kind}`;

/** Beyond these, a double does not say which of several integers is meant. */
const maxExact = Number.MAX_SAFE_INTEGER;

/** A number or date as a range compares it; undefined for anything else. */
export function rangeValue(
  value: unknown,
): { readonly kind: RangeKind; readonly v: number; readonly exact: boolean } | undefined {
  if (value instanceof Date) return { kind: 'date', v: value.getTime(), exact: true };
  const number = numberOf(value);
  if (number === undefined || Number.isNaN(number)) return undefined;
  // JSON has no infinity; nothing but itself is beyond the largest number.
  const v = Math.max(-Number.MAX_VALUE, Math.min(Number.MAX_VALUE, number));
  return { kind: 'number', v, exact: Math.abs(number) <= maxExact };
}

function numberOf(value: unknown): number | undefined {
  if (typeof value === 'number') return value;
  if (typeof value === 'bigint') return Number(value);
  const type = (value as { readonly _bsontype?: unknown } | null | undefined)?._bsontype;
  if (type === 'Int32' || type === 'Double' || type === 'Long' || type === 'Decimal128')
    return Number(String(value));
  return undefined;
}

/** All paths of names in a document, those through arrays of documents too. */
function addPaths(value: unknown, path: string, paths: Set<string>): void {
  if (Array.isArray(value)) {
    for (const item of value) if (isDocument(item)) addPaths(item, path, paths);
    return;
  }
  if (!isDocument(value)) return;
  for (const name of Object.keys(value)) {
    // A path cannot name these.
    if (name === '' || name.includes('.') || name.startsWith('$')) continue;
    const longer = path === '' ? name : `${path}.${name}`;
    paths.add(longer);
    addPaths(value[name], longer, paths);
  }
}

export function indexOfFacts(facts: Document): FactsIndex {
  const paths = new Set<string>();
  addPaths(facts, '', paths);
  const is = new Set<string>();
  const ranges = new Map<string, { p: string; v: number }>();
  for (const path of paths) {
    compilePath(path, true)(facts, (value) => {
      if (value === undefined) return false;
      is.add(existsEntry(path));
      is.add(equalEntry(path, value));
      const range = rangeValue(value);
      if (range) {
        const p = rangePath(path, range.kind);
        ranges.set(`${p} ${range.v}`, { p, v: range.v });
      }
      return false;
    });
  }
  return { is: [...is], ranges: [...ranges.values()] };
}
