import { double, numericToNumber, readNumeric } from '../values/numbers.ts';

/** A running standard deviation (Welford's method); non-numeric values are ignored. */
export function deviation(sample: boolean) {
  let count = 0;
  let mean = 0;
  let squares = 0;
  return {
    add(value: unknown): void {
      const numeric = readNumeric(value);
      if (numeric === undefined) return;
      const number = numericToNumber(numeric);
      count++;
      const delta = number - mean;
      mean += delta / count;
      squares += delta * (number - mean);
    },
    result(): unknown {
      const divisor = sample ? count - 1 : count;
      if (divisor <= 0) return null;
      return double(Math.sqrt(squares / divisor));
    },
  };
}
