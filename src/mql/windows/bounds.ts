import { badInput } from '../../errors.ts';
import { addUnits, parseUnit, type Unit } from '../dates/calendar.ts';
import { UTC } from '../dates/zones.ts';
import { compileExpression } from '../expressions/compile.ts';
import { readsFields } from '../expressions/constant.ts';
import { namedArguments } from '../expressions/operator.ts';
import type { Expression, Scope } from '../expressions/scope.ts';
import type { SortField } from '../sort/comparator.ts';
import { add, numericOperand } from '../values/arithmetic.ts';
import { compareValues } from '../values/compare.ts';
import { toInteger } from '../values/numbers.ts';
import { isNumeric } from '../values/types.ts';
import type { WindowBounds } from './window-function.ts';

export const WHOLE: WindowBounds = {
  kind: 'documents',
  growing: true,
  holdsItself: true,
  at: ({ docs }) => [0, docs.length - 1],
};

type Edge = 'unbounded' | 'current' | number;

function edges(
  value: unknown,
  kind: string,
  parse: (edge: unknown) => number | undefined,
  scope: Scope,
): [Edge, Edge] {
  if (!Array.isArray(value) || value.length !== 2)
    throw badInput(`"${kind}" of a window must be [lower, upper].`);
  const [lower, upper] = value.map((edge: unknown): Edge => {
    if (edge === 'unbounded' || edge === 'current') return edge;
    // A number may be computed, but from constants only.
    const number = readsFields(edge) ? undefined : parse(compileExpression(edge, scope)({}));
    if (number !== undefined) return number;
    throw badInput(`"${kind}" of a window takes numbers, "current" and "unbounded".`);
  }) as [Edge, Edge];
  const place = (edge: Edge, side: 1 | -1): number =>
    edge === 'unbounded' ? side * Number.POSITIVE_INFINITY : edge === 'current' ? 0 : edge;
  if (place(lower, -1) > place(upper, 1))
    throw badInput('The lower bound of a window must not be above the upper.');
  return [lower, upper];
}

/**
 * Reads `window: {documents: [a, b]}` or `{range: [a, b], unit}`. `isSorted`: there is a `sortBy`, though perhaps an empty one.
 * @throws HydrogenError bad_input
 */
export function parseBounds(
  spec: unknown,
  sort: readonly SortField[],
  isSorted: boolean,
  scope: Scope,
): WindowBounds {
  const args = namedArguments('"window"', spec, [], ['documents', 'range', 'unit']);
  if (args.has('documents')) {
    if (args.has('range') || args.has('unit')) throw badInput('A window has either "documents" or "range".');
    return documentBounds(edges(args.get('documents'), 'documents', wholeEdge, scope), isSorted);
  }
  if (!args.has('range')) {
    if (args.has('unit')) throw badInput('"unit" of a window needs "range".');
    return WHOLE;
  }
  const unit = args.has('unit') ? parseUnit(args.get('unit'), 'a window') : undefined;
  const range = edges(args.get('range'), 'range', unit === undefined ? numberEdge : wholeEdge, scope);
  const [field] = sort;
  if (field === undefined || sort.length > 1 || field.direction !== 1) {
    throw badInput('A window with "range" needs "sortBy" with one ascending field.');
  }
  return rangeBounds(range, unit, compileExpression(`$${field.path}`, scope));
}

const holdsItself = (lower: Edge, upper: Edge): boolean =>
  !(typeof lower === 'number' && lower > 0) && !(typeof upper === 'number' && upper < 0);

function wholeEdge(edge: unknown): number | undefined {
  const number = toInteger(edge);
  return number === undefined ? undefined : Number(number);
}

const numberEdge = (edge: unknown): number | undefined => (isNumeric(edge) ? Number(edge) : undefined);

function documentBounds([lower, upper]: [Edge, Edge], isSorted: boolean): WindowBounds {
  if (!isSorted && !(lower === 'unbounded' && upper === 'unbounded')) {
    throw badInput('A window with bounded "documents" needs "sortBy".');
  }
  const place = (edge: Edge, index: number, unbounded: number): number =>
    edge === 'unbounded' ? unbounded : edge === 'current' ? index : index + edge;
  return {
    kind: 'documents',
    growing: lower === 'unbounded',
    holdsItself: holdsItself(lower, upper),
    at({ docs }, index) {
      const last = docs.length - 1;
      return [Math.max(0, place(lower, index, 0)), Math.min(last, place(upper, index, last))];
    },
  };
}

/** The value that a range is counted from; a document without one has no window, whatever its edges. */
function checkBase(value: unknown, unit: Unit | undefined): void {
  if (value instanceof Date) {
    if (unit === undefined) throw badInput('A range of dates needs a "unit".');
  } else if (unit !== undefined) throw badInput('A range with a "unit" needs dates to sort by.');
  else numericOperand(value, 'A window with "range"');
}

function rangeBounds(
  [lower, upper]: [Edge, Edge],
  unit: Unit | undefined,
  sortValue: Expression,
): WindowBounds {
  const shift = (value: unknown, amount: number): unknown =>
    value instanceof Date && unit !== undefined
      ? new Date(addUnits(value.getTime(), unit, amount, UTC))
      : add(numericOperand(value, 'A window'), numericOperand(amount, 'A window'));
  return {
    kind: 'range',
    growing: lower === 'unbounded',
    holdsItself: holdsItself(lower, upper),
    at({ docs, keys }, index) {
      // Not its key to sort by, which is one of the elements of an array.
      const value = sortValue(docs[index] ?? {});
      checkBase(value, unit);
      let first = lower === 'current' ? index : 0;
      if (typeof lower === 'number') {
        const from = shift(value, lower);
        first = search(keys, (key) => compareValues(key, from) >= 0);
      }
      if (upper === 'current') return [first, index];
      if (upper === 'unbounded') return [first, keys.length - 1];
      const to = shift(value, upper);
      return [first, search(keys, (key) => compareValues(key, to) > 0) - 1];
    },
  };
}

/** The first index whose key passes, given that all later keys pass too (binary search). */
function search(keys: readonly (readonly unknown[])[], passes: (key: unknown) => boolean): number {
  let low = 0;
  let high = keys.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (passes(keys[middle]?.[0])) high = middle;
    else low = middle + 1;
  }
  return low;
}
