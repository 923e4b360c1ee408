import { HydrogenError } from '../../errors.ts';

const surrogate = (unit: number): boolean => unit >= 0xd800 && unit <= 0xdfff;

/**
 * Compares strings by their UTF-8 bytes, as MongoDB does without collation. That is code point order; it
 * differs from JavaScript's order of 16-bit units only if a surrogate is compared with U+E000 … U+FFFF.
 */
export function compareStrings(a: string, b: string): number {
  if (a === b) return 0;
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(i);
    if (x !== y) {
      const high = surrogate(x);
      if (high !== surrogate(y)) return high ? 1 : -1;
      return x < y ? -1 : 1;
    }
  }
  return a.length < b.length ? -1 : 1;
}

/** A string of an expression is shorter, as in MongoDB. */
const MAX_BYTES = 16 * 1024 * 1024;

/** The text. @throws HydrogenError too_large if it has 16 MB */
export function limitText(text: string): string {
  if (3 * text.length < MAX_BYTES || Buffer.byteLength(text) < MAX_BYTES) return text;
  throw new HydrogenError('too_large', 'A string in an expression has less than 16 MB. Make a shorter one.');
}
