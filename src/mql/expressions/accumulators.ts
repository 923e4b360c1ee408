import { deviation } from '../accumulators/deviation.ts';
import { parsePercentiles, percentiles } from '../accumulators/percentile.ts';
import { double, numericToNumber, readNumeric } from '../values/numbers.ts';
import { isNullish } from '../values/types.ts';
import { spread } from './arithmetic.ts';
import { type ExpressionFamily, type ExpressionOperator, namedArguments, several } from './operator.ts';

/** The largest or smallest operand; null and missing are ignored. */
function extreme(direction: 1 | -1): ExpressionOperator {
  return several(0, Number.POSITIVE_INFINITY, (values, _name, { ordering }) => {
    let best: unknown = null;
    for (const value of spread(values)) {
      if (isNullish(value)) continue;
      if (best === null || ordering.compare(value, best) * direction > 0) best = value;
    }
    return best;
  });
}

function standardDeviation(sample: boolean): ExpressionOperator {
  return several(0, Number.POSITIVE_INFINITY, (values) => {
    const state = deviation(sample);
    for (const value of spread(values)) state.add(value);
    return state.result();
  });
}

function percentile(single: boolean): ExpressionOperator {
  return (argument, scope, name) => {
    const args = namedArguments(name, argument, single ? ['input', 'method'] : ['input', 'p', 'method']);
    const wanted = parsePercentiles(name, args, single, scope);
    const input = scope.compile(args.get('input'), scope);
    return (doc) => {
      const value = input(doc);
      const numbers: number[] = [];
      for (const item of Array.isArray(value) ? value : [value]) {
        const numeric = readNumeric(item);
        if (numeric !== undefined) numbers.push(numericToNumber(numeric));
      }
      const results = percentiles(numbers, wanted).map((result) => (result === null ? null : double(result)));
      return single ? results[0] : results;
    };
  };
}

/** Accumulators that are expressions as well. */
export const accumulatorExpressions: ExpressionFamily = {
  $max: extreme(1),
  $min: extreme(-1),
  $stdDevPop: standardDeviation(false),
  $stdDevSamp: standardDeviation(true),
  $percentile: percentile(false),
  $median: percentile(true),
};
