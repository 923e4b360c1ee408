import type { Code, Long, Timestamp } from 'bson';
import { badInput } from '../../errors.ts';
import { toNumber } from './numbers.ts';
import { T, typeName, typeNumber } from './types.ts';

/** As C's %g writes a number of these digits: with an exponent below 10^-4 and from 10^`digits` on. */
function general(exponential: string, digits: number, plain: (power: number) => string): string {
  const [mantissa = '', exponent = '0'] = exponential.split('e');
  const power = Number(exponent);
  const trim = (text: string): string => (text.includes('.') ? text.replace(/\.?0+$/, '') : text);
  if (power >= -4 && power < digits) return trim(plain(power));
  return `${trim(mantissa)}e${power < 0 ? '-' : '+'}${String(Math.abs(power)).padStart(2, '0')}`;
}

function special(value: number): string | undefined {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? 'Infinity' : '-Infinity';
  return value === 0 ? (Object.is(value, -0) ? '-0' : '0') : undefined;
}

/** A double as $toString writes it in MongoDB 8.2: as many digits as tell it from all others. */
export function doubleText(value: number): string {
  return special(value) ?? general(value.toExponential(), 16, () => String(value));
}

/** A double as operators on strings take it, $substrBytes or $toLower: six digits. */
function coercedDouble(value: number): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? 'nan' : value > 0 ? 'inf' : '-inf';
  return special(value) ?? general(value.toExponential(5), 6, (power) => value.toFixed(5 - power));
}

/** As C's ctime writes it, without weekday and year, and the number behind it: "Jan  1 00:00:01:1". */
function timestampText({ t, i }: Timestamp): string {
  const [, day = '', month = '', , time = ''] = new Date(t * 1000).toUTCString().split(' ');
  return `${month} ${String(Number(day)).padStart(2)} ${time}:${i}`;
}

/** The text of a value for string operators, which take numbers and dates too; null and missing are "". */
export function coerceToText(value: unknown, name: string): string {
  if (typeof value === 'string') return value;
  switch (typeNumber(value)) {
    case T.null:
    case T.missing:
      return '';
    case T.javascript:
      return (value as Code).code;
    case T.symbol:
    case T.decimal:
      return String(value);
    case T.int:
      return String(toNumber(value));
    case T.double:
      return coercedDouble(toNumber(value));
    case T.long:
      return (value as Long).toString();
    case T.date:
      return (value as Date).toISOString();
    case T.timestamp:
      return timestampText(value as Timestamp);
    default:
      throw badInput(`${name} needs a string, not ${typeName(value)}.`);
  }
}
