import { type Language, languageMark, languages } from '../../index/languages.ts';
import {
  maxTermsOfPrefix,
  type PrefixTerms,
  type ScoringTerm,
  termsOfPrefix,
  termsOfWords,
} from '../../index/query-terms.ts';
import type { WordQuery } from '../../index/types.ts';
import type { Session } from '../engine/session.ts';
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
