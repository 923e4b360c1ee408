import { badInput } from '../../../errors.ts';
import { analyse, plainText, wordsOf } from '../../index/analyser.ts';
import { hasUnspaced } from '../../index/unspaced.ts';
import type { Session } from '../engine/session.ts';
import { postingsOf } from './bm25.ts';
import { chunkCache } from './chunk-cache.ts';

/**
 * A phrase's words in sequence, separated by anything but letters and digits. In a script without spaces it may begin
 * and end anywhere.
 */
function patternOf(phrase: string): RegExp {
  const words = wordsOf(phrase);
  const [begin, end] = [words[0]?.slice(0, 1) ?? '', words.at(-1)?.slice(-1) ?? ''];
  const before = hasUnspaced(begin) ? '' : '(?<![\\p{L}\\p{N}])';
  const after = hasUnspaced(end) ? '' : '(?![\\p{L}\\p{N}])';
  return new RegExp(`${before}${words.join('[^\\p{L}\\p{N}]+')}${after}`, 'u');
}

/**
 * 1 at the number of every chunk that contains all indexed words of the phrases, in any order.
 * @throws HydrogenError `bad_input` for a phrase of stop words only.
 */
export function chunksWithWords(session: Session, phrases: readonly string[]): Uint8Array {
  const terms = new Set<string>();
  for (const phrase of phrases) {
    const own = analyse(phrase);
    if (own.length === 0) {
      throw badInput(
        `No word of the phrase "${phrase}" is indexed (words like "the" are not): add one that is, or remove the quotation marks.`,
      );
    }
    for (const term of own) terms.add(term);
  }
  const cache = chunkCache(session);
  const found = new Uint8Array(cache.highest + 1);
  let before = 0;
  for (const term of terms) {
    // Counts up where all previous terms occur too; beyond 255 the last one decides.
    const [needed, next] = [before, Math.min(before + 1, 255)];
    const { size, chunks } = postingsOf(session, term, cache);
    for (let i = 0; i < size; i++) {
      const chunk = chunks[i] as number;
      if (found[chunk] === needed) found[chunk] = next;
    }
    before = next;
  }
  return found.map((count) => (count === before ? 1 : 0));
}

/** Checks whether a chunk has each phrase in its title, one of its headings or its text. */
export function phraseCheck({ db, tick }: Session, phrases: readonly string[]): (chunk: number) => boolean {
  const patterns = phrases.map(patternOf);
  const read = db.prepare(
    'SELECT title, heading, text FROM index_chunks JOIN index_documents USING (document) WHERE chunk = ?',
  );
  return (chunk) => {
    tick();
    const row = read.get(chunk);
    if (!row) return false;
    const heading = JSON.parse(String(row['heading'])) as string[];
    const parts = [String(row['title']), ...heading, String(row['text'])].map(plainText);
    return patterns.every((pattern) => parts.some((part) => pattern.test(part)));
  };
}
