import { analyseQuestion, firstWord } from '../../index/analyser.ts';
import type { WordQuery } from '../../index/types.ts';
import { hasUnspaced, pairsOf } from '../../index/unspaced.ts';
import type { Session } from '../engine/session.ts';
import { endOf } from './selection.ts';

/** Terms that score as one word, by their combined occurrences. */
export interface ScoringTerm {
  readonly terms: readonly string[];
  /** How often it occurs in the question. */
  readonly weight: number;
}

/** Maximum number of terms for a prefix, the first in alphabetical order. */
const maxTerms = 500;

/**
 * The terms of words that begin with a prefix: those that begin with it, and the prefix's own stem, which may be
 * shorter ("storing*" finds "storing" by its stem "store").
 */
function startingWith({ db, tick }: Session, prefix: string): string[] {
  const { plain, stem } = firstWord(prefix);
  // No term is that long: the index only has its pairs.
  if (hasUnspaced(plain) && plain.length > 2) return pairsOf(plain);
  const segments = db.prepare('SELECT segment FROM index_segments').all();
  const read = db.prepare(
    'SELECT term FROM index_postings WHERE segment = ? AND term >= ? AND term < ? LIMIT ?',
  );
  const terms = new Set([stem]);
  for (const { segment } of segments) {
    tick();
    for (const row of read.all(Number(segment), plain, endOf(plain), maxTerms))
      terms.add(String(row['term']));
  }
  return [...terms].sort().slice(0, maxTerms);
}

/** The terms by which a question's words and prefixes score; a word that occurs twice counts twice. */
export function scoringTerms(session: Session, { words, prefixes }: WordQuery): ScoringTerm[] {
  const weights = new Map<string, number>();
  for (const term of analyseQuestion(words)) weights.set(term, (weights.get(term) ?? 0) + 1);
  return [
    ...[...weights].map(([term, weight]) => ({ terms: [term], weight })),
    ...prefixes.map((prefix) => ({
      terms: startingWith(session, prefix),
      weight: 1,
    })),
  ];
}
