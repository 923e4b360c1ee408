import { type CodePoints, posix, without } from './code-points.ts';
import { classText, literal, type Refusals, readEscape } from './regex-escapes.ts';
import { hasFixedLength } from './regex-lookbehind.ts';

/** Groups that JavaScript has too: their opening in PCRE and in JavaScript. */
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
  [/^\(\?(?:R|[+-]?\d|&|P>)/, 'recursion'],
  [/^\(\?\(/, 'a conditional group'],
  [/^\(\?\|/, 'a branch reset group'],
  [/^\(\?'/, 'a name in quotes'],
  [/^\(\*/, 'a PCRE verb'],
];
const QUANTIFIER = /^(?:[*+?]|\{\d+(?:,\d*)?\})/;
const SET_BEHIND = /^-(?:\\[dDwWsShHvVpP]|\[:)/;
const ANY = '[\\s\\S]';
// PCRE's line ends are line feeds, and no line begins after the last one.
const LINE_BEGIN = `(?:(?<!${ANY})|(?<=\\n)(?=${ANY}))`;
const LINE_END = '(?![^\\n])';
const TEXT_END = `(?=\\n?(?!${ANY}))`;
/** Non-ASCII letters whose other case is an ASCII letter, K and s. */
const LETTERS: CodePoints = [
  [0x17f, 0x17f],
  [0x212a, 0x212a],
];

/** The relevant tokens of a pattern: escapes, quoted text, classes, and the start of capturing groups. */
const COUNTED = /\\Q[\s\S]*?(?:\\E|$)|\\[\s\S]|\[:\^?\w+:\]|\[\^?\]?|\]|\((?![?*])|\(\?P?<(?![=!])/g;

/** The number of capturing groups in a pattern. */
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

/** A pattern being translated to JavaScript's syntax. */
interface Translation {
  readonly pattern: string;
  readonly refusals: Refusals;
  /** The number of capturing groups in the pattern. */
  readonly groups: number;
  readonly options: string;
  /** The options `x`, `i`, `m` and `s`. */
  readonly isExtended: boolean;
  readonly isCaseless: boolean;
  readonly hasLines: boolean;
  readonly hasDotAll: boolean;
  /** The start of the untranslated rest. */
  at: number;
  out: string;
}

const rest = ({ pattern, at }: Translation): string => pattern.slice(at);

/** Appends the translation of a number of characters of the pattern. */
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

/** A class such as `[:alpha:]` inside brackets. */
function namedClass(state: Translation, [whole, not, name = '']: readonly string[]): void {
  // If case is ignored, both mean any letter.
  const known = state.isCaseless && /^(?:upper|lower)$/.test(name) ? 'alpha' : name;
  const set = posix[known] ?? state.refusals.lacking(`the character class ${whole}`);
  put(state, classText(not ? without([...set, ...LETTERS]) : set, true), whole?.length ?? 0);
}

/**
 * @param behindSet whether it follows a set of characters, so that a "-" forms no range
 * @returns whether it is a set itself
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
  const reference = /^\(\?P=(\w+)\)/.exec(rest(state));
  if (reference !== null) {
    put(state, `\\k<${reference[1]}>`, reference[0].length);
    return;
  }
  const lacked = PCRE_GROUPS.find(([begin]) => begin.test(rest(state)));
  if (lacked) refusals.lacking(lacked[1]);
  const [begin, text] = GROUPS.find(([known]) => known.test(rest(state))) ?? refusals.invalid();
  const whole = begin.exec(rest(state))?.[0] ?? '';
  if (/^\(\?<[=!]/.test(whole) && !hasFixedLength(state.pattern, state.at + whole.length, state.options)) {
    refusals.invalid();
  }
  put(state, whole.replace(begin, text), whole.length);
}

function quantifier(state: Translation, whole: string): void {
  const behind = state.pattern[state.at + whole.length];
  if (behind === '+') state.refusals.lacking('a possessive quantifier');
  put(state, behind === '?' ? `${whole}?` : whole, behind === '?' ? whole.length + 1 : whole.length);
}

/** A character that does not start a longer construct. */
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
 * Translates a PCRE2 pattern to JavaScript's Unicode mode. Only the options `i` and `s` become flags; `m`, `x`
 * and line ends are translated.
 * @throws the errors of the refusals
 */
export function translate(pattern: string, options: string, refusals: Refusals): string {
  const state: Translation = {
    pattern,
    refusals,
    groups: countGroups(pattern),
    options,
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
