import type { Call } from '../call.ts';
import type { Embedder, EmbeddingSpace } from '../embeddings/types.ts';
import { badInput, HydrogenError } from '../errors.ts';
import type { IndexStatistics, Passage, Scored, SearchIndex } from '../stores/index/types.ts';
import { mismatchOf, outdated } from './mismatch.ts';
import { queryVector } from './query-vector.ts';
import type { SearchAnswer, SearchHit, SearchMode, SearchRequest } from './types.ts';

interface Vector {
  readonly values: Float32Array;
  readonly space: EmbeddingSpace;
}

/** Candidates from each list; more changes nothing (ARCHITECTURE.md, Search). */
const candidates = 100;
/** Weight of the cosine beside the keyword part, which is 1 at most. */
const cosineWeight = 2;
/** Passages that are fetched beyond the limit, because some may be copies of others. */
const spare = 20;

/** The best score of each part among the candidates. */
interface Best {
  readonly keywords: number;
  readonly cosine: number;
}

/** A passage that has no vector yet is taken to be as near in meaning as its words are fitting. */
function scoreOf({ keywords, cosine }: Scored, best: Best, mode: SearchMode): number {
  const byWords = best.keywords > 0 ? keywords / best.keywords : 0;
  if (mode === 'keyword') return byWords;
  if (mode === 'semantic') return cosine ?? 0;
  return byWords + cosineWeight * (cosine ?? byWords * best.cosine);
}

/**
 * The union of both lists' best, with exact scores for both: bm25 / best bm25 + 2 x centred cosine. Equal
 * scores stay in order of chunk number.
 */
async function rank(
  { query, within }: SearchRequest,
  mode: SearchMode,
  vector: Vector | undefined,
  { index, words }: { index: SearchIndex; words: ReturnType<SearchIndex['keywordCandidates']> },
  call: Call,
): Promise<(Scored & { readonly score: number })[]> {
  const [byWords, byMeaning] = await Promise.all([
    words,
    vector ? index.vectorCandidates(vector.values, vector.space, candidates, within, call) : [],
  ]);
  const union = [...new Set([...byWords, ...byMeaning].map(({ chunk }) => chunk))];
  const scored =
    mode === 'keyword'
      ? byWords.map(({ chunk, score }) => ({ chunk, keywords: score }))
      : await index.score(query, vector, union, call);
  const best: Best = {
    keywords: byWords[0]?.score ?? 0,
    cosine: Math.max(0, ...scored.map(({ cosine }: Scored) => cosine ?? 0)),
  };
  return scored
    .map((one: Scored) => ({ ...one, score: scoreOf(one, best, mode) }))
    .sort((a, b) => b.score - a.score || a.chunk - b.chunk);
}

/** Leaves out passages with the text of one that ranks higher, such as those of a copied file. */
function fold(passages: readonly Passage[]): Passage[] {
  const seen = new Set<string>();
  return passages.filter(({ text }) => {
    const content = text.replace(/\s+/g, ' ').trim();
    if (seen.has(content)) return false;
    seen.add(content);
    return true;
  });
}

function backlogNote({ chunks, embedded }: IndexStatistics): string | undefined {
  const pending = chunks - embedded;
  if (pending <= 0) return undefined;
  return `${pending} of ${chunks} passages have no vector yet and were searched by keywords only.`;
}

/** @throws HydrogenError `bad_input` for an empty query, `unavailable` for `semantic` without a model. */
export async function search(
  request: SearchRequest,
  { index, embedder }: { index: SearchIndex; embedder: Embedder },
  call: Call,
): Promise<SearchAnswer> {
  const query = request.query.trim();
  if (query === '') throw badInput('The query is empty: give a question or some words.');
  const { mode: wanted, within, limit } = request;
  const words =
    wanted === 'semantic' ? Promise.resolve([]) : index.keywordCandidates(query, candidates, within, call);
  // It is awaited after the vector, which may fail first.
  words.catch(() => {});
  const [statistics, found] = await Promise.all([
    index.stats(call),
    wanted === 'keyword' ? undefined : queryVector(query, embedder, call),
  ]);
  const notes: string[] = [];
  let vector: Vector | undefined;
  if (found && 'note' in found) notes.push(found.note);
  else if (found) {
    const mismatch = mismatchOf(statistics.space, found.space);
    if (mismatch === undefined) vector = found;
    else notes.push(mismatch);
  }
  if (wanted === 'semantic' && !vector) {
    throw new HydrogenError(
      'unavailable',
      `${notes.join(' ')} Search by meaning cannot answer; use mode "keyword".`,
    );
  }
  const mode = vector ? wanted : 'keyword';
  const ranked = await rank({ ...request, query }, mode, vector, { index, words }, call);
  for (const note of [vector && backlogNote(statistics), outdated(statistics.formats)]) {
    if (note !== undefined) notes.push(note);
  }
  if (statistics.chunks === 0)
    notes.push('The library is empty. Documents come in with `hydrogen ingest FOLDER`.');

  const byChunk = new Map(ranked.slice(0, limit + spare).map((one) => [one.chunk, one]));
  const passages = fold(await index.fetch([...byChunk.keys()], call)).slice(0, limit);
  const hits = passages.map(({ chunk, document, title, heading, lines, text }): SearchHit => {
    const { score = 0, cosine } = byChunk.get(chunk) ?? {};
    return {
      document,
      title,
      heading,
      lines,
      text,
      score,
      ...(cosine !== undefined && { similarity: cosine }),
    };
  });
  return { hits, mode, notes, chunks: statistics.chunks, embedded: statistics.embedded };
}
