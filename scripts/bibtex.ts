/** One entry of a BibTeX file. Field names are lower case; values are as written, without the outer delimiters. */
export type BibEntry = { type: string; key: string; fields: Record<string, string> };

/**
 * The entries of a BibTeX file, in the order of the file. Understands what the sample files use: `@type{key, field
 * = {…} | "…" | word, …}` with nested braces. `@comment`, `@preamble` and `@string` are passed over.
 * Throws an Error that names the entry when its braces do not balance.
 */
export function parseBibtex(text: string): BibEntry[] {
  const entries: BibEntry[] = [];
  for (const start of text.matchAll(/^@(\w+)\s*\{\s*([^,\s}]+)\s*,/gm)) {
    const [opening, type = '', key = ''] = start;
    const fields: Record<string, string> = {};
    let at = start.index + opening.length;
    for (;;) {
      const name = /\s*([\w-]+)\s*=\s*/y;
      name.lastIndex = at;
      const field = name.exec(text);
      if (!field) break;
      const [value, end] = readValue(text, name.lastIndex, key);
      fields[(field[1] ?? '').toLowerCase()] = value;
      const comma = /\s*,?/y;
      comma.lastIndex = end;
      comma.exec(text);
      at = comma.lastIndex;
    }
    entries.push({ type: type.toLowerCase(), key, fields });
  }
  return entries;
}

function readValue(text: string, start: number, key: string): [value: string, end: number] {
  const opening = text[start];
  if (opening !== '{' && opening !== '"') {
    const word = /[^,}\s]+/y;
    word.lastIndex = start;
    return [word.exec(text)?.[0] ?? '', word.lastIndex];
  }
  let depth = 0;
  for (let at = start; at < text.length; at++) {
    const character = text[at];
    if (character === '\\') at++;
    else if (character === '{') depth++;
    else if (character === '}') depth--;
    const closed = opening === '{' ? depth === 0 : at > start && depth === 0 && character === '"';
    if (closed) return [text.slice(start + 1, at), at + 1];
  }
  throw new Error(`BibTeX entry "${key}": a value has no closing delimiter.`);
}

/** The names of a BibTeX author list, as written ("Family, Given" or an organisation), without LaTeX. */
export function bibAuthors(value: string): string[] {
  const names: string[] = [];
  let depth = 0;
  let name = '';
  for (const part of value.split(/(\s+and\s+)/)) {
    if (depth === 0 && /^\s+and\s+$/.test(part)) {
      names.push(name);
      name = '';
      continue;
    }
    name += part;
    depth += (part.match(/\{/g)?.length ?? 0) - (part.match(/\}/g)?.length ?? 0);
  }
  return [...names, name].map(plainText).filter((text) => text !== '');
}

/** Each LaTeX command of the sample files; what is not listed makes `plainText` throw. */
const COMMANDS: [RegExp, string][] = [
  [/\{?\\textbackslash\}?\s*/g, '\\'],
  [/\{?\\textbar\}?/g, '|'],
  [/\\&ndash;/g, '–'],
  [/<\/?sub>/g, ''],
  [/\\alpha/g, 'α'],
  [/\\(?:ensuremath|mathrm)/g, ''],
  [/\\([&%_$#{}])/g, '$1'],
];

/**
 * A BibTeX value as plain text: LaTeX commands replaced, braces and mathematics delimiters removed.
 * Throws an Error when a LaTeX command is left that it does not know.
 */
export function plainText(value: string): string {
  let text = value;
  for (const [command, replacement] of COMMANDS) text = text.replace(command, replacement);
  const mathematics = /\$([^$]*)\$/g;
  text = text.replace(mathematics, (_, inner: string) => inner.replace(/[_^\s]/g, ''));
  // A second pass: Zotero escapes the commands inside mathematics once more.
  for (const [command, replacement] of COMMANDS) text = text.replace(command, replacement);
  text = text.replace(/[{}]/g, '').replace(/\s+/g, ' ').trim();
  if (text.includes('\\'))
    throw new Error(`unknown LaTeX command in "${text}": add it to scripts/bibtex.ts.`);
  return text;
}
