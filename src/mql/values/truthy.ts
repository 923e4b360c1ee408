import { isZero, readNumeric } from './numbers.ts';
import { T, typeNumber } from './types.ts';

/** MongoDB's truthiness of a value: false, zero, null and missing are false; NaN, "" and [] are true. */
export function truthy(value: unknown): boolean {
  if (typeof value === 'boolean') return value;
  if (typeof value === 'number') return value !== 0;
  if (value === null || value === undefined || typeNumber(value) === T.undefined) return false;
  const numeric = readNumeric(value);
  return numeric === undefined || !isZero(numeric);
}
