import { isDouble } from '../../../mql/values/exact-double.ts';

/**
 * The number of a cell, with all digits that are written: an integer of 64 bits that is no safe integer as a `bigint`,
 * and a larger one as text where a double would change it. Fractions are what spreadsheets calculate with: doubles.
 * @returns undefined for text that is no number
 */
export function exactNumber(text: string): number | bigint | string | undefined {
  const number = Number(text);
  if (!Number.isFinite(number)) return undefined;
  if (!Number.isInteger(number) || Number.isSafeInteger(number)) return number;
  const digits = text.trim();
  if (!/^[+-]?\d+$/.test(digits)) return number;
  const exact = BigInt(digits.replace('+', ''));
  if (BigInt.asIntN(64, exact) === exact) return exact;
  return isDouble(digits) ? number : digits;
}
