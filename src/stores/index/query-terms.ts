import { analyseQueryWords, firstWord } from './analyser.ts';
import { hasUnspaced, pairsOf } from './unspaced.ts';

/** Terms that score as one word, by their combined occurrences. */
export interface ScoringTerm {
  readonly terms: readonly string[];
  /** How often it occurs in the query. */
  readonly weight: number;
}

/** The terms by which a query's words score; a word that occurs twice counts twice. */
export function termsOfWords(words: string): ScoringTerm[] {
  const weights = new Map<string, number>();
  for (const term of analyseQueryWords(words)) weights.set(term, (weights.get(term) ?? 0) + 1);
  return [...weights].map(([term, weight]) => ({ terms: [term], weight }));
}

/** Maximum number of terms for a prefix, the first in alphabetical order. */
export const maxTermsOfPrefix = 500;

/** The terms of words that begin with a prefix: these, and with `beginning` all indexed ones that begin with it. */
export interface PrefixTerms {
  readonly terms: readonly string[];
  readonly beginning?: string;
}

/** The prefix's own stem counts too, since it may be shorter: "storing*" finds "storing" by its stem "store". */
export function termsOfPrefix(prefix: string): PrefixTerms {
  const { plain, stem } = firstWord(prefix);
  // No term is that long: an index only has its pairs.
  if (hasUnspaced(plain) && plain.length > 2) return { terms: pairsOf(plain) };
  return { terms: [stem], beginning: plain };
}
