import { badInput } from '../../errors.ts';
import { analysePhrase } from './analyser.ts';
import { plainText, wordsOf } from './folding.ts';
import type { Language } from './languages.ts';
import type { Passage, WordQuery } from './types.ts';
import { hasUnspaced } from './unspaced.ts';

/**
 * The indexed words of a query's phrases, without repetitions: a passage that holds the phrases has a term of each of
 * them. A phrase of stop words alone has none: then the other words find passages, whose text shows the phrase.
 * @param languages besides English, that passages have
 * @throws HydrogenError `bad_input` for a phrase of stop words where no other word is indexed
 */
export function termsOfPhrases(
  { phrases, words }: Pick<WordQuery, 'phrases' | 'words'>,
  languages: readonly Language[],
): readonly (readonly string[])[] {
  const terms = new Map<string, readonly string[]>();
  for (const phrase of phrases) {
    const own = analysePhrase(phrase, languages);
    if (own.length === 0 && analysePhrase(words, languages).length === 0) {
      throw badInput(
        `No word of the phrase "${phrase}" is indexed (words like "the" are not): add one that is, or remove the quotation marks.`,
      );
    }
    for (const term of own) terms.set(term.join(' '), term);
  }
  return [...terms.values()];
}

/**
 * A phrase's words in sequence, separated by anything but letters and digits. In a script without spaces it may begin
 * and end anywhere.
 */
function patternOf(phrase: string): RegExp {
  const words = wordsOf(phrase);
  const [begin, end] = [words[0]?.slice(0, 1) ?? '', words.at(-1)?.slice(-1) ?? ''];
  const before = hasUnspaced(begin) ? '' : '(?<![\\p{L}\\p{N}\\p{M}])';
  const after = hasUnspaced(end) ? '' : '(?![\\p{L}\\p{N}\\p{M}])';
  return new RegExp(`${before}${words.join('[^\\p{L}\\p{N}]+')}${after}`, 'u');
}

/** Checks whether a passage has each phrase in its document's title, one of its headings or its text. */
export function phraseCheck(
  phrases: readonly string[],
): (passage: Pick<Passage, 'title' | 'heading' | 'text'>) => boolean {
  const patterns = phrases.map(patternOf);
  return ({ title, heading, text }) => {
    const parts = [title, ...heading, text].map(plainText);
    return patterns.every((pattern) => parts.some((part) => pattern.test(part)));
  };
}
