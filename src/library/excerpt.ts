/** Ends a sentence: its mark and the space after it, or a line break. */
const sentenceEnd = /(?<=[.!?…。])\s+|\s*\n+\s*/g;
const word = /[\p{L}\p{N}]+/gu;
/** Shorter words of a question say little about where its answer stands. */
const shortestWord = 3;
/** Endings that a word of the text may have otherwise than the question's. */
const ending = 3;

interface Sentence {
  readonly from: number;
  readonly to: number;
  readonly hits: number;
}

function sentencesOf(text: string, beginnings: readonly string[]): Sentence[] {
  const sentences: Sentence[] = [];
  let from = 0;
  const add = (to: number): void => {
    const words = text.slice(from, to).toLowerCase().match(word) ?? [];
    const hits = beginnings.filter((one) => words.some((other) => other.startsWith(one))).length;
    if (to > from) sentences.push({ from, to, hits });
  };
  for (const match of text.matchAll(sentenceEnd)) {
    add(match.index);
    from = match.index + match[0].length;
  }
  add(text.length);
  return sentences;
}

/** Cuts at the last word that fits. */
function cut(text: string, length: number): string {
  const space = text.lastIndexOf(' ', length);
  return text.slice(0, space > length / 2 ? space : length);
}

/**
 * The part of a text that has most to do with the question: whole sentences around the one with most of its
 * words, `length` characters at most and some marks of omission. A text that is not much longer comes whole.
 */
export function excerpt(text: string, query: string, length: number): string {
  if (text.length <= length * 1.2) return text;
  const words = (query.toLowerCase().match(word) ?? []).filter((one) => one.length >= shortestWord);
  const beginnings = [
    ...new Set(words.map((one) => one.slice(0, Math.max(shortestWord, one.length - ending)))),
  ];
  const sentences = sentencesOf(text, beginnings);
  let best = 0;
  for (const [i, { hits }] of sentences.entries()) if (hits > (sentences[best]?.hits ?? 0)) best = i;
  let [first, last] = [best, best];
  const lengthOf = (a: number, b: number): number => (sentences[b]?.to ?? 0) - (sentences[a]?.from ?? 0);
  for (;;) {
    const before = first > 0 && lengthOf(first - 1, last) <= length ? sentences[first - 1] : undefined;
    const after =
      last + 1 < sentences.length && lengthOf(first, last + 1) <= length ? sentences[last + 1] : undefined;
    if (!before && !after) break;
    // What follows explains more often than what goes before.
    if (before && (!after || before.hits > after.hits)) first--;
    else last++;
  }
  const [from, to] = [sentences[first]?.from ?? 0, sentences[last]?.to ?? text.length];
  const part = to - from > length ? cut(text.slice(from, to), length) : text.slice(from, to);
  return `${from > 0 ? '… ' : ''}${part}${from + part.length < text.length ? ' …' : ''}`;
}
