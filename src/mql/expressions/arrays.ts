import { badInput } from '../../errors.ts';
import { compileElementComparator } from '../sort/comparator.ts';
import { BINARY, type Ordering } from '../values/collation.ts';
import { isDocument } from '../values/fields.ts';
import { toInt32, toInteger } from '../values/numbers.ts';
import { createBudget } from '../values/size.ts';
import { truthy } from '../values/truthy.ts';
import { isNullish } from '../values/types.ts';
import {
  binary,
  type ExpressionFamily,
  type ExpressionOperator,
  named,
  namedArguments,
  several,
  unary,
  unaryOrNull,
  untilNull,
  wrongType,
} from './operator.ts';

function arrayOf(value: unknown, name: string): unknown[] {
  if (!Array.isArray(value)) throw wrongType(name, 'an array', value);
  return value;
}

/** An operand that must be a 32-bit integer. */
export function int32Operand(value: unknown, name: string, what: string): number {
  const found = toInt32(value);
  if (found === undefined) throw wrongType(name, `a 32-bit integer as ${what}`, value);
  return found;
}

/** The positions from and up to which a string or an array is searched: an operand that is given must be a number. */
export function searchRange(
  values: readonly unknown[],
  length: number,
  name: string,
): { readonly start: number; readonly stop: number } {
  const start = values.length > 2 ? int32Operand(values[2], name, 'start') : 0;
  const stop = values.length > 3 ? int32Operand(values[3], name, 'end') : length;
  if (start < 0 || stop < 0) throw badInput(`${name} needs non-negative positions.`);
  return { start, stop: Math.min(stop, length) };
}

const $arrayElemAt = binary((array, index, name) => {
  if (isNullish(array) || isNullish(index)) return null;
  return arrayOf(array, name).at(int32Operand(index, name, 'index'));
});

const end = (at: 0 | -1): ExpressionOperator =>
  unary((value, name) => (isNullish(value) ? null : arrayOf(value, name).at(at)));

const $slice = several(2, 3, (values, name) => {
  const [array, second, third] = values;
  if (isNullish(array) || isNullish(second)) return null;
  const items = arrayOf(array, name);
  const first = int32Operand(second, name, values.length === 3 ? 'position' : 'number of elements');
  if (values.length === 3 && isNullish(third)) return null;
  if (values.length === 2) return first < 0 ? items.slice(first) : items.slice(0, first);
  const count = int32Operand(third, name, 'number of elements');
  if (count <= 0) throw badInput('The number of elements of $slice must be positive.');
  const start = first < 0 ? Math.max(0, items.length + first) : first;
  return items.slice(start, start + count);
});

const shorterList = 'Make a shorter list.';

const $range: ExpressionOperator = (argument, scope, outer) =>
  several(2, 3, (values, name) => {
    const start = int32Operand(values[0], name, 'start');
    const stop = int32Operand(values[1], name, 'end');
    const step = values.length === 3 ? int32Operand(values[2], name, 'step') : 1;
    if (step === 0) throw badInput('The step of $range cannot be 0.');
    const count = Math.max(0, Math.ceil((stop - start) / step));
    // MongoDB's estimate: 16 bytes per number.
    createBudget(name, scope.limits, shorterList).add(16 * count);
    return Array.from({ length: count }, (_, i) => start + i * step);
  })(argument, scope, outer);

const $concatArrays = several(0, Number.POSITIVE_INFINITY, (values, name, { limits }) => {
  const arrays = untilNull(values, (value) => arrayOf(value, name));
  if (arrays === undefined) return null;
  const count = arrays.reduce((sum, { length }) => sum + length, 0);
  createBudget(name, limits, shorterList).add(8 * count);
  return arrays.flat();
});

const $in = binary((value, array, name, { ordering }) => {
  const items = arrayOf(array, name);
  return items.some((item) => ordering.compare(item, value) === 0);
});

const $indexOfArray = several(2, 4, (values, name, { ordering }) => {
  const [array, wanted] = values;
  if (isNullish(array)) return null;
  const items = arrayOf(array, name);
  const { start, stop } = searchRange(values, items.length, name);
  for (let i = start; i < stop; i++) {
    if (ordering.compare(items[i], wanted) === 0) return i;
  }
  return -1;
});

const $zip: ExpressionOperator = (argument, scope, name) => {
  const args = namedArguments(name, argument, ['inputs'], ['useLongestLength', 'defaults']);
  const longest = args.get('useLongestLength') ?? false;
  if (typeof longest !== 'boolean') throw badInput('"useLongestLength" of $zip must be true or false.');
  if (args.has('defaults') && !longest) throw badInput('"defaults" of $zip needs "useLongestLength: true".');
  const list = args.get('inputs');
  if (!Array.isArray(list) || list.length === 0)
    throw badInput('"inputs" of $zip must be a non-empty array.');
  const given = args.has('defaults') ? args.get('defaults') : [];
  if (!Array.isArray(given)) throw badInput('"defaults" of $zip must be an array.');
  if (args.has('defaults') && given.length !== list.length) {
    throw badInput('"defaults" of $zip needs one value for each input.');
  }
  const inputs = list.map((input) => scope.compile(input, scope));
  const defaults = given.map((value) => scope.compile(value, scope));
  return (doc) => {
    const lists = untilNull(
      inputs.map((input) => input(doc)),
      (array) => arrayOf(array, name),
    );
    if (lists === undefined) return null;
    const lengths = lists.map((items) => items.length);
    const length = longest ? Math.max(...lengths) : Math.min(...lengths);
    return Array.from({ length }, (_, row) =>
      lists.map((items, column) => (row < items.length ? items[row] : (defaults[column]?.(doc) ?? null))),
    );
  };
};

const $sortArray: ExpressionOperator = (argument, scope, name) => {
  const args = namedArguments(name, argument, ['input', 'sortBy']);
  const input = scope.compile(args.get('input'), scope);
  const by = args.get('sortBy');
  const direction = toInteger(by);
  if (!isDocument(by) && direction !== 1n && direction !== -1n) {
    throw badInput('"sortBy" of $sortArray must be 1, -1 or a document such as {price: 1}.');
  }
  const compare = isDocument(by)
    ? compileElementComparator(by, scope.ordering)
    : (a: unknown, b: unknown) => scope.ordering.compare(a, b) * Number(direction);
  return (doc) => {
    const items = input(doc);
    return isNullish(items) ? null : arrayOf(items, name).toSorted(compare);
  };
};

/** The n first, last, largest or smallest elements. */
function firstN(pick: (items: unknown[], n: number, ordering: Ordering) => unknown[]): ExpressionOperator {
  return named(['n', 'input'], [], ({ n, input }, name, { ordering }) => {
    const count = toInteger(n);
    if (count === undefined || count < 1n) throw badInput(`"n" of ${name} must be a positive integer.`);
    return pick(arrayOf(input, name), Number(count), ordering);
  });
}

const present = (items: unknown[]): unknown[] => items.filter((item) => !isNullish(item));

/** Elements without duplicates, in order of first appearance. */
export function distinct(
  items: Iterable<unknown>,
  { hash }: Ordering = BINARY,
): Map<string | number, unknown> {
  const found = new Map<string | number, unknown>();
  for (const item of items) {
    const key = hash(item);
    if (!found.has(key)) found.set(key, item);
  }
  return found;
}

const sorted = (items: Iterable<unknown>, { compare }: Ordering): unknown[] => [...items].sort(compare);

function setOperation(
  apply: (sets: Map<string | number, unknown>[], ordering: Ordering) => unknown,
): ExpressionOperator {
  return several(0, Number.POSITIVE_INFINITY, (values, name, { ordering }) => {
    const sets = untilNull(values, (value) => distinct(arrayOf(value, name), ordering));
    return sets === undefined ? null : apply(sets, ordering);
  });
}

const subset = (a: unknown[], b: unknown[], ordering: Ordering): boolean => {
  const keys = distinct(b, ordering);
  return [...distinct(a, ordering).keys()].every((key) => keys.has(key));
};

export const arrays: ExpressionFamily = {
  $arrayElemAt,
  $first: end(0),
  $last: end(-1),
  $slice,
  $range,
  $concatArrays,
  $in,
  $indexOfArray,
  $zip,
  $sortArray,
  $isArray: unary(Array.isArray),
  $size: unary((value, name) => arrayOf(value, name).length),
  $reverseArray: unaryOrNull((value, name) => arrayOf(value, name).toReversed()),
  $firstN: firstN((items, n) => items.slice(0, n)),
  $lastN: firstN((items, n) => items.slice(-n)),
  $maxN: firstN((items, n, { compare }) =>
    present(items)
      .sort((a, b) => compare(b, a))
      .slice(0, n),
  ),
  $minN: firstN((items, n, { compare }) => present(items).sort(compare).slice(0, n)),
};

export const sets: ExpressionFamily = {
  $setUnion: setOperation((list, ordering) => {
    const all = list.flatMap((set) => [...set.values()]);
    return sorted(distinct(all, ordering).values(), ordering);
  }),
  $setIntersection: setOperation((list, ordering) => {
    const [first = new Map(), ...rest] = list;
    const common = [...first].filter(([key]) => rest.every((set) => set.has(key)));
    return sorted(
      common.map(([, value]) => value),
      ordering,
    );
  }),
  $setDifference: binary((a, b, name, { ordering }) => {
    if (isNullish(a) || isNullish(b)) return null;
    const removed = distinct(arrayOf(b, name), ordering);
    return [...distinct(arrayOf(a, name), ordering)]
      .filter(([key]) => !removed.has(key))
      .map(([, value]) => value);
  }),
  $setEquals: several(2, Number.POSITIVE_INFINITY, (values, name, { ordering }) => {
    const lists = values.map((value) => arrayOf(value, name));
    const [first = [], ...rest] = lists;
    return rest.every((list) => subset(first, list, ordering) && subset(list, first, ordering));
  }),
  $setIsSubset: binary((a, b, name, { ordering }) => subset(arrayOf(a, name), arrayOf(b, name), ordering)),
  $allElementsTrue: unary((value, name) => arrayOf(value, name).every(truthy)),
  $anyElementTrue: unary((value, name) => arrayOf(value, name).some(truthy)),
};
