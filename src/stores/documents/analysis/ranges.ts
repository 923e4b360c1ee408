/** A range of keys in byte order: from `low` up to, but not including, `high`. */
export interface Range {
  readonly low: Uint8Array;
  readonly high: Uint8Array;
}

/** Sorted and disjoint. */
export type Ranges = readonly Range[];

/** A query is not turned into more ranges than this: `$in` on several fields multiplies. */
export const maxRanges = 10_000;

/** All keys: each begins with the byte of a type, or its complement, which is below 255. */
export const everything: Range = { low: new Uint8Array(0), high: Uint8Array.of(0xff) };

const compare = (a: Uint8Array, b: Uint8Array): number => Buffer.compare(a, b);
const later = (a: Uint8Array, b: Uint8Array): Uint8Array => (compare(a, b) >= 0 ? a : b);
const earlier = (a: Uint8Array, b: Uint8Array): Uint8Array => (compare(a, b) <= 0 ? a : b);

/** The lowest bytes above everything that begins with these. */
export function pastPrefix(prefix: Uint8Array): Uint8Array {
  let length = prefix.length;
  while (length > 0 && prefix[length - 1] === 0xff) length--;
  if (length === 0) return everything.high;
  const past = Uint8Array.from(prefix.subarray(0, length));
  past[length - 1] = (past[length - 1] as number) + 1;
  return past;
}

export function withPrefix(prefix: Uint8Array): Range {
  return { low: prefix, high: pastPrefix(prefix) };
}

/** True when a range of ascending keys holds a single value. */
export function isPoint({ low, high }: Range): boolean {
  return low.length > 0 && compare(pastPrefix(low), high) === 0;
}

export function union(ranges: readonly Range[]): Ranges {
  const sorted = ranges
    .filter(({ low, high }) => compare(low, high) < 0)
    .sort((a, b) => compare(a.low, b.low));
  const merged: Range[] = [];
  for (const range of sorted) {
    const last = merged.at(-1);
    // Ranges that only touch are not merged: points must remain points.
    if (last && compare(range.low, last.high) < 0) {
      merged[merged.length - 1] = { low: last.low, high: later(last.high, range.high) };
    } else merged.push(range);
  }
  return merged;
}

export function intersection(a: Ranges, b: Ranges): Ranges {
  const common: Range[] = [];
  let i = 0;
  let j = 0;
  for (;;) {
    const x = a[i];
    const y = b[j];
    if (!x || !y) return common;
    const range = { low: later(x.low, y.low), high: earlier(x.high, y.high) };
    if (compare(range.low, range.high) < 0) common.push(range);
    if (compare(x.high, y.high) <= 0) i++;
    else j++;
  }
}

const complement = (bytes: Uint8Array): Uint8Array => bytes.map((byte) => ~byte);

const isEnd = (high: Uint8Array): boolean => high.length === 1 && high[0] === 0xff;

/** The same values where keys are complemented. No complete key is a prefix of another. */
export function descending(ranges: Ranges): Ranges {
  const turned = ranges.map((range): Range => {
    const { low, high } = range;
    if (isPoint(range)) return withPrefix(complement(low));
    return {
      low: isEnd(high) ? everything.low : pastPrefix(complement(high)),
      high: low.length === 0 ? everything.high : pastPrefix(complement(low)),
    };
  });
  return turned.reverse();
}

/** The keys that begin with `prefix` and continue within the range. */
export function behind(prefix: Uint8Array, { low, high }: Range): Range {
  if (prefix.length === 0) return { low, high };
  return {
    low: Buffer.concat([prefix, low]),
    high: isEnd(high) ? pastPrefix(prefix) : Buffer.concat([prefix, high]),
  };
}
