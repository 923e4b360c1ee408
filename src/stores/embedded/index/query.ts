import { centred } from '../../index/centring.ts';
import type { Candidate, Candidates, Passage, QueryVector, Selection, WordQuery } from '../../index/types.ts';
import type { Session } from '../engine/session.ts';
import { statement } from '../engine/statements.ts';
import { keywordScores } from './keyword-scores.ts';
import { cosines, nearestChunks } from './nearest.ts';
import { chunkCheck, chunksWithWords } from './phrases.ts';
import { selectedChunks } from './selection.ts';
import { type Space, spaceIn } from './spaces.ts';
import { topCandidates } from './top.ts';

/** A query, and the chunks whose scores are wanted beside those of the nearest. */
interface ToScore {
  readonly query: WordQuery;
  readonly vector: QueryVector;
  readonly chunks: readonly number[];
  /** How many of the nearest are wanted; 0 for none. */
  readonly nearest: number;
  readonly selection: Selection;
}

/** The serving space, unless the query's vector belongs to another. */
function spaceFor(session: Session, { space }: QueryVector): Space | undefined {
  const serving = spaceIn(session, 'serving');
  return serving?.fingerprint === space.fingerprint ? serving : undefined;
}

/** The nearest chunks, best first: at least `limit` if there are so many, and all that were scored. */
function nearestTo(session: Session, vector: QueryVector, selection: Selection, limit: number): Candidate[] {
  const space = spaceFor(session, vector);
  if (!space) return [];
  const query = centred(vector.values, space.mean);
  return nearestChunks(session, space, query, selectedChunks(session, selection), limit);
}

/** The cosines of the chunks that have a vector, some of which are already known. */
function cosinesOf(
  session: Session,
  vector: QueryVector,
  chunks: readonly number[],
  known: readonly Candidate[],
): ReadonlyMap<number, number> {
  const found = new Map(known.map(({ chunk, score }) => [chunk, score]));
  const space = spaceFor(session, vector);
  if (!space) return found;
  const missing = chunks.filter((chunk) => !found.has(chunk));
  for (const { chunk, score } of cosines(session, space, centred(vector.values, space.mean), missing)) {
    found.set(chunk, score);
  }
  return found;
}

/** The best chunks by words that contain the phrases (checked in their text), best first. */
function withPhrases(
  session: Session,
  { phrases }: WordQuery,
  ranked: Iterable<Candidate>,
  limit: number,
): Candidate[] {
  const holds = chunkCheck(session, phrases);
  const found: Candidate[] = [];
  for (const candidate of ranked) {
    if (found.length === limit) break;
    if (holds(candidate.chunk)) found.push(candidate);
  }
  return found;
}

export const queryHandlers = {
  keywordCandidates(session: Session, query: WordQuery, selection: Selection, limit: number): Candidate[] {
    const hasPhrases = query.phrases.length > 0;
    const { scores } = keywordScores(session, query);
    const allowed = selectedChunks(session, selection);
    const needed = hasPhrases ? chunksWithWords(session, query) : undefined;
    const top = topCandidates(hasPhrases ? scores.length : limit);
    let minScore = 0;
    for (let chunk = 0; chunk < scores.length; chunk++) {
      const score = scores[chunk] as number;
      // Most score too low, so nothing else is checked for them.
      if (score <= minScore) continue;
      if ((allowed && allowed[chunk] === 0) || (needed && needed[chunk] === 0)) continue;
      minScore = top.offer(chunk, score);
    }
    return hasPhrases ? withPhrases(session, query, top.list(), limit) : top.list();
  },

  score(
    session: Session,
    { query, vector, chunks, nearest: limit, selection }: ToScore,
  ): Omit<Candidates, 'byWords'> {
    const exact = limit > 0 ? nearestTo(session, vector, selection, limit) : [];
    const nearest = exact.slice(0, limit);
    const union = [...new Set([...chunks, ...nearest.map(({ chunk }) => chunk)])];
    const { scores, full } = keywordScores(session, query);
    const known = cosinesOf(session, vector, union, exact);
    const scored = union.map((chunk) => {
      const cosine = known.get(chunk);
      return { chunk, keywords: scores[chunk] ?? 0, ...(cosine !== undefined && { cosine }) };
    });
    return { scored, nearest, fullKeywords: full };
  },

  fetch(session: Session, chunks: readonly number[]): Passage[] {
    const read = statement(
      session,
      `SELECT index_chunks.id AS id, index_documents.id AS document, title, heading, first_line, last_line,
          place, text
        FROM index_chunks JOIN index_documents USING (document) WHERE chunk = ?`,
    );
    const passages: Passage[] = [];
    for (const chunk of chunks) {
      session.tick();
      const row = read.get(chunk);
      if (!row) continue;
      passages.push({
        chunk,
        id: String(row['id']),
        document: String(row['document']),
        title: String(row['title']),
        heading: JSON.parse(String(row['heading'])) as string[],
        lines: [Number(row['first_line']), Number(row['last_line'])],
        ...(row['place'] !== null && { place: JSON.parse(String(row['place'])) }),
        text: String(row['text']),
      });
    }
    return passages;
  },
};
