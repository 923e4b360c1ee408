import type { Call } from '../../call.ts';
import type { Embedder } from '../../embeddings/types.ts';
import { badInput, HydrogenError } from '../../errors.ts';
import { stringifyExtendedJson } from '../../mql/formats.ts';
import type {
  Catalog,
  IndexStatistics,
  QueryVector,
  Retriever,
  Selection,
  WordQuery,
} from '../../stores/index/types.ts';
import { parseWordQuery } from '../../stores/index/word-query.ts';
import type { ForeignCollection } from '../foreign.ts';
import { mismatchOf } from '../mismatch.ts';
import type { SearchRequest } from '../types.ts';
import { type QueryEmbedding, queryVector } from './query-vector.ts';

/** Candidates from each list; more make no difference (ARCHITECTURE.md, Search). */
const minCandidates = 100;
/** Candidates for a quoted phrase, which meaning only reorders. */
const maxPhraseCandidates = 500;
const defaultPerDocument = 3;
/** Extra passages fetched, because some may be copies of others. */
const sparePassages = 20;

export interface SearchParts {
  readonly catalog: Catalog;
  readonly retriever: Retriever;
  readonly embedder: Embedder;
  /** Searched besides the library. */
  readonly foreign: readonly ForeignCollection[];
}

/** Which words are looked up, and for how many candidates. */
interface Lookup {
  readonly words: WordQuery;
  /** The words that count towards a score. */
  readonly scoredWords: WordQuery;
  /** Limits of the keyword list and of the vector list; 0 disables a list. */
  readonly maxByWords: number;
  readonly maxByMeaning: number;
}

/** A request with its defaults, and everything that follows from it alone. */
export interface ParsedSearch extends SearchRequest, Lookup {
  /** The query without phrase and prefix operators, for embedding. */
  readonly text: string;
  readonly selection: Selection;
  readonly perDocument: number;
  readonly mergeDuplicates: boolean;
  /** Maximum number of passages whose text is fetched. */
  readonly maxFetched: number;
}

/**
 * The input of every search stage: the query, and the state of the index. `mode` is the effective one: `keyword`
 * where there is no vector.
 */
export interface SearchQuery extends ParsedSearch {
  readonly statistics: IndexStatistics;
  /** As in the catalog, which knows whether documents are to be read again. */
  readonly formats: Readonly<Record<string, number>>;
  readonly vector?: QueryVector;
  /** Why there is no vector, if one was wanted. */
  readonly whyNoVector?: string;
}

function lookupOf(words: WordQuery, { mode, limit }: Pick<SearchRequest, 'mode' | 'limit'>): Lookup {
  // Several candidates may belong to one document or be copies.
  const depth = Math.max(minCandidates, 3 * limit);
  // Nobody needs keyword scores here, and looking them up takes half of the time.
  const scoredWords = mode === 'semantic' ? { words: '', phrases: [], prefixes: [] } : words;
  // Phrases are mandatory, so the keyword list has all the candidates.
  if (words.phrases.length > 0)
    return { words, scoredWords, maxByWords: maxPhraseCandidates, maxByMeaning: 0 };
  return { words, scoredWords, maxByWords: mode === 'semantic' ? 0 : depth, maxByMeaning: depth };
}

export function selectionOf({ within, filter }: Pick<SearchRequest, 'within' | 'filter'>): Selection {
  const hasFilter = filter !== undefined && Object.keys(filter).length > 0;
  return {
    ...(within !== undefined && { within }),
    ...(hasFilter && { filter: stringifyExtendedJson(filter) }),
  };
}

/** @throws HydrogenError `bad_input` for an empty query, or `minSimilarity` in keyword mode */
export function parseSearch(request: SearchRequest): ParsedSearch {
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

/** The query's vector, or why there is none; undefined where none is wanted. */
export async function embeddingOf(
  { mode, text }: ParsedSearch,
  { embedder }: SearchParts,
  call: Call,
): Promise<QueryEmbedding | undefined> {
  return mode === 'keyword' ? undefined : queryVector(text, embedder, call);
}

/**
 * The query with its vector, or the reason why no vector fits the index.
 * @throws HydrogenError `unavailable` for `semantic` without a vector
 */
export async function queryOf(
  parsed: ParsedSearch,
  embedding: Promise<QueryEmbedding | undefined>,
  { catalog, retriever }: SearchParts,
  call: Call,
): Promise<SearchQuery> {
  const { mode } = parsed;
  const [statistics, formats, found] = await Promise.all([
    retriever.stats(call),
    catalog.formats(call),
    embedding,
  ]);
  const state = { statistics, formats };
  if (!found) return { ...parsed, ...state };
  const whyNoVector = 'reason' in found ? found.reason : mismatchOf(statistics.space, found.space);
  if (!('reason' in found) && whyNoVector === undefined) return { ...parsed, ...state, vector: found };
  if (mode === 'semantic') {
    const message = `Semantic search is unavailable. ${whyNoVector} Use mode "keyword".`;
    throw new HydrogenError('unavailable', message);
  }
  return { ...parsed, mode: 'keyword', ...state, ...(whyNoVector !== undefined && { whyNoVector }) };
}

/** The query with its phrases relaxed to single words. */
export function withoutPhrases(query: SearchQuery): SearchQuery {
  return { ...query, ...lookupOf({ ...query.words, phrases: [] }, query) };
}
