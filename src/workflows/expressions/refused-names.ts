import { refusedFunctions } from './jq-program.ts';

/**
 * Where the text of a string that continues at `from` ends: at its quote, at the parenthesis of an interpolation, or at
 * the end of the program.
 */
function endOfText(source: string, from: number): number {
  for (let i = from; i < source.length; i++) {
    if (source[i] === '"') return i;
    if (source[i] !== '\\') continue;
    i++;
    if (source[i] === '(') return i;
  }
  return source.length;
}

function endOfLine(source: string, from: number): number {
  const end = source.indexOf('\n', from);
  return end < 0 ? source.length : end;
}

const nested: Readonly<Record<string, number>> = { '(': 1, ')': -1 };

/** The program without comments and string text; interpolated expressions stay. */
function withoutText(source: string): string {
  let code = '';
  // For each open `\(`: the number of open parentheses inside it.
  const nesting: number[] = [];
  const skipText = (from: number): number => {
    const end = endOfText(source, from);
    if (source[end] === '(') {
      nesting.push(0);
      code += ' (';
    }
    return end;
  };
  for (let i = 0; i < source.length; i++) {
    const char = source[i] ?? '';
    if (char === '"') {
      code += '""';
      i = skipText(i + 1);
    } else if (char === ')' && nesting.at(-1) === 0) {
      nesting.pop();
      code += ') ';
      i = skipText(i + 1);
    } else if (char === '#') {
      i = endOfLine(source, i) - 1;
    } else {
      const open = nesting.pop();
      if (open !== undefined) nesting.push(open + (nested[char] ?? 0));
      code += char;
    }
  }
  return code;
}

const names = [...Object.keys(refusedFunctions), 'include', 'import'].join('|');
const refused = new RegExp(`\\$ENV\\b|(?<![.\\w$])(?:${names})\\b(?!\\s*:)`);

/**
 * A name for which a program is refused when its definition is loaded, with the reason. Anything this misses is still
 * shadowed by the prelude at evaluation.
 */
export function refusedName(source: string): { readonly name: string; readonly reason: string } | undefined {
  const name = refused.exec(withoutText(source))?.[0];
  if (name === undefined) return undefined;
  const reason = name === '$ENV' ? refusedFunctions['env'] : refusedFunctions[name];
  return { name, reason: reason ?? 'there are no modules' };
}
