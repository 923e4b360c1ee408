import type { Call } from '../../call.ts';
import type { SearchAnswer, SearchHit, SearchRequest } from '../types.ts';
import { excerpt } from './excerpt.ts';
import { explained } from './explained.ts';
import { additions, elsewhere, joined, onlyElsewhere } from './foreign.ts';
import { doubtOf, isProvisional, notesOf } from './notes.ts';
import { passagesOf, type ShownPassage } from './passages.ts';
import {
  embeddingOf,
  type ParsedSearch,
  parseSearch,
  queryOf,
  type SearchParts,
  type SearchQuery,
} from './query.ts';
import { candidatesOf, loosened, nearEnough, type Ranking, rank } from './rank.ts';

function hitsOf(
  { query, textLength, explain }: SearchQuery,
  { ranked, best, fullKeywords, weights }: Ranking,
  passages: readonly ShownPassage[],
): SearchHit[] {
  const byChunk = new Map(ranked.map((candidate) => [candidate.chunk, candidate]));
  return passages.map(({ passage, copies, more, best: ofBest, joined }) => {
    const { document, title, heading, lines, place, text } = passage;
    const { score = 0, cosine, keywords = 0, wordRank, meaningRank } = byChunk.get(ofBest) ?? {};
    const otherDocuments = new Set(copies.map((copy) => copy.document));
    otherDocuments.delete(document);
    return {
      document,
      title,
      heading,
      lines,
      ...(place !== undefined && { place }),
      text: textLength === undefined ? text : excerpt(text, query, textLength * joined),
      score,
      ...(cosine !== undefined && { similarity: cosine }),
      alsoIn: [...otherDocuments],
      more,
      ...(explain && {
        parts: {
          bm25: keywords,
          bestBm25: best.keywords,
          held: fullKeywords > 0 ? best.keywords / fullKeywords : 0,
          nearest: best.cosine,
          weights,
          ...(wordRank !== undefined && { wordRank }),
          ...(meaningRank !== undefined && { meaningRank }),
        },
      }),
    };
  });
}

/** Keyword and vector search combined, in stages that each take the query and the previous result. */
async function searchLibrary(parsed: ParsedSearch, parts: SearchParts, call: Call): Promise<SearchAnswer> {
  const { retriever } = parts;
  const embedding = embeddingOf(parsed, parts, call);
  const vector = embedding.then((made) => (made && 'values' in made ? made : undefined));
  const found = candidatesOf(parsed, vector, retriever, call);
  // Awaited after the query, which says why it has no vector.
  found.catch(() => {});
  const query = await queryOf(parsed, embedding, parts, call);
  const asQuoted = rank(query, await found);
  const ranking = await loosened(query, asQuoted, retriever, call);
  const passages = await passagesOf(query, nearEnough(query, ranking), retriever, call);
  const how = await explained(query, passages, retriever, call);
  const hits = hitsOf(query, ranking, passages).map((hit, i) => ({
    ...hit,
    ...(how && { language: how.languages[i] ?? 'en' }),
  }));
  const notes = await notesOf(query, ranking, passages, retriever, call);
  const doubt = doubtOf(query, ranking, passages);
  const { documents: _, space: _space, ...counts } = query.statistics;
  return {
    hits,
    mode: query.mode,
    notes,
    ...(how && { explained: how.lines }),
    ...(doubt !== undefined && { doubt }),
    ...(isProvisional(query) && { isProvisional: true }),
    ...counts,
  };
}

/**
 * Searches the library, and at the same time the collections that others fill. Without a vector for the query, keywords
 * alone answer and a note says why; a collection that cannot be searched costs a note, unless the search is about it.
 * @throws HydrogenError `bad_input` for an empty query, a filter that is not valid, or a phrase without an indexed
 * word; `unavailable` for `semantic` without a model.
 */
export async function search(request: SearchRequest, parts: SearchParts, call: Call): Promise<SearchAnswer> {
  const parsed = parseSearch(request);
  const others = elsewhere(parsed, request.isOwnOnly ? [] : parts.foreign);
  if (others.isAll) return onlyElsewhere(parsed, others, call);
  const [own, added] = await Promise.all([
    searchLibrary(parsed, parts, call),
    additions(parsed, others, call),
  ]);
  return joined(own, added, parsed.limit);
}
