import type { Passage } from '../stores/index/types.ts';

/** A passage, and those that say the same and rank lower. */
export interface Folded {
  readonly passage: Passage;
  readonly copies: readonly Passage[];
}

/** Passages with this share of common words (Jaccard) are the same but for details. */
const sameShare = 0.9;
/** In shorter texts one word may be the point. */
const fewWords = 12;

interface Content {
  readonly plain: string;
  readonly words: ReadonlySet<string>;
  /** A passage about another year or part number is another passage. */
  readonly numbers: string;
}

function contentOf(text: string): Content {
  const plain = text.replace(/\s+/g, ' ').trim();
  const words = new Set(plain.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []);
  const numbers = [...words].filter((word) => /\p{N}/u.test(word)).sort();
  return { plain, words, numbers: numbers.join(' ') };
}

function saysTheSame(a: Content, b: Content): boolean {
  if (a.plain === b.plain) return true;
  const [less, more] = a.words.size < b.words.size ? [a.words, b.words] : [b.words, a.words];
  if (less.size < fewWords || less.size < sameShare * more.size || a.numbers !== b.numbers) return false;
  let common = 0;
  for (const word of less) if (more.has(word)) common++;
  return common >= sameShare * (less.size + more.size - common);
}

/** Puts each passage under the first one that says the same. Order is kept. */
export function fold(passages: readonly Passage[]): Folded[] {
  const kept: { content: Content; passage: Passage; copies: Passage[] }[] = [];
  for (const passage of passages) {
    const content = contentOf(passage.text);
    const same = kept.find((one) => saysTheSame(one.content, content));
    if (same) same.copies.push(passage);
    else kept.push({ content, passage, copies: [] });
  }
  return kept;
}
