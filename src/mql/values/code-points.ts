/** A set of code points as inclusive ranges. */
export type CodePoints = readonly (readonly [from: number, to: number])[];

const LAST = 0x10ffff;
const DIGIT: CodePoints = [[0x30, 0x39]];
const UPPER: CodePoints = [[0x41, 0x5a]];
const LOWER: CodePoints = [[0x61, 0x7a]];
const SPACE: CodePoints = [
  [9, 13],
  [32, 32],
];
const WORD: CodePoints = [...DIGIT, ...UPPER, [0x5f, 0x5f], ...LOWER];
const PUNCTUATION: CodePoints = [
  [0x21, 0x2f],
  [0x3a, 0x40],
  [0x5b, 0x60],
  [0x7b, 0x7e],
];

export const anything: CodePoints = [[0, LAST]];

const HORIZONTAL: CodePoints = [
  [9, 9],
  [32, 32],
  [0xa0, 0xa0],
  [0x1680, 0x1680],
  [0x180e, 0x180e],
  [0x2000, 0x200a],
  [0x202f, 0x202f],
  [0x205f, 0x205f],
  [0x3000, 0x3000],
];
const VERTICAL: CodePoints = [
  [10, 13],
  [0x85, 0x85],
  [0x2028, 0x2029],
];

/** `\d` and similar classes, by letter. */
export const escaped: Readonly<Record<string, CodePoints>> = {
  d: DIGIT,
  s: SPACE,
  w: WORD,
  h: HORIZONTAL,
  v: VERTICAL,
  D: without(DIGIT),
  S: without(SPACE),
  W: without(WORD),
  H: without(HORIZONTAL),
  V: without(VERTICAL),
  N: without([[10, 10]]),
};

/** `[:digit:]` and other POSIX classes, by name. */
export const posix: Readonly<Record<string, CodePoints>> = {
  digit: DIGIT,
  space: SPACE,
  word: WORD,
  upper: UPPER,
  lower: LOWER,
  alpha: [...UPPER, ...LOWER],
  alnum: [...DIGIT, ...UPPER, ...LOWER],
  xdigit: [...DIGIT, [0x41, 0x46], [0x61, 0x66]],
  punct: PUNCTUATION,
  blank: [
    [9, 9],
    [32, 32],
  ],
};

export function without(set: CodePoints): CodePoints {
  const rest: [number, number][] = [];
  let next = 0;
  for (const [from, to] of set.toSorted(([a], [b]) => a - b)) {
    if (from > next) rest.push([next, from - 1]);
    next = Math.max(next, to + 1);
  }
  if (next <= LAST) rest.push([next, LAST]);
  return rest;
}

/** Adds the other case of letters; for long ranges, which mostly contain both, only of their start. */
export function inBothCases(set: CodePoints): CodePoints {
  const more: [number, number][] = [];
  for (const [from, to] of set) {
    for (let code = from; code <= Math.min(to, from + 200); code++) {
      const text = String.fromCodePoint(code);
      for (const other of [text.toLowerCase(), text.toUpperCase()]) {
        const point = other.codePointAt(0) ?? code;
        if (point !== code) more.push([point, point]);
      }
    }
  }
  return [...set, ...more];
}

export function meet(a: CodePoints, b: CodePoints): boolean {
  return a.some(([from, to]) => b.some(([low, high]) => from <= high && low <= to));
}
