import { type Language, languageMark, languages, type Tongue } from '../../index/languages.ts';
import {
  maxTermsOfPrefix,
  type PrefixTerms,
  type ScoringTerm,
  termsOfPrefix,
  termsOfWords,
} from '../../index/query-terms.ts';
import type { WordQuery } from '../../index/types.ts';
import type { Session } from '../engine/session.ts';
import { visitPostings } from './postings.ts';
import { endOf } from './selection.ts';
import { readState } from './state.ts';

const key = 'index.languages';

/** The languages besides English that passages have, once for every state of the index. */
export function languagesIn(session: Session): readonly Language[] {
  const { db, memory } = session;
  const { sequence } = readState(session);
  const known = memory.get(key) as { sequence: number; found: readonly Language[] } | undefined;
  if (known?.sequence === sequence) return known.found;
  const has = db.prepare(
    'SELECT 1 FROM index_segments CROSS JOIN index_postings USING (segment) WHERE term = ? LIMIT 1',
  );
  const found = languages.filter((language) => has.get(languageMark(language)) !== undefined);
  memory.set(key, { sequence, found });
  return found;
}

/** The languages of the index, and those of some chunks, by the mark that each passage has of its own. */
export function spokenLanguages(
  session: Session,
  chunks: readonly number[],
): { readonly all: readonly Language[]; readonly ofChunks: readonly Tongue[] } {
  const all = languagesIn(session);
  const read = session.db.prepare(
    `SELECT postings FROM index_postings JOIN index_segments USING (segment)
      WHERE term = ? AND first_chunk <= ? AND last_chunk >= ?`,
  );
  const found = new Map<number, Language>();
  const wanted = new Set(chunks);
  const [first, last] = [Math.min(...chunks), Math.max(...chunks)];
  for (const language of chunks.length > 0 ? all : []) {
    for (const { postings } of read.all(languageMark(language), last, first)) {
      session.tick();
      visitPostings(postings as Uint8Array, (chunk) => {
        if (wanted.has(chunk)) found.set(chunk, language);
      });
    }
  }
  return { all, ofChunks: chunks.map((chunk) => found.get(chunk) ?? 'en') };
}

function startingWith({ db, tick }: Session, { terms, beginning }: PrefixTerms): string[] {
  if (beginning === undefined) return [...terms];
  const segments = db.prepare('SELECT segment FROM index_segments').all();
  const read = db.prepare(
    'SELECT term FROM index_postings WHERE segment = ? AND term >= ? AND term < ? LIMIT ?',
  );
  const found = new Set(terms);
  for (const { segment } of segments) {
    tick();
    for (const row of read.all(Number(segment), beginning, endOf(beginning), maxTermsOfPrefix))
      found.add(String(row['term']));
  }
  return [...found].sort().slice(0, maxTermsOfPrefix);
}

/** The terms by which a query's words and prefixes score. */
export function scoringTerms(session: Session, { words, prefixes }: WordQuery): ScoringTerm[] {
  return [
    ...termsOfWords(words, languagesIn(session)).map((term) => ({
      ...term,
      terms: startingWith(session, term),
    })),
    ...prefixes.map((prefix) => ({ terms: startingWith(session, termsOfPrefix(prefix)), weight: 1 })),
  ];
}
