import { badInput } from '../../errors.ts';
import { distinct } from '../expressions/arrays.ts';
import { mergeDocuments } from '../expressions/objects.ts';
import { namedArguments, wrongType } from '../expressions/operator.ts';
import type { Ordering } from '../values/collation.ts';
import { isDocument } from '../values/fields.ts';
import { double, integer, numericToNumber, readNumeric } from '../values/numbers.ts';
import { approximateSize, createHold } from '../values/size.ts';
import { createSum } from '../values/sum.ts';
import { isNullish } from '../values/types.ts';
import { type AccumulatorFamily, type AccumulatorOperator, over } from './accumulator.ts';
import { deviation } from './deviation.ts';
import { parsePercentiles, percentiles } from './percentile.ts';

const $sum = over(() => {
  const sum = createSum();
  return {
    add(value) {
      const numeric = readNumeric(value);
      if (numeric !== undefined) sum.add(numeric);
    },
    result: sum.result,
  };
});

const $avg = over(() => {
  const sum = createSum();
  let count = 0;
  return {
    add(value) {
      const numeric = readNumeric(value);
      if (numeric === undefined) return;
      sum.add(numeric);
      count++;
    },
    result: () => (count === 0 ? null : sum.mean(count)),
  };
});

/** $max and $min: null and missing are ignored. */
function extreme(direction: 1 | -1): AccumulatorOperator {
  return over((budget, { ordering }) => {
    const hold = createHold(budget);
    let best: unknown;
    return {
      add(value) {
        if (isNullish(value)) return;
        if (best !== undefined && ordering.compare(value, best) * direction <= 0) return;
        hold(value);
        best = value;
      },
      result: () => best ?? null,
    };
  });
}

const $first = over((budget) => {
  let first: { readonly value: unknown } | undefined;
  return {
    add(value) {
      if (first !== undefined) return;
      createHold(budget)(value);
      first = { value };
    },
    result: () => first?.value ?? null,
  };
});

const $last = over((budget) => {
  const hold = createHold(budget);
  let last: unknown;
  return {
    add(value) {
      hold(value);
      last = value;
    },
    result: () => last ?? null,
  };
});

const $push = over((budget) => {
  const items: unknown[] = [];
  return {
    add(value) {
      if (value === undefined) return;
      budget.add(8 + approximateSize(value));
      items.push(value);
    },
    result: () => items,
  };
});

const $addToSet = over((budget, { ordering }) => {
  const items = new Map<string | number, unknown>();
  return {
    add(value) {
      if (value === undefined) return;
      const key = ordering.hash(value);
      if (items.has(key)) return;
      budget.add(32 + 2 * approximateSize(value));
      items.set(key, value);
    },
    result: () => [...items.values()],
  };
});

const $mergeObjects = over((budget) => {
  const parts: unknown[] = [{}];
  return {
    add(value) {
      if (isNullish(value)) return;
      budget.add(approximateSize(value));
      parts[0] = mergeDocuments([parts[0], value], '$mergeObjects');
    },
    result: () => parts[0],
  };
});

const $count: AccumulatorOperator = (argument) => {
  if (!isDocument(argument) || Object.keys(argument).length > 0)
    throw badInput('$count takes no operands: {$count: {}}.');
  return () => {
    let count = 0;
    return { add: () => void count++, result: () => integer(BigInt(count)) };
  };
};

/** $concatArrays and $setUnion of arrays from several documents. */
function arrays(finish: (items: unknown[], ordering: Ordering) => unknown[]): AccumulatorOperator {
  return (argument, scope, name) => {
    const operand = scope.compile(argument, scope);
    return (budget) => {
      const items: unknown[] = [];
      return {
        add(doc) {
          const value = operand(doc);
          if (value === undefined) return;
          if (!Array.isArray(value)) throw wrongType(name, 'arrays', value);
          budget.add(approximateSize(value));
          for (const item of value) items.push(item);
        },
        result: () => finish(items, scope.ordering),
      };
    };
  };
}

function percentile(single: boolean): AccumulatorOperator {
  return (argument, scope, name) => {
    const args = namedArguments(name, argument, single ? ['input', 'method'] : ['input', 'p', 'method']);
    const shares = parsePercentiles(name, args, single, scope);
    const input = scope.compile(args.get('input'), scope);
    return (budget) => {
      const numbers: number[] = [];
      return {
        add(doc) {
          const numeric = readNumeric(input(doc));
          if (numeric === undefined) return;
          budget.add(8);
          numbers.push(numericToNumber(numeric));
        },
        result() {
          const found = percentiles(numbers, shares).map((value) => (value === null ? null : double(value)));
          return single ? found[0] : found;
        },
      };
    };
  };
}

export const basic: AccumulatorFamily = {
  $sum,
  $avg,
  $max: extreme(1),
  $min: extreme(-1),
  $first,
  $last,
  $push,
  $addToSet,
  $mergeObjects,
  $count,
  $stdDevPop: over(() => deviation(false)),
  $stdDevSamp: over(() => deviation(true)),
  $percentile: percentile(false),
  $median: percentile(true),
  $concatArrays: arrays((items) => items),
  $setUnion: arrays((items, ordering) => [...distinct(items, ordering).values()]),
};
