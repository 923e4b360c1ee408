import { analyseQueryWords, firstWord } from './analyser.ts';
import type { Language } from './languages.ts';
import { hasUnspaced, pairsOf } from './unspaced.ts';

/** Terms that score as one word, by their combined occurrences. */
export interface ScoringTerm {
  readonly terms: readonly string[];
  /** All indexed terms that begin with it score with them. */
  readonly beginning?: string;
  /** How often it occurs in the query. */
  readonly weight: number;
}

/**
 * The terms by which a query's words score; a word that occurs twice counts twice.
 * @param languages besides English, that passages have
 */
export function termsOfWords(words: string, languages: readonly Language[]): ScoringTerm[] {
  const found = new Map<string, ScoringTerm>();
  for (const term of analyseQueryWords(words, languages)) {
    const key = term.terms.join(' ');
    found.set(key, { ...term, weight: (found.get(key)?.weight ?? 0) + (term.weight ?? 1) });
  }
  return [...found.values()];
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
