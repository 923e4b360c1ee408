import { refusedFunctions } from './jq-program.ts';

/** The program without its comments and the text of its strings; what strings interpolate stays. */
function withoutText(source: string): string {
  let code = '';
  // For each open `\(`: how many parentheses are open in it.
  const nesting: number[] = [];
  let inText = false;
  for (let i = 0; i < source.length; i++) {
    const char = source[i] ?? '';
    const depth = nesting.length - 1;
    if (inText) {
      if (char === '\\' && source[i + 1] === '(') {
        nesting.push(0);
        inText = false;
        code += ' (';
      }
      if (char === '\\') i++;
      else if (char === '"') inText = false;
      continue;
    }
    if (char === '"') {
      inText = true;
      code += '""';
    } else if (char === '#') {
      while (i + 1 < source.length && source[i + 1] !== '\n') i++;
    } else if (char === ')' && nesting[depth] === 0) {
      nesting.pop();
      inText = true;
      code += ') ';
    } else {
      if (depth >= 0 && char === '(') nesting[depth] = (nesting[depth] ?? 0) + 1;
      if (depth >= 0 && char === ')') nesting[depth] = (nesting[depth] ?? 0) - 1;
      code += char;
    }
  }
  return code;
}

const names = [...Object.keys(refusedFunctions), 'include', 'import'].join('|');
const refused = new RegExp(`\\$ENV\\b|(?<![.\\w$])(?:${names})\\b(?!\\s*:)`);

/**
 * A name in a program that is refused when its definition is loaded, with the reason. What this misses,
 * the prelude of every evaluation still hides.
 */
export function refusedName(source: string): { readonly name: string; readonly reason: string } | undefined {
  const name = refused.exec(withoutText(source))?.[0];
  if (name === undefined) return undefined;
  const reason = name === '$ENV' ? refusedFunctions['env'] : refusedFunctions[name];
  return { name, reason: reason ?? 'there are no modules' };
}
