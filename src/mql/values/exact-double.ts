/** Longest text and most digits that are compared. */
const maxLength = 400;
const maxDigits = 100;

/** The digits of a number as text, without zeros around them. */
const significant = (text: string): string =>
  text
    .replace(/[eE].*$/, '')
    .replace(/\D/g, '')
    .replace(/^0+/, '')
    .replace(/0+$/, '');

/** Why no double is near a number as text, if none is. */
export function beyondDouble(text: string): 'too large' | 'too small' | undefined {
  const value = Number(text);
  if (!Number.isFinite(value)) return 'too large';
  return value === 0 && /^[^eE]*[1-9]/.test(text) ? 'too small' : undefined;
}

/**
 * Whether the nearest double, in its shortest form or with as many digits, is the number as it is written: `0.1` is, and
 * so are the 17 digits by which other programs write doubles, but not `9007199254740993.0`.
 */
export function isDouble(text: string): boolean {
  const value = Number(text);
  // Up to 15 digits are kept, but for numbers near the smallest.
  if (text.length <= 16 && !/e/i.test(text)) return Number.isFinite(value);
  if (text.length > maxLength || beyondDouble(text)) return false;
  const digits = significant(text);
  if (digits === '' || digits === significant(String(value))) return true;
  return digits.length <= maxDigits && significant(value.toPrecision(digits.length)) === digits;
}
