import type { Call } from '../../call.ts';
import type { Embedder } from '../../embeddings/types.ts';
import { badInput, HydrogenError } from '../../errors.ts';
import { stringifyExtendedJson } from '../../mql/formats.ts';
import type {
  IndexStatistics,
  QueryVector,
  Retriever,
  Selection,
  WordQuery,
} from '../../stores/index/types.ts';
import { parseWordQuery } from '../../stores/index/word-query.ts';
import { mismatchOf } from '../mismatch.ts';
import type { SearchRequest } from '../types.ts';
import { queryVector } from './query-vector.ts';

/** Candidates from each list; more changes nothing (ARCHITECTURE.md, Search). */
const minCandidates = 100;
/** Passages that hold the phrases of a question: meaning only orders them. */
const maxPhraseCandidates = 500;
const defaultPerDocument = 3;
/** Passages that are fetched beyond those that are shown, because some may be copies of others. */
const sparePassages = 20;

/** Which words are looked up, and how many candidates come of it. */
interface Lookup {
  readonly words: WordQuery;
  /** Those that count in a score. */
  readonly scoredWords: WordQuery;
  /** Most candidates of the list by words and of the one by meaning; 0 of one that is not asked for. */
  readonly maxByWords: number;
  readonly maxByMeaning: number;
}

/** A request, and all that can be told from it alone; its defaults are filled in. */
export interface SearchQuestion extends SearchRequest, Lookup {
  /** The query without the signs of phrases and prefixes: what a vector is made of. */
  readonly text: string;
  readonly selection: Selection;
  readonly perDocument: number;
  readonly mergeDuplicates: boolean;
  /** Most passages whose text is fetched. */
  readonly maxFetched: number;
}

/**
 * What every stage of a search is given: the question, and what it meets in the index. Its mode is the one that
 * answers: `keyword` where there is no vector.
 */
export interface SearchQuery extends SearchQuestion {
  readonly statistics: IndexStatistics;
  readonly vector?: QueryVector;
  /** Why there is none, where one was asked for. */
  readonly whyNoVector?: string;
}

function lookupOf(words: WordQuery, { mode, limit }: Pick<SearchRequest, 'mode' | 'limit'>): Lookup {
  // Several candidates may be of one document or be copies.
  const depth = Math.max(minCandidates, 3 * limit);
  // Nobody asks for the scores by words: to look them up takes half of the time.
  const scoredWords = mode === 'semantic' ? { words: '', phrases: [], prefixes: [] } : words;
  // Phrases must be there, so with them the list by words is all there is.
  if (words.phrases.length > 0)
    return { words, scoredWords, maxByWords: maxPhraseCandidates, maxByMeaning: 0 };
  return { words, scoredWords, maxByWords: mode === 'semantic' ? 0 : depth, maxByMeaning: depth };
}

function selectionOf({ within, filter }: SearchRequest): Selection {
  const hasFilter = filter !== undefined && Object.keys(filter).length > 0;
  return {
    ...(within !== undefined && { within }),
    ...(hasFilter && { filter: stringifyExtendedJson(filter) }),
  };
}

/** @throws HydrogenError `bad_input` for an empty query, or a similarity where nothing is compared by meaning. */
export function questionOf(request: SearchRequest): SearchQuestion {
  const { text, ...words } = parseWordQuery(request.query);
  if (text === '') throw badInput('The query is empty: pass a question or keywords.');
  const { mode, limit, minSimilarity, perDocument = defaultPerDocument, mergeDuplicates = true } = request;
  if (mode === 'keyword' && minSimilarity !== undefined) {
    throw badInput('min_similarity compares meaning: omit it, or use mode "hybrid" or "semantic".');
  }
  return {
    ...request,
    ...lookupOf(words, request),
    text,
    selection: selectionOf(request),
    perDocument,
    mergeDuplicates,
    maxFetched: sparePassages + limit * (perDocument < limit ? 3 : 1),
  };
}

/**
 * The question with its vector, or with why there is none that fits the index.
 * @throws HydrogenError `unavailable` for `semantic` without a vector
 */
export async function queryOf(
  question: SearchQuestion,
  embedder: Embedder,
  retriever: Retriever,
  call: Call,
): Promise<SearchQuery> {
  const { mode, text } = question;
  const [statistics, found] = await Promise.all([
    retriever.stats(call),
    mode === 'keyword' ? undefined : queryVector(text, embedder, call),
  ]);
  if (!found) return { ...question, statistics };
  const whyNoVector = 'reason' in found ? found.reason : mismatchOf(statistics.space, found.space);
  if (!('reason' in found) && whyNoVector === undefined) return { ...question, statistics, vector: found };
  if (mode === 'semantic') {
    const message = `Semantic search is unavailable. ${whyNoVector} Use mode "keyword".`;
    throw new HydrogenError('unavailable', message);
  }
  return { ...question, mode: 'keyword', statistics, ...(whyNoVector !== undefined && { whyNoVector }) };
}

/** The query for passages that hold its words somewhere. */
export function withoutPhrases(query: SearchQuery): SearchQuery {
  return { ...query, ...lookupOf({ ...query.words, phrases: [] }, query) };
}
