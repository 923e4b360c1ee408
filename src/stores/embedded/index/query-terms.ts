import { maxTermsOfPrefix, type ScoringTerm, termsOfPrefix, termsOfWords } from '../../index/query-terms.ts';
import type { WordQuery } from '../../index/types.ts';
import type { Session } from '../engine/session.ts';
import { endOf } from './selection.ts';

function startingWith({ db, tick }: Session, prefix: string): string[] {
  const { terms, beginning } = termsOfPrefix(prefix);
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
    ...termsOfWords(words),
    ...prefixes.map((prefix) => ({ terms: startingWith(session, prefix), weight: 1 })),
  ];
}
