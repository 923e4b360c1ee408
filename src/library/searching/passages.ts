import type { Call } from '../../call.ts';
import type { Passage, Retriever } from '../../stores/index/types.ts';
import type { SearchQuery } from './query.ts';
import type { Ranked } from './rank.ts';

/** A passage, and those that say the same and rank lower. */
interface MergedPassage {
  readonly passage: Passage;
  readonly copies: readonly Passage[];
}

/** Passages with this share of common words (Jaccard) are the same but for details. */
const sameShare = 0.9;
/** In shorter texts one word may be the point. */
const fewWords = 12;

/** Hashes of a text's words. */
interface Content {
  readonly text: string;
  readonly words: ReadonlySet<number>;
  /** Those with a digit in them. */
  readonly numbers: ReadonlySet<number>;
}

const kinds = { unknown: 0, other: 1, letter: 2, number: 3 };
/** The kind of every UTF-16 unit that was met. */
const known = new Uint8Array(0x10000);

function kindOf(unit: number): number {
  const kind = known[unit] as number;
  if (kind !== kinds.unknown) return kind;
  const char = String.fromCharCode(unit);
  // Halves of characters beyond the first plane are mostly of letters.
  const isLetter = /[\p{L}\p{Surrogate}]/u.test(char);
  const found = /\p{N}/u.test(char) ? kinds.number : isLetter ? kinds.letter : kinds.other;
  known[unit] = found;
  return found;
}

/** Fifty passages are read for every answer: no string is made of a word. The hash is 32-bit FNV-1a. */
function contentOf(text: string): Content {
  const [words, numbers] = [new Set<number>(), new Set<number>()];
  const lower = text.toLowerCase();
  let hash = 0;
  let hasNumber = false;
  for (let at = 0; at <= lower.length; at++) {
    const unit = at < lower.length ? lower.charCodeAt(at) : 0x20;
    const kind = kindOf(unit);
    if (kind !== kinds.other) {
      hash = Math.imul((hash || 0x811c9dc5) ^ unit, 0x01000193);
      hasNumber ||= kind === kinds.number;
    } else if (hash !== 0) {
      words.add(hash);
      if (hasNumber) numbers.add(hash);
      hash = 0;
      hasNumber = false;
    }
  }
  return { text, words, numbers };
}

/** A passage about another year or part number is another passage. */
function haveSameNumbers({ numbers: a }: Content, { numbers: b }: Content): boolean {
  return a.size === b.size && [...a].every((number) => b.has(number));
}

const plain = ({ text }: Content): string => text.replace(/\s+/g, ' ').trim();

function saysTheSame(a: Content, b: Content): boolean {
  const [less, more] = a.words.size < b.words.size ? [a, b] : [b, a];
  if (less.words.size < sameShare * more.words.size) return false;
  if (less.words.size < fewWords) return plain(a) === plain(b);
  // The words that only one has, of all that the two have, may be so many.
  const wanted = (sameShare / (1 + sameShare)) * (less.words.size + more.words.size);
  // Where exactly as many are common as are wanted, rounding must not count.
  let missing = less.words.size - wanted + 1e-9;
  for (const word of less.words) if (!more.words.has(word) && --missing < 0) return false;
  return haveSameNumbers(a, b);
}

/** Puts each passage under the first one that says the same. Order is kept. */
function merged(passages: readonly Passage[]): MergedPassage[] {
  const groups: { content: Content; passage: Passage; copies: Passage[] }[] = [];
  for (const passage of passages) {
    const content = contentOf(passage.text);
    const same = groups.find((group) => saysTheSame(group.content, content));
    if (same) same.copies.push(passage);
    else groups.push({ content, passage, copies: [] });
  }
  return groups;
}

/** What is shown, and how many passages of its document there are besides. */
export interface Grouped extends MergedPassage {
  readonly more: number;
}

/**
 * The `limit` best passages, of each document at most `perDocument` while others have some; those of one
 * document together, in the order of each document's best.
 * @param passages the best first
 */
function group(passages: readonly MergedPassage[], limit: number, perDocument: number): Grouped[] {
  const shown: MergedPassage[] = [];
  const rest: MergedPassage[] = [];
  const taken = new Map<string, number>();
  for (const item of passages) {
    const { document } = item.passage;
    const before = taken.get(document) ?? 0;
    if (before < perDocument && shown.length < limit) {
      taken.set(document, before + 1);
      shown.push(item);
    } else rest.push(item);
  }
  shown.push(...rest.splice(0, limit - shown.length));
  const groups = new Map<string, MergedPassage[]>();
  for (const item of shown) {
    const { document } = item.passage;
    groups.set(document, [...(groups.get(document) ?? []), item]);
  }
  return [...groups].flatMap(([document, members]) => {
    const more = rest.filter(({ passage }) => passage.document === document).length;
    return members.map((item, i) => ({ ...item, more: i === members.length - 1 ? more : 0 }));
  });
}

/** The passages to show: copies folded, few of one document. */
export async function passagesOf(
  { maxFetched, limit, perDocument, mergeDuplicates }: SearchQuery,
  ranked: readonly Ranked[],
  retriever: Retriever,
  call: Call,
): Promise<Grouped[]> {
  const chunks = ranked.slice(0, maxFetched).map(({ chunk }) => chunk);
  const passages = await retriever.fetch(chunks, call);
  const folded = mergeDuplicates ? merged(passages) : passages.map((passage) => ({ passage, copies: [] }));
  return group(folded, limit, perDocument);
}
