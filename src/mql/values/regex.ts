import { badInput, notSupported } from '../../errors.ts';
import { regexParts } from './compare.ts';

/** Bytes of a pattern, MongoDB's own limit (`RegexMatchExpression::kMaxPatternSize`). */
const MAX_PATTERN = 32_764;
const INLINE = /^\(\?([imsx]+)\)/;
/** Constructs of PCRE that JavaScript's engine lacks or reads differently. */
const PCRE_ONLY: readonly (readonly [RegExp, string])[] = [
  [/(?:^|[^\\])(?:\\\\)*\(\?>/, 'the atomic group (?>'],
  [/(?:^|[^\\])(?:\\\\)*\(\?[imsx-]*-?[imsx]+:/, 'inline options for a group'],
  [/(?:^|[^\\])(?:\\\\)*\(\?[imsx]*-?[imsx]*\)/, 'inline options that are not at the start'],
  [/(?:^|[^\\])(?:\\\\)*\(\?(?:R|\d+|&|P[>=])/, 'recursion'],
  [/(?:^|[^\\])(?:\\\\)*\(\?\(/, 'a conditional group'],
  [/(?:^|[^\\])(?:\\\\)*\(\?\|/, 'a branch reset group'],
  [/(?:^|[^\\])(?:\\\\)*\(\*/, 'a PCRE verb'],
  [/(?:^|[^\\])(?:\\\\)*[*+?}]\+/, 'a possessive quantifier'],
  [/(?:^|[^\\])(?:\\\\)*\\(?:[GKRXC]|[hHvV](?![\w{]))/, 'a PCRE escape'],
  [/\[\[:[<>]:\]\]/, 'a word boundary class'],
];
const POSIX: { [name: string]: string } = {
  alpha: 'a-zA-Z',
  digit: '0-9',
  alnum: 'a-zA-Z0-9',
  upper: 'A-Z',
  lower: 'a-z',
  space: '\\s',
  punct: '!-\\/:-@\\[-`{-~',
  xdigit: '0-9a-fA-F',
  word: '\\w',
  blank: ' \\t',
};

/**
 * Compiles a MongoDB (PCRE) regular expression to JavaScript's. Options: i, m, s, x and u; `g` finds all.
 * @throws HydrogenError not_supported for constructs only PCRE has, bad_input for invalid ones
 */
export function compileRegex(pattern: string, options: string, flags = ''): RegExp {
  if (Buffer.byteLength(pattern) > MAX_PATTERN) {
    throw badInput(
      `A regular expression may be ${MAX_PATTERN.toLocaleString('en')} bytes. Use $in for a list of values.`,
    );
  }
  let body = pattern;
  let letters = options;
  for (let inline = INLINE.exec(body); inline !== null; inline = INLINE.exec(body)) {
    letters += inline[1] ?? '';
    body = body.slice(inline[0].length);
  }
  const unknown = /[^imsxu]/.exec(letters);
  if (unknown !== null)
    throw badInput(`Regular expressions have no option "${unknown[0]}"; use i, m, s or x.`);
  for (const [construct, name] of PCRE_ONLY) {
    if (construct.test(body)) throw notSupported(`${name} in the regular expression /${pattern}/`);
  }
  const source = translate(body, letters);
  const active = [...'ims'].filter((letter) => letters.includes(letter)).join('') + flags;
  return build(pattern, source, active);
}

function build(pattern: string, source: string, flags: string): RegExp {
  // Unicode mode makes `.` and classes match whole code points; it refuses some escapes PCRE allows.
  for (const mode of ['u', '']) {
    try {
      return new RegExp(source, flags + mode);
    } catch {}
  }
  throw badInput(`/${pattern}/ is not a valid regular expression.`);
}

/** Compiles a stored RegExp or BSONRegExp value. */
export function compileRegexValue(value: unknown, flags = ''): RegExp {
  const { pattern, options } = regexParts(value);
  return compileRegex(pattern, options, flags);
}

// PCRE's `$`, `.` and `\s`, which are narrower or wider than JavaScript's; \A, \Z, \z, \Q…\E, POSIX classes, (?P<name>…) and, with option x, blanks and comments.
function translate(body: string, options: string): string {
  const extended = options.includes('x');
  let out = '';
  let inClass = false;
  for (let i = 0; i < body.length; i++) {
    const c = body[i] as string;
    if (c === '\\') {
      const next = body[++i] ?? '';
      if (next === 'Q') {
        const end = body.indexOf('\\E', i);
        const quoted = body.slice(i + 1, end < 0 ? undefined : end);
        out += quoted.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
        i = end < 0 ? body.length : end + 1;
      } else out += escapeOf(next, inClass);
    } else if (inClass) {
      const posix = c === '[' ? /^\[:(\^?)(\w+):\]/.exec(body.slice(i)) : null;
      const set = posix?.[1] === '' ? POSIX[posix[2] ?? ''] : undefined;
      if (posix !== null && set === undefined) throw notSupported(`the character class ${posix[0]}`);
      if (posix !== null) i += posix[0].length - 1;
      else if (c === ']') inClass = false;
      out += set ?? (c === '[' ? '\\[' : c);
    } else if (c === '[') {
      inClass = true;
      out += c;
      // A bracket right after the start is a member of the class.
      if (body[i + 1] === '^') out += body[++i];
      if (body[i + 1] === ']') {
        out += '\\]';
        i++;
      }
    } else if (extended && /\s/.test(c)) {
    } else if (extended && c === '#') {
      while (i + 1 < body.length && body[i + 1] !== '\n') i++;
    } else if (body.startsWith('(?P<', i)) {
      out += '(?<';
      i += 3;
    } else if (body.startsWith('(?#', i)) {
      i = body.indexOf(')', i);
      if (i < 0) throw badInput('The comment (?# in the regular expression has no end.');
    } else if (c === '$' && !options.includes('m')) {
      out += '(?=\\n?(?![\\s\\S]))';
    } else out += c === '.' && !options.includes('s') ? '[^\\n]' : c;
  }
  return out;
}

const SPACES = '\\t\\n\\v\\f\\r ';
const BLANKS = '[ \\t\\u00a0\\u1680\\u180e\\u2000-\\u200a\\u202f\\u205f\\u3000]';

function escapeOf(letter: string, inClass: boolean): string {
  if (letter === 's') return inClass ? SPACES : `[${SPACES}]`;
  if (inClass) return `\\${letter}`;
  switch (letter) {
    case 'A':
      return '(?<![\\s\\S])';
    case 'z':
      return '(?![\\s\\S])';
    case 'Z':
      return '(?=\\n?(?![\\s\\S]))';
    case 'S':
      return `[^${SPACES}]`;
    case 'h':
      return BLANKS;
    case 'a':
      return '\\x07';
    case 'e':
      return '\\x1b';
    default:
      return `\\${letter}`;
  }
}
