import { plainText, wordPattern, wordsOf } from '../../stores/index/folding.ts';
import { bySpacing, hasUnspaced, pairsOf } from '../../stores/index/unspaced.ts';

/** The end of a sentence: punctuation and the space after it, or a line break. */
const sentenceEnd = /(?<=[.!?…])\s+|(?<=[。！？])\s*|\s*\n+\s*/g;
/** Shorter words of a query say little about where the answer is. */
const minWordLength = 3;
/** How many trailing characters may differ between a word of the query and one of the text. */
const maxEnding = 3;

interface Sentence {
  readonly from: number;
  readonly to: number;
  readonly hits: number;
}

function sentencesOf(text: string, beginnings: readonly string[]): Sentence[] {
  const sentences: Sentence[] = [];
  let from = 0;
  const add = (to: number): void => {
    const sentence = plainText(text.slice(from, to));
    const words = sentence.match(wordPattern) ?? [];
    const isIn = (beginning: string): boolean =>
      hasUnspaced(beginning)
        ? sentence.includes(beginning)
        : words.some((found) => found.startsWith(beginning));
    const hits = beginnings.filter(isIn).length;
    if (to > from) sentences.push({ from, to, hits });
  };
  for (const match of text.matchAll(sentenceEnd)) {
    add(match.index);
    from = match.index + match[0].length;
  }
  add(text.length);
  return sentences;
}

/** Prefixes that identify the query's words in a text; character pairs for scripts without spaces. */
function beginningsOf(query: string): string[] {
  const words = wordsOf(query).flatMap(bySpacing);
  const beginnings = words.flatMap((part) => {
    if (hasUnspaced(part)) return pairsOf(part);
    return part.length < minWordLength
      ? []
      : [part.slice(0, Math.max(minWordLength, part.length - maxEnding))];
  });
  return [...new Set(beginnings)];
}

/** Cuts at the last word that fits. */
function cut(text: string, length: number): string {
  const space = text.lastIndexOf(' ', length);
  return text.slice(0, space > length / 2 ? space : length);
}

/** The first of the sentences with the most words of the query. */
function bestOf(sentences: readonly Sentence[]): number {
  let best = 0;
  for (const [i, { hits }] of sentences.entries()) if (hits > (sentences[best]?.hits ?? 0)) best = i;
  return best;
}

/** The first and last sentence of the longest run around one that fits into `length` characters. */
function around(sentences: readonly Sentence[], best: number, length: number): [first: number, last: number] {
  let [first, last] = [best, best];
  /** The sentence at `at`, if all from `a` to `b` fit. */
  const fitting = (at: number, a: number, b: number): Sentence | undefined =>
    (sentences[b]?.to ?? 0) - (sentences[a]?.from ?? 0) <= length ? sentences[at] : undefined;
  for (;;) {
    const before = fitting(first - 1, first - 1, last);
    const after = fitting(last + 1, first, last + 1);
    if (!before && !after) return [first, last];
    // The text after is more often explanatory than the text before.
    if (before && (!after || before.hits > after.hits)) first--;
    else last++;
  }
}

/**
 * The part of a text most relevant to the query: whole sentences around the one with most of its words, at most
 * `length` characters plus ellipses. A text that is not much longer is returned whole.
 */
export function excerpt(text: string, query: string, length: number): string {
  if (text.length <= length * 1.2) return text;
  const sentences = sentencesOf(text, beginningsOf(query));
  const [first, last] = around(sentences, bestOf(sentences), length);
  const [from, to] = [sentences[first]?.from ?? 0, sentences[last]?.to ?? text.length];
  const part = to - from > length ? cut(text.slice(from, to), length) : text.slice(from, to);
  return `${from > 0 ? '… ' : ''}${part}${from + part.length < text.length ? ' …' : ''}`;
}
