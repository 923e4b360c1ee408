import { type CodePoints, escaped } from './code-points.ts';

/** A part of a PCRE2 pattern in JavaScript's Unicode mode, and its length in the pattern. */
export interface Piece {
  readonly length: number;
  readonly text: string;
  /** In a class: several characters, so that no range can begin or end with it. */
  readonly isSet?: boolean;
}

/** Reports a pattern that cannot be translated; both throw. */
export interface Refusals {
  /** PCRE2 refuses it too. */
  invalid(): never;
  /** JavaScript lacks the construct. */
  lacking(construct: string): never;
}

/** The context of an escape. */
export interface EscapeContext extends Refusals {
  readonly inClass: boolean;
  /** The number of capturing groups in the pattern. */
  readonly groups: number;
}

const SYNTAX = /[\^$\\.*+?()[\]{}|/-]/;
const LAST = 0x10ffff;

const codePoint = (code: number): string => `\\u{${code.toString(16)}}`;

/** Literal text; `-` is special in a class, and must not be escaped outside. */
export function literal(text: string, inClass: boolean): string {
  return [...text].map((c) => (SYNTAX.test(c) && (inClass || c !== '-') ? `\\${c}` : c)).join('');
}

/** A set of code points as a class, or as a part of one. */
export function classText(set: CodePoints, inClass: boolean): string {
  const ranges = set.map(([from, to]) => `${codePoint(from)}-${codePoint(to)}`).join('');
  return inClass ? ranges : `[${ranges}]`;
}

function ofCode(length: number, digits: string, base: number, { invalid }: Refusals): Piece {
  const code = Number.parseInt(digits || '0', base);
  return code > LAST ? invalid() : { length, text: codePoint(code) };
}

/** `\x`, `\o`, `\c` and `\0`: a character by number. */
function byNumber(rest: string, place: EscapeContext): Piece | undefined {
  const braced = /^(?:x\{([\da-fA-F]+)\}|o\{([0-7]+)\})/.exec(rest);
  if (braced?.[1] !== undefined) return ofCode(braced[0].length, braced[1], 16, place);
  if (braced?.[2] !== undefined) return ofCode(braced[0].length, braced[2], 8, place);
  const hex = rest[1] === '{' ? null : /^x([\da-fA-F]{0,2})/.exec(rest);
  if (hex) return ofCode(hex[0].length, hex[1] ?? '', 16, place);
  const octal = /^0[0-7]{0,2}/.exec(rest)?.[0];
  if (octal !== undefined) return ofCode(octal.length, octal, 8, place);
  const control = /^c([ -~])/.exec(rest)?.[1];
  if (control !== undefined) return { length: 2, text: codePoint(control.toUpperCase().charCodeAt(0) ^ 64) };
  return /^[xoc]/.test(rest) ? place.invalid() : undefined;
}

/** A backreference or, in a class or without that many groups, a character by octal number. */
function byDigits(rest: string, place: EscapeContext): Piece | undefined {
  const digits = /^\d+/.exec(rest)?.[0];
  if (digits === undefined) return undefined;
  if (!place.inClass && Number(digits) <= place.groups) return { length: digits.length, text: `\\${digits}` };
  const octal = /^[0-7]{1,3}/.exec(rest)?.[0];
  if (octal === undefined || (!place.inClass && digits.length === 1)) return place.invalid();
  return ofCode(octal.length, octal, 8, place);
}

/** The properties known to JavaScript, a few hundred. */
const properties = new Set<string>();

function isProperty(text: string): boolean {
  if (properties.has(text)) return true;
  try {
    new RegExp(text, 'u');
  } catch {
    return false;
  }
  properties.add(text);
  return true;
}

function byProperty(rest: string, place: EscapeContext): Piece | undefined {
  if (!/^[pP]/.test(rest)) return undefined;
  const [whole, not, braced, single = ''] =
    /^[pP](?:\{(\^?)([\w &]+)\}|([A-Z]))/.exec(rest) ?? place.invalid();
  const name = (braced ?? single).replace('L&', 'LC');
  const letter = (not === '^') === rest.startsWith('p') ? 'P' : 'p';
  const text = [name, `Script_Extensions=${name}`].map((value) => `\\${letter}{${value}}`).find(isProperty);
  if (text !== undefined) return { length: whole.length, text, isSet: true };
  return place.lacking(`the property ${name}`);
}

const CONTROLS: Readonly<Record<string, number>> = { a: 7, e: 27, f: 12, n: 10, r: 13, t: 9 };
const CONDITIONS: Readonly<Record<string, string>> = {
  A: '(?<![\\s\\S])',
  z: '(?![\\s\\S])',
  Z: '(?=\\n?(?![\\s\\S]))',
  b: '\\b',
  B: '\\B',
};

/** A reference to a named group. */
function byName(rest: string): Piece | undefined {
  const named = /^k(?:<(\w+)>|\{(\w+)\}|'(\w+)')/.exec(rest);
  return named ? { length: named[0].length, text: `\\k<${named[1] ?? named[2] ?? named[3]}>` } : undefined;
}

/** Reads an escape; `rest` is the pattern after the backslash. */
export function readEscape(rest: string, place: EscapeContext): Piece {
  const { inClass } = place;
  const sign = rest[0] ?? place.invalid();
  const found = byNumber(rest, place) ?? byDigits(rest, place) ?? byProperty(rest, place);
  if (found !== undefined) return found;
  if (!/[a-zA-Z]/.test(sign)) return { length: 1, text: literal(sign, inClass) };
  const control = CONTROLS[sign] ?? (inClass && sign === 'b' ? 8 : undefined);
  if (control !== undefined) return { length: 1, text: codePoint(control) };
  // JavaScript's own class: as ranges, flag i would make \W include K and s through their other cases.
  if (/[dDwW]/.test(sign)) return { length: 1, text: `\\${sign}`, isSet: true };
  if (sign === 'E') return { length: 1, text: '' };
  const set = sign === 'N' && (inClass || rest[1] === '{') ? undefined : escaped[sign];
  if (set !== undefined) return { length: 1, text: classText(set, inClass), isSet: true };
  const condition = inClass ? undefined : CONDITIONS[sign];
  if (condition !== undefined) return { length: 1, text: condition };
  if (inClass) return place.invalid();
  return byName(rest) ?? (/[gGKRXCN]/.test(sign) ? place.lacking('a PCRE escape') : place.invalid());
}
