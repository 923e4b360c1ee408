import { type Decimal, exactDecimal, readDecimal, writeDecimal } from './decimal.ts';
import { addDecimals, divideDecimals } from './decimal-math.ts';
import { double, integer, type Numeric, writeNumeric } from './numbers.ts';

/** A running sum over mixed numeric types. */
export interface Sum {
  add(value: Numeric): void;
  /** The total in the widest type added; int 0 if nothing was added. */
  result(): unknown;
  /** The total divided by `count`: a decimal if one was added, else a double. */
  mean(count: number): unknown;
}

const WIDTH = { int: 0, long: 1, double: 2, decimal: 3 };

/**
 * Sums integers exactly and doubles with compensation (two doubles, as MongoDB's DoubleDoubleSummation), so
 * that the order of the values hardly matters.
 */
export function createSum(): Sum {
  let type: Numeric['type'] = 'int';
  let whole = 0;
  let wide = 0n;
  let high = 0;
  let low = 0;
  // Infinities, NaN and overflow invalidate the compensation; the plain sum is the result then.
  let plain = 0;
  let decimals: Decimal = { coefficient: 0n, exponent: 0 };

  const addDouble = (value: number): void => {
    const sum = high + value;
    const part = sum - high;
    low += high - (sum - part) + (value - part);
    high = sum;
  };
  const integers = (): bigint => wide + BigInt(whole);
  const doubles = (): number => {
    const count = integers();
    if (!Number.isFinite(plain)) return plain + Number(count);
    const before: [number, number] = [high, low];
    if (count !== 0n) addDouble(Number(count));
    const total = high + low;
    [high, low] = before;
    return total;
  };
  const exact = (): Decimal => {
    const floating = Number.isFinite(plain)
      ? addDecimals(exactDecimal(high), exactDecimal(low))
      : exactDecimal(plain);
    return addDecimals(addDecimals(decimals, floating), { coefficient: integers(), exponent: 0 });
  };

  return {
    add(value) {
      if (WIDTH[value.type] > WIDTH[type]) type = value.type;
      switch (value.type) {
        case 'int':
          whole += value.value;
          if (whole > 2 ** 52 || whole < -(2 ** 52)) {
            wide += BigInt(whole);
            whole = 0;
          }
          break;
        case 'long':
          wide += value.value;
          break;
        case 'double':
          plain += value.value;
          addDouble(value.value);
          break;
        default:
          // Each sum has 34 digits and may overflow, as in MongoDB.
          decimals = readDecimal(writeDecimal(addDecimals(decimals, value.value)));
      }
    },
    result() {
      if (type === 'decimal') return writeNumeric({ type, value: exact() });
      return type === 'double' ? double(doubles()) : integer(integers(), type);
    },
    mean(count) {
      if (type !== 'decimal') return double(doubles() / count);
      const divisor = { coefficient: BigInt(count), exponent: 0 };
      return writeNumeric({ type, value: divideDecimals(readDecimal(writeDecimal(exact())), divisor) });
    },
  };
}
