/** Words that are remembered at most: texts use the same ones again and again. */
const maxWords = 50_000;
/** Longer ones hardly occur twice. */
const maxLength = 40;
/** A part of a text from this length on keeps the whole text in memory. */
const minShared = 13;

const apart = (word: string): string => (word.length < minShared ? word : Buffer.from(word).toString());

/** What a word leads to, computed once for words that occur again. */
export function remembered<Value>(compute: (word: string) => Value): (word: string) => Value {
  const known = new Map<string, Value>();
  return (word) => {
    const before = known.get(word);
    if (before !== undefined) return before;
    if (word.length > maxLength) return compute(word);
    const own = apart(word);
    const value = compute(own);
    if (known.size >= maxWords) known.clear();
    known.set(own, value);
    return value;
  };
}
