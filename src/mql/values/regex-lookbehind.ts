import { type RegexTree, readRegex } from './regex-tree.ts';

/** What a search for the end of a group passes over as a whole: quoted text, escapes and classes. */
const OPAQUE = /\\Q[\s\S]*?(?:\\E|$)|\\[\s\S]|\[\^?\]?(?:\[:\^?\w+:\]|\\[\s\S]|[^\]\\])*\]|[()]/g;

/** The pattern within a group whose content begins at `from`. */
function contentOf(pattern: string, from: number): string {
  let depth = 1;
  OPAQUE.lastIndex = from;
  for (let found = OPAQUE.exec(pattern); found !== null; found = OPAQUE.exec(pattern)) {
    if (found[0] === '(') depth++;
    else if (found[0] === ')' && --depth === 0) return pattern.slice(from, found.index);
  }
  return pattern.slice(from);
}

/** How many characters a part matches; `undefined` if that may differ. */
function lengthOf(tree: RegexTree): number | undefined {
  switch (tree.kind) {
    case 'one':
      return 1;
    case 'condition':
      return 0;
    case 'repeat': {
      const length = lengthOf(tree.part);
      return tree.min === tree.max && length !== undefined ? length * tree.min : undefined;
    }
    default: {
      const lengths = tree.parts.map(lengthOf);
      if (lengths.includes(undefined)) return undefined;
      if (tree.kind === 'sequence') return lengths.reduce<number>((sum, length) => sum + (length ?? 0), 0);
      return lengths.every((length) => length === lengths[0]) ? lengths[0] : undefined;
    }
  }
}

/**
 * Whether PCRE2, as MongoDB 8.2 has it, takes a lookbehind whose content begins at `from`: each of its branches must
 * match a fixed number of characters.
 */
export function hasFixedLength(pattern: string, from: number, options: string): boolean {
  const tree = readRegex(contentOf(pattern, from), options);
  if (tree === undefined) return true;
  const branches = tree.kind === 'choice' ? tree.parts : [tree];
  return branches.every((branch) => lengthOf(branch) !== undefined);
}
