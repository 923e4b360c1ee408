import type { Call } from '../../call.ts';
import type { Passage, Retriever } from '../../stores/index/types.ts';
import type { SearchQuery } from './query.ts';
import type { Ranked } from './rank.ts';

/** A passage, and its lower-ranked copies. */
interface MergedPassage {
  readonly passage: Passage;
  readonly copies: readonly Passage[];
}

/** Passages with at least this share of common words (Jaccard) are near-duplicates. */
const sameShare = 0.9;
/** In shorter texts a single word may make the difference. */
const fewWords = 12;

/** Hashes of a text's words. */
interface Content {
  readonly text: string;
  readonly words: ReadonlySet<number>;
  /** Hashes of words that contain a digit. */
  readonly numbers: ReadonlySet<number>;
}

const kinds = { unknown: 0, other: 1, letter: 2, number: 3 };
/** Cache: the kind of every UTF-16 unit seen so far. */
const known = new Uint8Array(0x10000);

function kindOf(unit: number): number {
  const kind = known[unit] as number;
  if (kind !== kinds.unknown) return kind;
  const char = String.fromCharCode(unit);
  // Surrogates mostly belong to letters.
  const isLetter = /[\p{L}\p{Surrogate}]/u.test(char);
  const found = /\p{N}/u.test(char) ? kinds.number : isLetter ? kinds.letter : kinds.other;
  known[unit] = found;
  return found;
}

/** Runs on fifty passages per answer, so it allocates no string per word. The hash is 32-bit FNV-1a. */
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

/** A passage about another year or part number is not a copy. */
function haveSameNumbers({ numbers: a }: Content, { numbers: b }: Content): boolean {
  return a.size === b.size && [...a].every((number) => b.has(number));
}

const plain = ({ text }: Content): string => text.replace(/\s+/g, ' ').trim();

function saysTheSame(a: Content, b: Content): boolean {
  const [less, more] = a.words.size < b.words.size ? [a, b] : [b, a];
  if (less.words.size < sameShare * more.words.size) return false;
  if (less.words.size < fewWords) return plain(a) === plain(b);
  // The number of common words that a Jaccard index of `sameShare` requires.
  const wanted = (sameShare / (1 + sameShare)) * (less.words.size + more.words.size);
  // Tolerance, so that rounding does not reject an exact match.
  let missing = less.words.size - wanted + 1e-9;
  for (const word of less.words) if (!more.words.has(word) && --missing < 0) return false;
  return haveSameNumbers(a, b);
}

/** Folds each passage into the first near-duplicate. Order is preserved. */
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

/** A passage to show, and how many further passages its document has. */
export interface Grouped extends MergedPassage {
  readonly more: number;
}

/**
 * The `limit` best passages, at most `perDocument` of each document while others have some; grouped by document, in the
 * order of each document's best.
 * @param passages best first
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

/** The passages to show: copies folded, limited per document. */
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
