import { badInput } from '../../errors.ts';
import type { Limits } from '../types.ts';
import { roundedNumber } from '../values/numbers.ts';
import { createBudget } from '../values/size.ts';
import { compareStrings, limitText } from '../values/strings.ts';
import { coerceToText } from '../values/to-text.ts';
import { isNullish, T, typeNumber } from '../values/types.ts';
import { int32Operand, searchRange } from './arrays.ts';
import {
  binary,
  type ExpressionFamily,
  type ExpressionOperator,
  named,
  several,
  unary,
  untilNull,
  wrongType,
} from './operator.ts';

function textOf(value: unknown, name: string): string {
  if (typeof value !== 'string') throw wrongType(name, 'a string', value);
  return value;
}

/** Maximum text length, as in MongoDB (BufferMaxSize). */
const MAX_TEXT = 64 * 1024 * 1024;

/** @throws HydrogenError too_large if there is no memory for a text of that many characters */
function assertRoomForText(length: number, name: string, limits: Limits): void {
  const ofText = { ...limits, maxBytes: Math.min(limits.maxBytes, MAX_TEXT) };
  createBudget(name, ofText, 'Make a shorter text.').add(length);
}

const $concat = several(0, Number.POSITIVE_INFINITY, (values, name, { limits }) => {
  const texts = untilNull(values, (value) => textOf(value, name));
  if (texts === undefined) return null;
  assertRoomForText(
    texts.reduce((size, { length }) => size + length, 0),
    name,
    limits,
  );
  return limitText(texts.join(''));
});

// MongoDB changes the case of ASCII letters only.
const upper = (text: string): string => text.replace(/[a-z]+/g, (letters) => letters.toUpperCase());
const lower = (text: string): string => text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());

const codePoints = (text: string): string[] => [...text];

function position(value: unknown, name: string, what: string): number {
  const found = roundedNumber(value);
  if (Number.isNaN(found)) throw wrongType(name, `a number as ${what}`, value);
  // The doubles of the longs at both ends are beyond them.
  const fits = typeNumber(value) === T.long || Math.abs(found) < 2 ** 63;
  if (!fits) throw badInput(`The ${what} of ${name} does not fit in a long.`);
  return found;
}

const $substrBytes = several(3, 3, ([input, from, count], name) => {
  const bytes = Buffer.from(coerceToText(input, name));
  const start = position(from, name, 'start');
  // A decimal beyond the longs counts as negative, which means up to the end.
  const beyond = typeNumber(count) === T.decimal && !(Math.abs(roundedNumber(count)) < 2 ** 63);
  const length = beyond ? -1 : position(count, name, 'length');
  if (start < 0) throw badInput(`The start of ${name} cannot be negative.`);
  const stop = length < 0 ? bytes.length : Math.min(bytes.length, start + length);
  const inside = (at: number): boolean => at < bytes.length && ((bytes[at] ?? 0) & 0xc0) === 0x80;
  if (inside(start) || inside(stop)) throw badInput(`${name} would cut a character in two. Use $substrCP.`);
  return bytes.toString('utf8', start, Math.max(start, stop));
});

const $substrCP = several(3, 3, ([input, from, count], name) => {
  const points = codePoints(coerceToText(input, name));
  const start = int32Operand(from, name, 'start');
  const length = int32Operand(count, name, 'length');
  if (start < 0 || length < 0) throw badInput(`The start and length of ${name} cannot be negative.`);
  return points.slice(start, start + length).join('');
});

function occursAt(text: ArrayLike<unknown>, part: ArrayLike<unknown>, at: number): boolean {
  if (at + part.length > text.length) return false;
  for (let i = 0; i < part.length; i++) if (text[at + i] !== part[i]) return false;
  return true;
}

const $indexOfBytes = several(2, 4, (values, name) => {
  const [input, wanted] = values;
  if (isNullish(input)) return null;
  const text = Buffer.from(textOf(input, name));
  const part = Buffer.from(textOf(wanted, name));
  const { start, stop } = searchRange(values, text.length, name);
  // The search for nothing finds it at the start, but not in a range that ends before it begins.
  return start > stop ? -1 : text.subarray(0, stop).indexOf(part, start);
});

// Unlike the bytes, code points are looked through one by one up to the end: the match may extend beyond it, and there
// is none, not even an empty one, at the end.
const $indexOfCP = several(2, 4, (values, name) => {
  const [input, wanted] = values;
  if (isNullish(input)) return null;
  const text = codePoints(textOf(input, name));
  const part = codePoints(textOf(wanted, name));
  const { start, stop } = searchRange(values, text.length, name);
  for (let at = start; at < stop; at++) if (occursAt(text, part, at)) return at;
  return text.length === 0 && part.length === 0 && start === 0 ? 0 : -1;
});

const $split = binary((input, delimiter, name) => {
  if (isNullish(input) || isNullish(delimiter)) return null;
  const separator = textOf(delimiter, name);
  if (separator === '') throw badInput('$split needs a delimiter that is not empty.');
  return textOf(input, name).split(separator);
});

// The whitespace MongoDB trims by default.
const BLANKS = new Set(
  '\0 \t\n\v\f\r\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a',
);

function trimmed(text: string, cut: ReadonlySet<string>, left: boolean, right: boolean): string {
  const points = codePoints(text);
  let start = 0;
  let stop = points.length;
  while (left && start < stop && cut.has(points[start] as string)) start++;
  while (right && stop > start && cut.has(points[stop - 1] as string)) stop--;
  return points.slice(start, stop).join('');
}

function trim(left: boolean, right: boolean): ExpressionOperator {
  return (argument, scope, outer) => {
    const hasChars = typeof argument === 'object' && argument !== null && 'chars' in argument;
    const build = named(['input'], ['chars'], ({ input, chars }, name) => {
      if (isNullish(input)) return null;
      const text = textOf(input, name);
      const given = hasChars && !isNullish(chars) ? textOf(chars, name) : undefined;
      if (hasChars && given === undefined) return null;
      return trimmed(text, given === undefined ? BLANKS : new Set(codePoints(given)), left, right);
    });
    return build(argument, scope, outer);
  };
}

function replace(all: boolean): ExpressionOperator {
  return named(['input', 'find', 'replacement'], [], (values, name, { limits }) => {
    const { input, find, replacement } = values;
    for (const value of [input, find, replacement]) if (!isNullish(value)) textOf(value, name);
    if ([input, find, replacement].some(isNullish)) return null;
    const text = String(input);
    const to = () => String(replacement);
    const places = all ? text.split(String(find)).length + 1 : 1;
    assertRoomForText(text.length + places * String(replacement).length, name, limits);
    return limitText(all ? text.replaceAll(String(find), to) : text.replace(String(find), to));
  });
}

export const strings: ExpressionFamily = {
  $concat,
  $toUpper: unary((value, name) => upper(coerceToText(value, name))),
  $toLower: unary((value, name) => lower(coerceToText(value, name))),
  $strcasecmp: binary((a, b, name) =>
    Math.sign(compareStrings(upper(coerceToText(a, name)), upper(coerceToText(b, name)))),
  ),
  $strLenCP: unary((value, name) => codePoints(textOf(value, name)).length),
  $strLenBytes: unary((value, name) => Buffer.byteLength(textOf(value, name))),
  $substr: $substrBytes,
  $substrBytes,
  $substrCP,
  $indexOfBytes,
  $indexOfCP,
  $split,
  $trim: trim(true, true),
  $ltrim: trim(true, false),
  $rtrim: trim(false, true),
  $replaceOne: replace(false),
  $replaceAll: replace(true),
};
