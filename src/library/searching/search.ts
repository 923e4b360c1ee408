import type { Call } from '../../call.ts';
import type { Embedder } from '../../embeddings/types.ts';
import { badInput, HydrogenError } from '../../errors.ts';
import { stringifyExtendedJson } from '../../mql/formats.ts';
import type {
  IndexStatistics,
  Passage,
  QueryVector,
  Retriever,
  Selection,
} from '../../stores/index/types.ts';
import { parseWordQuery } from '../../stores/index/word-query.ts';
import { mismatchOf } from '../mismatch.ts';
import type { SearchAnswer, SearchHit, SearchMode, SearchRequest } from '../types.ts';
import { excerpt } from './excerpt.ts';
import { type Grouped, group } from './group.ts';
import { mergeDuplicates } from './merge-duplicates.ts';
import { emptyNotes, stateNotes } from './notes.ts';
import { queryVector } from './query-vector.ts';
import { type Ranked, type RankedQuery, type Ranking, rank, wordCandidates } from './rank.ts';

interface Parts {
  readonly retriever: Retriever;
  readonly embedder: Embedder;
}

const defaultPerDocument = 3;
/** Passages that are fetched beyond those that are shown, because some may be copies of others. */
const spare = 20;

const wordsOnly = 'Searched by keywords only.';
const noMeaning = 'Search by meaning cannot answer.';

/** Why passages are shown that do not hold what is quoted. */
function looseNote(phrases: readonly string[], mode: SearchMode): string {
  const quoted = phrases.map((one) => `"${one}"`).join(' and ');
  const all = phrases.length > 1 ? ' together' : '';
  return `No passage holds ${quoted}${all} as written: these were found by ${mode === 'semantic' ? 'meaning' : 'words'}.`;
}

function selectionOf({ within, filter }: SearchRequest): Selection {
  const hasFilter = filter !== undefined && Object.keys(filter).length > 0;
  return {
    ...(within !== undefined && { within }),
    ...(hasFilter && { filter: stringifyExtendedJson(filter) }),
  };
}

/** The question's vector, or why there is none that fits the index. */
async function vectorFor(
  text: string,
  { mode }: SearchRequest,
  { retriever, embedder }: Parts,
  call: Call,
): Promise<{ statistics: IndexStatistics; vector?: QueryVector; note?: string }> {
  const [statistics, found] = await Promise.all([
    retriever.stats(call),
    mode === 'keyword' ? undefined : queryVector(text, embedder, call),
  ]);
  if (!found) return { statistics };
  const reason = 'reason' in found ? found.reason : mismatchOf(statistics.space, found.space);
  if (!('reason' in found) && reason === undefined) return { statistics, vector: found };
  return { statistics, note: `${mode === 'semantic' ? noMeaning : wordsOnly} ${reason}` };
}

function hitOf(
  { passage, copies, more }: Grouped,
  one: Ranked | undefined,
  { best, fullKeywords }: Ranking,
  { query, textLength, explain }: SearchRequest,
): SearchHit {
  const { document, title, heading, lines, place, text } = passage;
  const { score = 0, cosine, keywords = 0, wordRank, meaningRank } = one ?? {};
  const others = new Set(copies.map((copy) => copy.document));
  others.delete(document);
  return {
    document,
    title,
    heading,
    lines,
    ...(place !== undefined && { place }),
    text: textLength === undefined ? text : excerpt(text, query, textLength),
    score,
    ...(cosine !== undefined && { similarity: cosine }),
    alsoIn: [...others],
    more,
    ...(explain && {
      parts: {
        bm25: keywords,
        bestBm25: best.keywords,
        fullBm25: fullKeywords,
        ...(wordRank !== undefined && { wordRank }),
        ...(meaningRank !== undefined && { meaningRank }),
      },
    }),
  };
}

/** The passages to show: copies folded, few of one document. */
async function passagesOf(
  ranked: readonly Ranked[],
  { limit, perDocument = defaultPerDocument, mergeDuplicates: folding = true }: SearchRequest,
  retriever: Retriever,
  call: Call,
): Promise<Grouped[]> {
  const fetched = ranked.slice(0, spare + limit * (perDocument < limit ? 3 : 1));
  const passages: readonly Passage[] = await retriever.fetch(
    fetched.map(({ chunk }) => chunk),
    call,
  );
  const folded = folding ? mergeDuplicates(passages) : passages.map((passage) => ({ passage, copies: [] }));
  return group(folded, limit, perDocument);
}

/** A quoted question is often no quotation: where no passage holds it, its words count. */
function withoutPhrases(
  question: RankedQuery,
  vector: QueryVector | undefined,
  retriever: Retriever,
  call: Call,
): Promise<Ranking> {
  const loose = { ...question, words: { ...question.words, phrases: [] } };
  return rank(loose, vector, { retriever, byWords: wordCandidates(loose, retriever, call) }, call);
}

/**
 * Words and meaning together. Without a vector for the question, words answer alone and a note says why.
 * @throws HydrogenError `bad_input` for an empty query, a filter that is not valid, or a phrase without an
 * indexed word; `unavailable` for `semantic` without a model.
 */
export async function search(request: SearchRequest, parts: Parts, call: Call): Promise<SearchAnswer> {
  const { retriever } = parts;
  const { text, ...words } = parseWordQuery(request.query);
  if (text === '') throw badInput('The query is empty: give a question or some words.');
  const { minSimilarity, mode: wanted, limit } = request;
  if (wanted === 'keyword' && minSimilarity !== undefined) {
    throw badInput('min_similarity is about meaning: leave it out, or use mode "hybrid" or "semantic".');
  }
  const question = { words, selection: selectionOf(request), mode: wanted, limit };
  const byWords = wordCandidates(question, retriever, call);
  // It is awaited after the vector, which may fail first.
  byWords.catch(() => {});
  const { statistics, vector, note } = await vectorFor(text, request, parts, call);
  if (wanted === 'semantic' && !vector) {
    throw new HydrogenError('unavailable', `${note} Use mode "keyword".`);
  }
  const mode = vector ? wanted : 'keyword';
  const found = await rank({ ...question, mode }, vector, { retriever, byWords }, call);
  const loose = found.ranked.length === 0 && words.phrases.length > 0;
  const ranking = loose ? await withoutPhrases({ ...question, mode }, vector, retriever, call) : found;
  const near =
    vector && minSimilarity !== undefined
      ? ranking.ranked.filter(({ cosine }) => cosine !== undefined && cosine >= minSimilarity)
      : ranking.ranked;
  const shown = await passagesOf(near, request, retriever, call);
  const byChunk = new Map(near.map((one) => [one.chunk, one]));
  const hits = shown.map((one) => hitOf(one, byChunk.get(one.passage.chunk), ranking, request));
  const notes = [
    ...(note === undefined ? [] : [note]),
    ...(loose && ranking.ranked.length > 0 ? [looseNote(words.phrases, mode)] : []),
    ...stateNotes(statistics, { ranking, mode, vector: vector !== undefined, minSimilarity }),
    ...(hits.length === 0 ? await emptyNotes(request, question.selection, ranking, retriever, call) : []),
  ];
  return { hits, mode, notes, chunks: statistics.chunks, embedded: statistics.embedded };
}
