import type { Schemas } from '@qdrant/js-client-rest';
import { idfOf } from '../index/bm25.ts';
import { centred } from '../index/centring.ts';
import { wordsOf } from '../index/folding.ts';
import type { Language } from '../index/languages.ts';
import type { Candidate, Candidates, QueryVector, Wanted } from '../index/types.ts';
import { hasUnspaced } from '../index/unspaced.ts';
import { type Manifest, maxRevisions, meanOf, type StoredSpace, spaceIn } from './manifest.ts';
import { isManifest, type PointCondition } from './points.ts';
import { jsonOf } from './rewrite.ts';
import { type QueryWord, queryVectorOf, queryWords } from './words.ts';

// All that a search asks for its candidates, as the queries of one request.

type Query = Schemas['QueryRequest'];
type Prefetch = Schemas['Prefetch'];
type Scored = Schemas['ScoredPoint'];

/**
 * Frequencies of the points that are there now; without this the server counts those too that were removed, until their
 * segment is rewritten.
 */
const ofAll: Schemas['SearchParams'] = { idf: { corpus: {} } };
/** Frequencies of no points: then the IDF of every word is ln 2, and a score tells the value that is stored. */
const ofNone: Schemas['SearchParams'] = { idf: { corpus: { must: [{ has_id: [] }] } } };
const idfOfNone = Math.log(2);

/** How widely the graph is searched at least. */
const minEf = 128;
/** What is found by bytes is scored by floats. */
export const approximately = (limit: number): Schemas['SearchParams'] => ({
  hnsw_ef: Math.max(minEf, limit),
  quantization: { rescore: true, oversampling: 2 },
});
const exactly: Schemas['SearchParams'] = { exact: true, quantization: { ignore: true } };

const must = (conditions: readonly PointCondition[]): Pick<Query & Prefetch, 'filter'> =>
  conditions.length === 0 ? {} : { filter: { must: [...conditions] } };

/** Conditions for phrases that the server can look for: words that follow one another. */
function phraseConditions(phrases: readonly string[]): PointCondition[] {
  return phrases
    .filter((phrase) => !hasUnspaced(phrase))
    .map((phrase) => ({ key: 'plain', match: { phrase: wordsOf(phrase).join(' ') } }));
}

/** The serving space, unless the vector belongs to another. */
function spaceFor(manifest: Manifest, vector: QueryVector | undefined): StoredSpace | undefined {
  const serving = spaceIn(manifest, 'serving');
  return vector && serving?.fingerprint === vector.space.fingerprint ? serving : undefined;
}

const candidatesIn = (points: readonly Scored[] = []): Candidate[] =>
  points.map(({ id, score }) => ({ chunk: Number(id), score }));

const scoresIn = (points: readonly Scored[] | undefined): [number, number][] =>
  candidatesIn(points).map(({ chunk, score }) => [chunk, score]);

/** Looks up the best passages by words; undefined where no word is wanted. */
export function wordLookup(
  { words, byWords: limit }: Wanted,
  languages: readonly Language[],
  manifest: Manifest,
  conditions: readonly PointCondition[],
): (Query & Prefetch) | undefined {
  const query = limit > 0 ? queryVectorOf(queryWords(words, languages)) : undefined;
  if (!query) return undefined;
  const parts = [...conditions, ...phraseConditions(words.phrases)];
  return { query, using: manifest.words.vector, params: ofAll, limit, ...must(parts) };
}

function meaningLookup(
  space: StoredSpace,
  query: number[],
  limit: number,
  conditions: readonly PointCondition[],
): (Query & Prefetch) | undefined {
  if (limit === 0) return undefined;
  return { query, using: space.vector, params: approximately(limit), limit, ...must(conditions) };
}

/** The queries by the names of their answers. */
type Queries = Map<string, Query>;

/** Both scores of all candidates, and for each word what its IDF is computed from. */
function addScores(
  queries: Queries,
  manifest: Manifest,
  byWords: Prefetch | undefined,
  nearest: Prefetch | undefined,
  scored: Schemas['SparseVector'],
  isScored: boolean,
): void {
  const using = manifest.words.vector;
  // The best by words have their scores, unless other words score.
  const prefetch = [nearest, isScored ? undefined : byWords].filter((one) => one !== undefined);
  if (prefetch.length > 0) {
    const limit = prefetch.reduce((sum, one) => sum + (one.limit ?? 0), 0);
    queries.set('keywords', { query: scored, using, params: ofAll, prefetch, limit });
  }
  for (const index of scored.indices) {
    const one = { query: { indices: [index], values: [1] }, using, limit: 1 };
    queries.set(`idf ${index}`, { ...one, params: ofAll });
    queries.set(`value ${index}`, { ...one, params: ofNone });
  }
}

/** The limit of a score by these words. */
function fullOf(
  words: readonly QueryWord[],
  idf: (index: number) => number | undefined,
  chunks: number,
): number {
  let full = 0;
  for (const { indices, weight } of words) {
    const indexed = indices.map(idf).filter((one) => one !== undefined);
    full += weight * (indexed.length > 0 ? Math.max(...indexed) : idfOf(chunks, 0));
  }
  return full;
}

export interface SearchBatch {
  readonly searches: Query[];
  /** Whether the number of passages is needed to read the answers. */
  readonly needsCount: boolean;
  /** Undefined when the manifest was another one by then. */
  read(answers: readonly Schemas['QueryResponse'][], passages: number): Candidates | undefined;
}

/**
 * @param languages besides English, that passages have
 * @param byPhrase the best by words, where they were looked up before, since only their text shows the phrase
 */
export function searchBatch(
  wanted: Wanted,
  vector: QueryVector | undefined,
  languages: readonly Language[],
  manifest: Manifest,
  conditions: readonly PointCondition[],
  byPhrase: readonly Candidate[] | undefined,
): SearchBatch {
  const queries: Queries = new Map();
  const space = spaceFor(manifest, vector);
  const meaning = space && vector && jsonOf(centred(vector.values, meanOf(space)));
  const scoring = queryWords(wanted.scoredWords, languages);
  const scored = vector && queryVectorOf(scoring);
  const isScored = JSON.stringify(wanted.scoredWords) === JSON.stringify(wanted.words);

  const lookup = wordLookup(wanted, languages, manifest, conditions);
  if (lookup && !byPhrase) queries.set('words', lookup);
  const byWords: Prefetch | undefined = byPhrase
    ? { filter: { must: [{ has_id: byPhrase.map(({ chunk }) => chunk) }] }, limit: wanted.byWords }
    : lookup;
  const nearest = space && meaning && meaningLookup(space, meaning, wanted.byMeaning, conditions);
  if (nearest) queries.set('nearest', nearest);
  if (space && meaning && byWords) {
    const ofWords = { prefetch: byWords, limit: wanted.byWords };
    queries.set('cosines', { query: meaning, using: space.vector, params: exactly, ...ofWords });
  }
  if (scored) addScores(queries, manifest, byWords, nearest, scored, isScored);
  // Whether the vectors still are those that the manifest named when it was read.
  const revisions = { filter: { must: [isManifest] }, with_payload: ['revision'], limit: maxRevisions };
  queries.set('manifest', revisions);

  const names = [...queries.keys()];
  return {
    searches: [...queries.values()],
    needsCount: scored !== undefined,
    read(answers, passages) {
      const answer = (name: string): readonly Scored[] | undefined => answers[names.indexOf(name)]?.points;
      const revision = Math.max(
        ...(answer('manifest') ?? []).map(({ payload }) => Number(payload?.['revision'])),
      );
      if (revision !== manifest.revision) return undefined;
      const found = byPhrase ?? candidatesIn(answer('words'));
      if (!vector) return { byWords: found, nearest: [], scored: [], fullKeywords: 0 };
      const near = candidatesIn(answer('nearest'));
      const own = isScored ? found.map(({ chunk, score }): [number, number] => [chunk, score]) : [];
      const keywords = new Map([...own, ...scoresIn(answer('keywords'))]);
      const cosines = new Map([...scoresIn(answer('cosines')), ...scoresIn(answer('nearest'))]);
      const idf = (index: number): number | undefined => {
        const [weighted] = answer(`idf ${index}`) ?? [];
        const [stored] = answer(`value ${index}`) ?? [];
        return weighted && stored && (idfOfNone * weighted.score) / stored.score;
      };
      const union = new Set([...found, ...near].map(({ chunk }) => chunk));
      return {
        byWords: found,
        nearest: near,
        scored: Array.from(union, (chunk) => {
          const cosine = cosines.get(chunk);
          return { chunk, keywords: keywords.get(chunk) ?? 0, ...(cosine !== undefined && { cosine }) };
        }),
        fullKeywords: fullOf(scoring, idf, passages),
      };
    },
  };
}
