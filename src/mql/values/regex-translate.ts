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

/**
 * A pattern of PCRE2 as one of JavaScript's for its Unicode mode, with the flags `i` and `s` of the options
 * only: `m` and `x`, and where lines end, are translated.
 * @throws what the refusals throw
 */
export function translate(pattern: string, options: string, refusals: Refusals): string {
  const extended = options.includes('x');
  const caseless = options.includes('i');
  const lines = options.includes('m');
  const groups = countGroups(pattern);
  let at = 0;
  let out = '';
  const rest = (): string => pattern.slice(at);
  const put = (text: string, length: number): void => {
    out += text;
    at += length;
  };

  function quoted(inClass: boolean): void {
    const end = pattern.indexOf('\\E', at);
    put(literal(pattern.slice(at + 2, end < 0 ? undefined : end), inClass), 0);
    at = end < 0 ? pattern.length : end + 2;
  }

  function escapeSequence(inClass: boolean): boolean {
    const {
      text,
      length,
      isSet = false,
    } = readEscape(pattern.slice(at + 1), { ...refusals, inClass, groups });
    put(text, length + 1);
    return isSet;
  }

  function characterClass(): void {
    if (/^\[\[:[<>]:\]\]/.test(rest())) refusals.lacking('a word boundary class');
    const begin = /^\[\^?/.exec(rest())?.[0] ?? '[';
    put(begin, begin.length);
    // A bracket right after the start is a member of the class.
    if (pattern[at] === ']') put('\\]', 1);
    let behindSet = false;
    while (pattern[at] !== ']') {
      if (at >= pattern.length) refusals.invalid();
      const named = /^\[:(\^?)(\w+):\]/.exec(rest());
      if (pattern.startsWith('\\Q', at)) quoted(true);
      else if (pattern[at] === '\\') {
        behindSet = escapeSequence(true);
        continue;
      } else if (named) {
        const [whole, not, name = ''] = named;
        // Without regard to case there are letters only.
        const known = caseless && /^(?:upper|lower)$/.test(name) ? 'alpha' : name;
        const set = posix[known] ?? refusals.lacking(`the character class ${whole}`);
        put(classText(not ? without([...set, ...LETTERS]) : set, true), whole.length);
        behindSet = true;
        continue;
      } else if (pattern[at] === '-' && (behindSet || SET_BEHIND.test(rest()))) put('\\-', 1);
      else put(pattern[at] === '[' ? '\\[' : (pattern[at] as string), 1);
      behindSet = false;
    }
    put(']', 1);
  }

  function group(): void {
    const comment = /^\(\?#[^)]*\)/.exec(rest())?.[0];
    if (comment !== undefined) {
      at += comment.length;
      return;
    }
    const lacked = PCRE_GROUPS.find(([begin]) => begin.test(rest()));
    if (lacked) refusals.lacking(lacked[1]);
    const [begin, text] = GROUPS.find(([known]) => known.test(rest())) ?? refusals.invalid();
    const whole = begin.exec(rest())?.[0] ?? '';
    put(whole.replace(begin, text), whole.length);
  }

  function quantifier(whole: string): void {
    const behind = pattern[at + whole.length];
    if (behind === '+') refusals.lacking('a possessive quantifier');
    put(behind === '?' ? `${whole}?` : whole, behind === '?' ? whole.length + 1 : whole.length);
  }

  while (at < pattern.length) {
    const c = pattern[at] as string;
    const repeated = QUANTIFIER.exec(rest())?.[0];
    if (pattern.startsWith('\\Q', at)) quoted(false);
    else if (c === '\\') escapeSequence(false);
    else if (c === '[') characterClass();
    else if (c === '(') group();
    else if (repeated !== undefined) quantifier(repeated);
    else if (extended && /[\t-\r ]/.test(c)) at++;
    else if (extended && c === '#') at += /^[^\n]*/.exec(rest())?.[0].length ?? 0;
    else if (c === '^' && lines) put(LINE_BEGIN, 1);
    else if (c === '$') put(lines ? LINE_END : TEXT_END, 1);
    else if (c === '.' && !options.includes('s')) put('[^\\n]', 1);
    else put(']{}'.includes(c) ? `\\${c}` : c, 1);
  }
  return out;
}
