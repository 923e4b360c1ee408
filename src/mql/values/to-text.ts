import type { Long } from 'bson';
import { badInput } from '../../errors.ts';
import { toNumber } from './numbers.ts';
import { T, typeName, typeNumber } from './types.ts';

/** A double as C's printf formats it with %.16g, which is how MongoDB converts doubles to strings. */
export function doubleText(value: number): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? 'NaN' : value > 0 ? 'Infinity' : '-Infinity';
  if (value === 0) return Object.is(value, -0) ? '-0' : '0';
  const [digits = '', exponent = '0'] = value.toExponential(15).split('e');
  const power = Number(exponent);
  const trim = (text: string): string => (text.includes('.') ? text.replace(/\.?0+$/, '') : text);
  if (power < -4 || power >= 16) {
    const size = String(Math.abs(power)).padStart(2, '0');
    return `${trim(digits)}e${power < 0 ? '-' : '+'}${size}`;
  }
  return trim(value.toFixed(Math.max(0, Math.min(100, 15 - power))));
}

/** The text of a value for string operators, which take numbers and dates too; null and missing are "". */
export function coerceToText(value: unknown, name: string): string {
  if (typeof value === 'string') return value;
  switch (typeNumber(value)) {
    case T.null:
    case T.missing:
      return '';
    case T.symbol:
    case T.javascript:
    case T.decimal:
      return String(value);
    case T.int:
      return String(toNumber(value));
    case T.double:
      return doubleText(toNumber(value));
    case T.long:
      return (value as Long).toString();
    case T.date:
      return (value as Date).toISOString();
    case T.timestamp:
      return String(value);
    default:
      throw badInput(`${name} needs a string, not ${typeName(value)}.`);
  }
}
