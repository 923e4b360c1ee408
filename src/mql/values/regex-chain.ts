import { type CodePoints, meet } from './code-points.ts';
import type { RegexTree } from './regex-tree.ts';

// Consecutive repetitions that may match the same characters, as in a?a?a?a?aaaa or .*.*.*=, can split a text in a
// number of ways that grows with their number.

/** What a repetition adds: an unbounded one more than an optional character. */
const LOOP = 3;
const OPTIONAL = 1;
/** The limit: 2^20 ways, or the seventh power of the text's length. */
const MOST = 20;

interface Link {
  readonly of: CodePoints;
  readonly weight: number;
}

const alone = (tree: RegexTree): RegexTree =>
  tree.kind === 'sequence' && tree.parts.length === 1 ? alone(tree.parts[0] as RegexTree) : tree;

function linkOf(tree: RegexTree): Link | undefined {
  if (tree.kind !== 'repeat') return undefined;
  const part = alone(tree.part);
  if (part.kind === 'one') {
    return tree.min === tree.max ? undefined : { of: part.of, weight: tree.max > 1 ? LOOP : OPTIONAL };
  }
  const inner = linkOf(part);
  return inner && tree.min === tree.max ? { of: inner.of, weight: inner.weight * tree.min } : undefined;
}

/** Such a sequence followed by something else, as written. */
export function longChain(tree: RegexTree): string | undefined {
  if (tree.kind === 'condition') return tree.inner && longChain(tree.inner);
  if (tree.kind === 'repeat') return longChain(tree.part);
  if (tree.kind === 'one') return undefined;
  if (tree.kind === 'choice') return tree.parts.map(longChain).find((found) => found !== undefined);
  let weight = 0;
  let text = '';
  let last: CodePoints | undefined;
  for (const part of tree.parts) {
    if (weight >= MOST) return text;
    const link = linkOf(part);
    if (!link || (last && !meet(last, link.of))) {
      weight = 0;
      text = '';
    }
    weight += link?.weight ?? 0;
    text += part.kind === 'repeat' ? part.text : '';
    last = link?.of;
    const inside = longChain(part);
    if (inside !== undefined) return inside;
  }
  return undefined;
}
