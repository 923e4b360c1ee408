import { type CodePoints, posix, without } from './code-points.ts';
import { classText, literal, type Refusals, readEscape } from './regex-escapes.ts';

/** Groups that JavaScript has, too, by how they begin, and what they begin with there. */
const GROUPS: readonly (readonly [begin: RegExp, text: string])[] = [
  [/^\((?![?*])/, '('],
  [/^\(\?(?:[:=!]|<[=!])/, '$&'],
  [/^\(\?P?<(\w+)>/, '(?<$1>'],
];
/** Groups that only PCRE has. */
const PCRE_GROUPS: readonly (readonly [begin: RegExp, name: string])[] = [
  [/^\(\?>/, 'the atomic group (?>'],
  [/^\(\?[imsxnJ^-]+:/, 'inline options for a group'],
  [/^\(\?[imsxnJ^-]*\)/, 'inline options that are not at the start'],
  [/^\(\?(?:R|[+-]?\d|&|P[>=])/, 'recursion or a reference by name'],
  [/^\(\?\(/, 'a conditional group'],
  [/^\(\?\|/, 'a branch reset group'],
  [/^\(\?'/, 'a name in quotes'],
  [/^\(\*/, 'a PCRE verb'],
];
const QUANTIFIER = /^(?:[*+?]|\{\d+(?:,\d*)?\})/;
const SET_BEHIND = /^-(?:\\[dDwWsShHvVpP]|\[:)/;
const ANY = '[\\s\\S]';
// PCRE's line ends are line feeds, and behind the last one no line begins.
const LINE_BEGIN = `(?:(?<!${ANY})|(?<=\\n)(?=${ANY}))`;
const LINE_END = '(?![^\\n])';
const TEXT_END = `(?=\\n?(?!${ANY}))`;
/** Letters beyond ASCII whose other case is an ASCII letter, K and s. */
const LETTERS: CodePoints = [
  [0x17f, 0x17f],
  [0x212a, 0x212a],
];

/** What counts in a pattern: escapes, quoted texts, classes, and where capturing groups begin. */
const COUNTED = /\\Q[\s\S]*?(?:\\E|$)|\\[\s\S]|\[:\^?\w+:\]|\[\^?\]?|\]|\((?![?*])|\(\?P?<(?![=!])/g;

/** How many capturing groups a pattern has. */
function countGroups(pattern: string): number {
  let count = 0;
  let inClass = false;
  for (const [found] of pattern.matchAll(COUNTED)) {
    if (found.startsWith('[')) inClass = true;
    else if (found === ']') inClass = false;
    else if (found.startsWith('(') && !inClass) count++;
  }
  return count;
}

/** A pattern on its way into JavaScript's language. */
interface Translation {
  readonly pattern: string;
  readonly refusals: Refusals;
  /** How many capturing groups the pattern has. */
  readonly groups: number;
  /** The options `x`, `i`, `m` and `s`. */
  readonly isExtended: boolean;
  readonly isCaseless: boolean;
  readonly hasLines: boolean;
  readonly hasDotAll: boolean;
  /** Where what is not translated yet begins. */
  at: number;
  out: string;
}

const rest = ({ pattern, at }: Translation): string => pattern.slice(at);

/** Writes the translation of so many characters of the pattern. */
function put(state: Translation, text: string, length: number): void {
  state.out += text;
  state.at += length;
}

function quoted(state: Translation, inClass: boolean): void {
  const { pattern, at } = state;
  const end = pattern.indexOf('\\E', at);
  put(state, literal(pattern.slice(at + 2, end < 0 ? undefined : end), inClass), 0);
  state.at = end < 0 ? pattern.length : end + 2;
}

/** @returns whether it stands for a set of characters */
function escapeSequence(state: Translation, inClass: boolean): boolean {
  const { pattern, at, refusals, groups } = state;
  const { text, length, isSet = false } = readEscape(pattern.slice(at + 1), { ...refusals, inClass, groups });
  put(state, text, length + 1);
  return isSet;
}

/** A class such as `[:alpha:]` inside of brackets. */
function namedClass(state: Translation, [whole, not, name = '']: readonly string[]): void {
  // Without regard to case there are letters only.
  const known = state.isCaseless && /^(?:upper|lower)$/.test(name) ? 'alpha' : name;
  const set = posix[known] ?? state.refusals.lacking(`the character class ${whole}`);
  put(state, classText(not ? without([...set, ...LETTERS]) : set, true), whole?.length ?? 0);
}

/**
 * @param behindSet whether a set of characters stands before it, so that a "-" makes no range
 * @returns whether it is one
 */
function classMember(state: Translation, behindSet: boolean): boolean {
  const { pattern, at } = state;
  if (pattern.startsWith('\\Q', at)) {
    quoted(state, true);
    return false;
  }
  if (pattern[at] === '\\') return escapeSequence(state, true);
  const named = /^\[:(\^?)(\w+):\]/.exec(rest(state));
  if (named) {
    namedClass(state, named);
    return true;
  }
  if (pattern[at] === '-' && (behindSet || SET_BEHIND.test(rest(state)))) put(state, '\\-', 1);
  else put(state, pattern[at] === '[' ? '\\[' : (pattern[at] as string), 1);
  return false;
}

function characterClass(state: Translation): void {
  const { pattern, refusals } = state;
  if (/^\[\[:[<>]:\]\]/.test(rest(state))) refusals.lacking('a word boundary class');
  const begin = /^\[\^?/.exec(rest(state))?.[0] ?? '[';
  put(state, begin, begin.length);
  // A bracket right after the start is a member of the class.
  if (pattern[state.at] === ']') put(state, '\\]', 1);
  let behindSet = false;
  while (pattern[state.at] !== ']') {
    if (state.at >= pattern.length) refusals.invalid();
    behindSet = classMember(state, behindSet);
  }
  put(state, ']', 1);
}

function group(state: Translation): void {
  const { refusals } = state;
  const comment = /^\(\?#[^)]*\)/.exec(rest(state))?.[0];
  if (comment !== undefined) {
    state.at += comment.length;
    return;
  }
  const lacked = PCRE_GROUPS.find(([begin]) => begin.test(rest(state)));
  if (lacked) refusals.lacking(lacked[1]);
  const [begin, text] = GROUPS.find(([known]) => known.test(rest(state))) ?? refusals.invalid();
  const whole = begin.exec(rest(state))?.[0] ?? '';
  put(state, whole.replace(begin, text), whole.length);
}

function quantifier(state: Translation, whole: string): void {
  const behind = state.pattern[state.at + whole.length];
  if (behind === '+') state.refusals.lacking('a possessive quantifier');
  put(state, behind === '?' ? `${whole}?` : whole, behind === '?' ? whole.length + 1 : whole.length);
}

/** A character that is not the beginning of something longer. */
function single(state: Translation, c: string): void {
  const { isExtended, hasLines, hasDotAll } = state;
  if (isExtended && /[\t-\r ]/.test(c)) state.at++;
  else if (isExtended && c === '#') state.at += /^[^\n]*/.exec(rest(state))?.[0].length ?? 0;
  else if (c === '^' && hasLines) put(state, LINE_BEGIN, 1);
  else if (c === '$') put(state, hasLines ? LINE_END : TEXT_END, 1);
  else if (c === '.' && !hasDotAll) put(state, '[^\\n]', 1);
  else put(state, ']{}'.includes(c) ? `\\${c}` : c, 1);
}

/**
 * A pattern of PCRE2 as one of JavaScript's for its Unicode mode, with the flags `i` and `s` of the options
 * only: `m` and `x`, and where lines end, are translated.
 * @throws what the refusals throw
 */
export function translate(pattern: string, options: string, refusals: Refusals): string {
  const state: Translation = {
    pattern,
    refusals,
    groups: countGroups(pattern),
    isExtended: options.includes('x'),
    isCaseless: options.includes('i'),
    hasLines: options.includes('m'),
    hasDotAll: options.includes('s'),
    at: 0,
    out: '',
  };
  while (state.at < pattern.length) {
    const c = pattern[state.at] as string;
    const repeated = QUANTIFIER.exec(rest(state))?.[0];
    if (pattern.startsWith('\\Q', state.at)) quoted(state, false);
    else if (c === '\\') escapeSequence(state, false);
    else if (c === '[') characterClass(state);
    else if (c === '(') group(state);
    else if (repeated !== undefined) quantifier(state, repeated);
    else single(state, c);
  }
  return state.out;
}
