import { badInput, notSupported } from '../../errors.ts';
import { regexParts } from './compare.ts';
import { assertPatternSize } from './regex-size.ts';
import { translate } from './regex-translate.ts';

const INLINE = /^\(\?([imsx]+)\)/;

/**
 * Compiles a MongoDB (PCRE) regular expression to JavaScript's. Options: i, m, s, x and u; `g` finds all.
 * @throws HydrogenError not_supported for PCRE-only constructs, bad_input for invalid ones
 */
export function compileRegex(pattern: string, options: string, flags = ''): RegExp {
  assertPatternSize(pattern);
  if (pattern.includes('\0')) throw badInput('A regular expression cannot hold a null byte.');
  // All text is UTF-8 here, which this asks for.
  let body = pattern.replace(/^(?:\(\*UTF\))+/, '');
  let letters = options;
  for (let inline = INLINE.exec(body); inline !== null; inline = INLINE.exec(body)) {
    letters += inline[1] ?? '';
    body = body.slice(inline[0].length);
  }
  const unknown = /[^imsxu]/.exec(letters);
  if (unknown !== null)
    throw badInput(`Regular expressions have no option "${unknown[0]}"; use i, m, s or x.`);
  const source = translate(body, letters, {
    invalid: () => {
      throw badInput(`/${pattern}/ is not a valid regular expression.`);
    },
    lacking: (construct) => {
      throw notSupported(`${construct} in the regular expression /${pattern}/`);
    },
  });
  const active = [...'is'].filter((letter) => letters.includes(letter)).join('') + flags;
  try {
    return new RegExp(source, `${active}u`);
  } catch {}
  try {
    new RegExp(source, active);
  } catch {
    throw badInput(`/${pattern}/ is not a valid regular expression.`);
  }
  // The non-Unicode mode accepts more, but treats characters beyond U+FFFF as two.
  throw notSupported(`a construct in the regular expression /${pattern}/`);
}

/** Compiles a stored RegExp or BSONRegExp value. */
export function compileRegexValue(value: unknown, flags = ''): RegExp {
  const { pattern, options } = regexParts(value);
  return compileRegex(pattern, options, flags);
}
