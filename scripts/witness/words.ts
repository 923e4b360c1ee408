/** How often each word occurs. */
type Bag = ReadonlyMap<string, number>;

/** Scripts that put no space between words: each character counts as one. */
const unspaced =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]\p{M}*|[\p{L}\p{M}]+/gu;

/** What is in a text and not seen: soft hyphens, and what joins or parts letters without a width. */
const unseen = /\p{Default_Ignorable_Code_Point}/gu;

/** A word that a line end parts. */
const parted = /(\p{L}\p{M}*)[-\u2010]\s*\n\s*(?=\p{Ll})/gu;

const plain = (text: string): string => text.normalize('NFKC').replace(unseen, '').toLowerCase();

/** Words as both sides are compared by: NFKC, in small letters, split at whatever is no letter. */
function bagOf(text: string): Bag {
  const bag = new Map<string, number>();
  const joined = text.normalize('NFKC').replace(unseen, '').replace(parted, '$1');
  for (const [word] of joined.toLowerCase().matchAll(unspaced)) bag.set(word, (bag.get(word) ?? 0) + 1);
  return bag;
}

export interface Lack {
  /** Words of the other text. */
  readonly words: number;
  /** Those of them, by how often each is lacking, that occur nowhere in ours. */
  readonly lacking: Bag;
  /** Occurrences that ours has fewer of: what is repeated there and stands here once. */
  readonly fewer: number;
  /** Words that ours has only as a part of a longer one, or in parts: joined or parted otherwise. */
  readonly otherwise: Bag;
}

const sum = (bag: Bag): number => [...bag.values()].reduce((all, count) => all + count, 0);
export const total = sum;

/** The same without what another text has. */
export function without({ lacking, ...lack }: Lack, text: string): Lack {
  const there = bagOf(text);
  return { ...lack, lacking: new Map([...lacking].filter(([word]) => !there.has(word))) };
}

/** What our text lacks of the words that another reader of the same file has found. */
export function lackOf(ours: string, theirs: string): Lack {
  const own = bagOf(ours);
  const other = bagOf(theirs);
  const squashed = plain(ours).replace(/[^\p{L}\p{M}]+/gu, '');
  const lacking = new Map<string, number>();
  const otherwise = new Map<string, number>();
  let fewer = 0;
  for (const [word, count] of other) {
    const found = own.get(word) ?? 0;
    if (found >= count) continue;
    if (found > 0) fewer += count - found;
    else if (squashed.includes(word) && word.length > 1) otherwise.set(word, count);
    else lacking.set(word, count);
  }
  return { words: sum(other), lacking, fewer, otherwise };
}
