import { badInput } from '../../errors.ts';
import { isConstant } from '../expressions/constant.ts';
import { namedArguments } from '../expressions/operator.ts';
import type { Scope } from '../expressions/scope.ts';
import { compileSortKey, keyComparator, parseSort } from '../sort/comparator.ts';
import { isDocument } from '../values/fields.ts';
import { fitsLong, toInteger } from '../values/numbers.ts';
import { approximateSize, type Budget } from '../values/size.ts';
import { isNullish } from '../values/types.ts';
import type { AccumulatorFamily, AccumulatorOperator } from './accumulator.ts';

/** "n": a constant, checked at compile time, or an expression over the fields of the group key. */
function sizeOf(value: unknown, scope: Scope, name: string): (key: unknown) => number {
  const expression = scope.compile(value, scope);
  const size = (key: unknown): number => {
    const n = toInteger(expression(isDocument(key) ? key : {}));
    if (n === undefined || n < 1n || !fitsLong(n))
      throw badInput(`"n" of ${name} must be a positive integer.`);
    return Number(n);
  };
  if (isConstant(value)) size(undefined);
  return size;
}

/** $firstN and $lastN: missing values count as null. */
function inOrder(fromEnd: boolean): AccumulatorOperator {
  return (argument, scope, name) => {
    const args = namedArguments(name, argument, ['n', 'input']);
    const size = sizeOf(args.get('n'), scope, name);
    const input = scope.compile(args.get('input'), scope);
    return (budget, groupKey) => {
      const n = size(groupKey);
      const items: unknown[] = [];
      return {
        add(doc) {
          if (!fromEnd && items.length >= n) return;
          const value = input(doc) ?? null;
          items.push(value);
          budget.add(8 + approximateSize(value));
          if (items.length > n) budget.add(-8 - approximateSize(items.shift()));
        },
        result: () => items,
      };
    };
  };
}

/** Keeps the n lowest by `compare`; equal items stay in order of arrival. Kept items are charged to the budget. */
function keepLowest<T>(
  n: number,
  compare: (a: T, b: T) => number,
  { budget, size }: { readonly budget: Budget; size(item: T): number },
) {
  const items: T[] = [];
  return {
    items,
    add(item: T): void {
      let low = 0;
      let high = items.length;
      while (low < high) {
        const middle = (low + high) >> 1;
        if (compare(items[middle] as T, item) <= 0) low = middle + 1;
        else high = middle;
      }
      if (low >= n) return;
      items.splice(low, 0, item);
      budget.add(size(item));
      if (items.length > n) budget.add(-size(items.pop() as T));
    },
  };
}

/** $maxN and $minN: null and missing are ignored. */
function extremeN(direction: 1 | -1): AccumulatorOperator {
  return (argument, scope, name) => {
    const args = namedArguments(name, argument, ['n', 'input']);
    const size = sizeOf(args.get('n'), scope, name);
    const input = scope.compile(args.get('input'), scope);
    return (budget, groupKey) => {
      const n = size(groupKey);
      const compare = (a: unknown, b: unknown): number => scope.ordering.compare(a, b) * -direction;
      const kept = keepLowest(n, compare, { budget, size: (value) => 8 + approximateSize(value) });
      return {
        add(doc) {
          const value = input(doc);
          if (!isNullish(value)) kept.add(value);
        },
        result: () => kept.items,
      };
    };
  };
}

/** $top, $bottom and their N forms: the output of the documents that sort first or last. */
function bySort(last: boolean, single: boolean): AccumulatorOperator {
  return (argument, scope, name) => {
    const args = namedArguments(name, argument, single ? ['sortBy', 'output'] : ['n', 'sortBy', 'output']);
    const count = single ? () => 1 : sizeOf(args.get('n'), scope, name);
    const sort = args.get('sortBy');
    if (!isDocument(sort) || Object.keys(sort).length === 0)
      throw badInput(`"sortBy" of ${name} must be a sort document.`);
    const fields = parseSort(sort);
    const key = compileSortKey(fields, scope.ordering);
    const order = keyComparator(fields, scope.ordering);
    const output = scope.compile(args.get('output'), scope);
    return (budget, groupKey) => {
      const n = count(groupKey);
      // The last n are the first n in reverse order; among equal items, later ones come last.
      let serial = 0;
      type Item = { readonly key: unknown[]; readonly serial: number; readonly value: unknown };
      const forward = (a: Item, b: Item): number => order(a.key, b.key) || a.serial - b.serial;
      const size = ({ value }: Item): number => 64 + approximateSize(value);
      const kept = keepLowest(n, last ? (a, b) => forward(b, a) : forward, { budget, size });
      return {
        add(doc) {
          const value = output(doc) ?? null;
          kept.add({ key: key(doc), serial: serial++, value });
        },
        result() {
          const values = (last ? kept.items.toReversed() : kept.items).map((item) => item.value);
          return single ? (values[0] ?? null) : values;
        },
      };
    };
  };
}

export const ranked: AccumulatorFamily = {
  $firstN: inOrder(false),
  $lastN: inOrder(true),
  $maxN: extremeN(1),
  $minN: extremeN(-1),
  $top: bySort(false, true),
  $topN: bySort(false, false),
  $bottom: bySort(true, true),
  $bottomN: bySort(true, false),
};
