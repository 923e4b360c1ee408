import { phraseCheck, termsOfPhrases } from '../../index/phrases.ts';
import type { WordQuery } from '../../index/types.ts';
import type { Session } from '../engine/session.ts';
import { chunkCache } from './chunk-cache.ts';
import { postingsOf } from './keyword-scores.ts';
import { languagesIn } from './query-terms.ts';

/**
 * 1 at the number of every chunk that contains all indexed words of the phrases, in any order.
 * @throws HydrogenError `bad_input` as `termsOfPhrases`
 */
export function chunksWithWords(session: Session, query: WordQuery): Uint8Array {
  const terms = termsOfPhrases(query, languagesIn(session));
  const cache = chunkCache(session);
  const found = new Uint8Array(cache.highest + 1);
  let before = 0;
  for (const term of terms) {
    // Counts up where all previous terms occur too; beyond 255 the last one decides.
    const [needed, next] = [before, Math.min(before + 1, 255)];
    for (const one of term) {
      const { size, chunks } = postingsOf(session, one, cache);
      for (let i = 0; i < size; i++) {
        const chunk = chunks[i] as number;
        if (found[chunk] === needed) found[chunk] = next;
      }
    }
    before = next;
  }
  return found.map((count) => (count === before ? 1 : 0));
}

/** Checks whether a chunk has each phrase. */
export function chunkCheck({ db, tick }: Session, phrases: readonly string[]): (chunk: number) => boolean {
  const holds = phraseCheck(phrases);
  const read = db.prepare(
    'SELECT title, heading, text FROM index_chunks JOIN index_documents USING (document) WHERE chunk = ?',
  );
  return (chunk) => {
    tick();
    const row = read.get(chunk);
    if (!row) return false;
    const heading = JSON.parse(String(row['heading'])) as string[];
    return holds({ title: String(row['title']), heading, text: String(row['text']) });
  };
}
