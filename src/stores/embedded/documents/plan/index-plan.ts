import type { SortField } from '../../../../mql/sort/comparator.ts';
import { type Analysis, type Constraint, holdsNull } from '../../../documents/analysis/constraints.ts';
import {
  behind,
  descending,
  everything,
  intersection,
  isPoint,
  maxRanges,
  type Range,
  type Ranges,
} from '../../../documents/analysis/ranges.ts';
import { type Index, type IndexField, trait } from '../indexes/definition.ts';

/** Where in an index potential matches are. */
export interface IndexRanges {
  readonly index: Index;
  readonly ranges: Ranges;
  /** A document may be in the ranges more than once. */
  readonly mayRepeat: boolean;
}

/** How one index answers a query. */
export interface IndexPlan extends IndexRanges {
  /** The number of leading fields that the ranges bound. */
  readonly bounded: number;
  /** The range is one complete key: its entries are in insertion order. */
  readonly wholeKey: boolean;
  /** Every document in the ranges matches the whole filter. */
  readonly exact: boolean;
  /** The sort fields are equal in all of them, so that their order is insertion order. */
  readonly oneOrder: boolean;
  /** How the index provides the requested order, if it does. */
  readonly order?: IndexOrder;
}

export interface IndexOrder {
  readonly reverse: boolean;
  /** The sort fields, as the index has them. */
  readonly fields: readonly IndexField[];
  /** The part of the key before them, equal in all entries. */
  readonly prefix: Uint8Array;
  /** More fields follow in the key, so that ties are not in insertion order. */
  readonly trailing: boolean;
}

interface Bounds {
  readonly ranges: Ranges;
  readonly fields: number;
  /** The number of leading fields that have a single value, and their part of the key. */
  readonly pinned: number;
  readonly prefix: Uint8Array;
  readonly used: readonly Constraint[];
  /** The constraints used determine exactly which documents match them. */
  readonly exact: boolean;
}

/** The set that bounds a field, and the constraints it was built from. */
function boundsOf(
  constraints: readonly Constraint[],
  multikey: boolean,
): { ranges: Ranges; used: readonly Constraint[]; exact: boolean } | undefined {
  const [first] = constraints;
  if (!first) return undefined;
  if (!multikey) {
    const ranges = constraints.map((constraint) => constraint.ranges).reduce(intersection);
    return { ranges, used: constraints, exact: constraints.every((constraint) => constraint.exact) };
  }
  // Different elements of an array may meet different conditions, so only one of these can bound the search.
  const best = constraints.find((constraint) => constraint.ranges.every(isPoint)) ?? first;
  return { ranges: best.ranges, used: [best], exact: best.exact && !holdsNull(best.ranges) };
}

function bound(index: Index, constraints: readonly Constraint[]): Bounds {
  let ranges: Ranges = [{ low: everything.low, high: everything.low }];
  let fields = 0;
  let pinned = 0;
  let prefix = everything.low;
  let exact = true;
  let arrays = 0;
  const used: Constraint[] = [];
  for (const [at, { path, direction }] of index.fields.entries()) {
    const traits = index.traits[at] ?? 0;
    if ((traits & trait.inexact) !== 0) break;
    if ((traits & trait.array) !== 0 && arrays++ > 0) break;
    const here = constraints.filter((constraint) => constraint.path === path);
    const found = boundsOf(here, (traits & trait.array) !== 0);
    if (!found || found.ranges.length * ranges.length > maxRanges) break;
    const set = direction === 1 ? found.ranges : descending(found.ranges);
    ranges = ranges.flatMap(({ low }) => set.map((range): Range => behind(low, range)));
    used.push(...found.used);
    exact &&= found.exact;
    fields++;
    if (!found.ranges.every(isPoint)) break;
    if (set.length === 1 && pinned === at) {
      pinned++;
      prefix = ranges[0]?.low ?? prefix;
    }
  }
  return { ranges: fields === 0 ? [everything] : ranges, fields, pinned, prefix, used, exact };
}

/** Fields of the sort that differ among the documents in the ranges. */
function unpinned(index: Index, bounds: Bounds, sort: readonly SortField[]): readonly SortField[] {
  const pinned = index.fields.slice(0, bounds.pinned).filter((_, at) => (index.traits[at] ?? 0) === 0);
  return sort.filter(({ path }) => !pinned.some((field) => field.path === path));
}

/** How the index provides the requested order after its pinned fields. */
function orderOf(index: Index, bounds: Bounds, sort: readonly SortField[]): IndexOrder | undefined {
  const [first] = sort;
  const start = bounds.pinned;
  if (!first) return undefined;
  const reverse = first.direction !== index.fields[start]?.direction;
  const fits = sort.every(({ path, direction }, i) => {
    const field = index.fields[start + i];
    const plain = (index.traits[start + i] ?? 0) === 0;
    return plain && field?.path === path && (direction !== field.direction) === reverse;
  });
  if (!fits) return undefined;
  const fields = index.fields.slice(start, start + sort.length);
  const trailing = start + sort.length < index.fields.length;
  return { reverse, fields, prefix: bounds.prefix, trailing };
}

/** What an index can do for a query; `undefined` if nothing. */
export function planIndex(
  index: Index,
  { constraints, complete }: Analysis,
  sort: readonly SortField[],
): IndexPlan | undefined {
  const bounds = bound(index, constraints);
  const { ranges, fields: bounded, pinned, used } = bounds;
  const rest = unpinned(index, bounds, sort);
  const order = orderOf(index, bounds, rest);
  if (bounded === 0 && !order) return undefined;
  return {
    index,
    ranges,
    bounded,
    wholeKey: ranges.length === 1 && pinned === index.fields.length,
    exact: complete && bounds.exact && constraints.every((constraint) => used.includes(constraint)),
    mayRepeat: index.traits.some((bits, at) => (bits & trait.array) !== 0 && at >= pinned),
    oneOrder: sort.length > 0 && rest.length === 0,
    ...(order && { order }),
  };
}
