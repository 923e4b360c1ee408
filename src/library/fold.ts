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
}

function contentOf(text: string): Content {
  const plain = text.replace(/\s+/g, ' ').trim();
  return { plain, words: new Set(plain.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []) };
}

const numbersIn = (words: ReadonlySet<string>): string[] => [...words].filter((word) => /\p{N}/u.test(word));

/** A passage about another year or part number is another passage. */
function haveSameNumbers(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
  const [some, others] = [numbersIn(a), numbersIn(b)];
  return some.length === others.length && some.every((word) => b.has(word));
}

function saysTheSame(a: Content, b: Content): boolean {
  if (a.plain === b.plain) return true;
  const [less, more] = a.words.size < b.words.size ? [a.words, b.words] : [b.words, a.words];
  if (less.size < fewWords || less.size < sameShare * more.size) return false;
  let common = 0;
  for (const word of less) if (more.has(word)) common++;
  const isAlike = common >= sameShare * (less.size + more.size - common);
  return isAlike && haveSameNumbers(less, more);
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
