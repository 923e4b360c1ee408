import type { Schemas } from '@qdrant/js-client-rest';
import { analyse, isOtherSpelling, lengthOf, tongueOfTerms } from '../index/analyser.ts';
import { lengthNorm } from '../index/bm25.ts';
import { wordsOf } from '../index/folding.ts';
import type { Spoken } from '../index/language-of.ts';
import type { Language, Tongue } from '../index/languages.ts';
import { termsOfPrefix, termsOfWords } from '../index/query-terms.ts';
import type { WordQuery } from '../index/types.ts';
import { hasUnspaced } from '../index/unspaced.ts';
import { rounded } from './points.ts';

// Words as a sparse vector: its indices are hashes of terms, and of all beginnings of terms, so that `electroly*` scores
// as one word by the combined occurrences of what begins with it. Its values are what BM25 makes of a document, tf /
// (tf + k1 (1 - b + b · dl / avgdl)); the server multiplies them by the IDF, which has the same formula as ours.

/** FNV-1a with the end of MurmurHash3, whose bits all depend on all of the text. */
function hash(text: string): number {
  let h = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/**
 * Two terms with the same index count as one word: a query for one finds passages with the other. Of 400,000 terms and
 * beginnings some 20 pairs have the same.
 */
export const termIndex = (term: string): number => hash(`=${term}`);
const beginningIndex = (beginning: string): number => hash(`>${beginning}`);

/** The shortest beginning that may be asked for. */
const minBeginning = 2;

/** In a script without spaces each character may be asked for. */
const beginningOf = (term: string): number => (hasUnspaced(term.slice(0, 1)) ? 1 : minBeginning);

/** The terms of an indexed text, and how often each word index occurs. */
export interface PassageWords {
  /** The language in which they are stemmed. */
  readonly tongue: Tongue;
  readonly length: number;
  readonly counts: ReadonlyMap<number, number>;
}

/**
 * @param about words that count although they are not in the text (`aboutOf`), if there are any
 * @param spoken the languages that they may be in
 */
export function passageWords(indexed: string, about = '', spoken?: Spoken): PassageWords {
  const own = analyse(indexed, spoken);
  const terms = [...own, ...analyse(about, spoken)];
  const occurrences = new Map<string, number>();
  for (const term of terms) occurrences.set(term, (occurrences.get(term) ?? 0) + 1);
  const counts = new Map<number, number>();
  const add = (index: number, count: number): void => {
    counts.set(index, (counts.get(index) ?? 0) + count);
  };
  for (const [term, count] of occurrences) {
    add(termIndex(term), count);
    if (isOtherSpelling(term)) continue;
    for (let end = beginningOf(term); end <= term.length; end++)
      add(beginningIndex(term.slice(0, end)), count);
  }
  return { tongue: tongueOfTerms(own), length: lengthOf(own), counts };
}

export function sparseOf({ length, counts }: PassageWords, average: number): Schemas['SparseVector'] {
  const norm = lengthNorm(length, average);
  return {
    indices: [...counts.keys()],
    values: Array.from(counts.values(), (tf) => rounded(tf / (tf + norm))),
  };
}

/** A word of a query: several indices, where a beginning of words has no index of its own. */
export interface QueryWord {
  readonly indices: readonly number[];
  readonly weight: number;
}

/**
 * The words by which a query scores. A prefix whose stem is shorter ("storing*" finds "store"), or in a script without
 * spaces, scores by each of its terms, where the embedded index combines their occurrences.
 */
export function queryWords({ words, prefixes }: WordQuery, languages: readonly Language[]): QueryWord[] {
  const scoring = termsOfWords(words, languages).map(({ terms, beginning, weight }) => ({
    indices: beginning === undefined ? terms.map(termIndex) : [beginningIndex(beginning)],
    weight,
  }));
  const beginnings = prefixes.map((prefix) => {
    const { terms, beginning } = termsOfPrefix(prefix);
    if (beginning === undefined) return { indices: terms.map(termIndex), weight: 1 };
    const others = terms.filter((term) => !term.startsWith(beginning) || beginning.length < minBeginning);
    const own = beginning.length < minBeginning ? [] : [beginningIndex(beginning)];
    return { indices: [...own, ...others.map(termIndex)], weight: 1 };
  });
  return [...scoring, ...beginnings];
}

/** All words of a query as one sparse vector; undefined when there is none. */
export function queryVectorOf(words: readonly QueryWord[]): Schemas['SparseVector'] | undefined {
  const weights = new Map<number, number>();
  for (const { indices, weight } of words) {
    for (const index of indices) weights.set(index, (weights.get(index) ?? 0) + weight);
  }
  return weights.size === 0 ? undefined : { indices: [...weights.keys()], values: [...weights.values()] };
}

/** Between a passage's title, its headings and its text, which a phrase does not cross: no word has such a character. */
const boundary = '|';

/** The words of a passage for the server's phrases, which are words that follow one another. */
export function plainOf(title: string, heading: readonly string[], text: string): string {
  return [title, ...heading, text].map((part) => wordsOf(part).join(' ')).join(` ${boundary} `);
}
