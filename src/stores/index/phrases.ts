import { badInput } from '../../errors.ts';
import { analyse, plainText, wordsOf } from './analyser.ts';
import type { Passage } from './retriever.ts';
import { hasUnspaced } from './unspaced.ts';

/**
 * The indexed words of phrases, without repetitions: a passage that holds the phrases has all of them.
 * @throws HydrogenError `bad_input` for a phrase of stop words only.
 */
export function termsOfPhrases(phrases: readonly string[]): ReadonlySet<string> {
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
  return terms;
}

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
