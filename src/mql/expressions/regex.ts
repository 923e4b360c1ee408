import { badInput } from '../../errors.ts';
import { regexParts } from '../values/compare.ts';
import { compileRegex } from '../values/regex.ts';
import { assertPatternSize } from '../values/regex-size.ts';
import { execText, testText } from '../values/regex-watch.ts';
import { isNullish, T, typeNumber } from '../values/types.ts';
import { isConstant } from './constant.ts';
import { type ExpressionFamily, type ExpressionOperator, namedArguments, wrongType } from './operator.ts';

/** Maximum bytes of a pattern in an expression; a filter takes more. */
const MAX_PATTERN = 16 * 1024;

/** The expression of a "regex" and "options" pair; `undefined` when either is null. */
function build(regex: unknown, options: unknown, flags: string, name: string): RegExp | undefined {
  if (!isNullish(options) && typeof options !== 'string')
    throw wrongType(name, 'a string as "options"', options);
  if (isNullish(regex)) return undefined;
  if (typeof regex === 'string') {
    assertPatternSize(regex, MAX_PATTERN);
    return compileRegex(regex, options ?? '', flags);
  }
  if (typeNumber(regex) !== T.regex)
    throw wrongType(name, 'a string or regular expression as "regex"', regex);
  const own = regexParts(regex);
  assertPatternSize(own.pattern, MAX_PATTERN);
  if (own.options !== '' && !isNullish(options)) {
    throw badInput(
      `${name}: options are set both in the regular expression and in "options". Set them once.`,
    );
  }
  return compileRegex(own.pattern, own.options || (options ?? ''), flags);
}

function operator(
  flags: string,
  none: unknown,
  apply: (text: string, regex: RegExp) => unknown,
): ExpressionOperator {
  return (argument, scope, name) => {
    const args = namedArguments(name, argument, ['input', 'regex'], ['options']);
    const input = scope.compile(args.get('input'), scope);
    const regex = scope.compile(args.get('regex'), scope);
    const options = scope.compile(args.get('options') ?? null, scope);
    const fixed = isConstant(args.get('regex')) && isConstant(args.get('options') ?? null);
    const prepared = fixed ? build(regex({}), options({}), flags, name) : undefined;
    return (doc) => {
      const text = input(doc);
      if (!isNullish(text) && typeof text !== 'string') throw wrongType(name, 'a string as "input"', text);
      const pattern = fixed ? prepared : build(regex(doc), options(doc), flags, name);
      if (isNullish(text) || pattern === undefined) return none;
      pattern.lastIndex = 0;
      return apply(text, pattern);
    };
  };
}

// Positions are counted in code points.
function describe(match: RegExpExecArray): { [field: string]: unknown } {
  return {
    match: match[0],
    idx: [...match.input.slice(0, match.index)].length,
    captures: match.slice(1).map((capture) => capture ?? null),
  };
}

// After an empty match, the search continues one character further, up to the end of the text.
function allMatches(text: string, regex: RegExp): RegExpExecArray[] {
  const found: RegExpExecArray[] = [];
  let start = 0;
  do {
    regex.lastIndex = start;
    const match = execText(regex, text);
    if (match === null) break;
    found.push(match);
    const step = match[0].length || String.fromCodePoint(text.codePointAt(match.index) ?? 0).length;
    start = match.index + step;
  } while (start < text.length);
  return found;
}

export const regexes: ExpressionFamily = {
  $regexMatch: operator('', false, (text, regex) => testText(regex, text)),
  $regexFind: operator('', null, (text, regex) => {
    const match = execText(regex, text);
    return match === null ? null : describe(match);
  }),
  $regexFindAll: operator('g', [], (text, regex) => allMatches(text, regex).map(describe)),
};
