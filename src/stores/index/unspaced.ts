// Scripts that are written without spaces between words, or whose words have endings that no stemmer here removes:
// their text is matched by pairs of neighbouring characters, as in Lucene's CJK analyser, and by the words of a dictionary,
// which may be cut otherwise in a question than in a text, so that they alone would miss what pairs find.

const scripts = ['Han', 'Hiragana', 'Katakana', 'Hangul', 'Thai', 'Lao', 'Khmer', 'Myanmar'];
/** Includes the mark that lengthens a kana vowel. */
const character = `[${scripts.map((script) => `\\p{Script=${script}}`).join('')}\u30fc]`;
const unspaced = new RegExp(character, 'u');
const boundary = new RegExp(`(?<=${character})(?!${character})|(?<!${character})(?=${character})`, 'u');

/** Whether a text has a character of such a script. */
export function hasUnspaced(text: string): boolean {
  return unspaced.test(text);
}

/** The parts of a word in such scripts, and the parts that are not. */
export function bySpacing(word: string): string[] {
  return unspaced.test(word) ? word.split(boundary).filter((part) => part !== '') : [word];
}

/** The pairs of neighbouring characters; a single character alone. */
export function pairsOf(run: string): string[] {
  const characters = [...run];
  if (characters.length < 2) return characters;
  return characters.slice(1).map((next, i) => `${characters[i]}${next}`);
}

/** By the dictionaries of ICU, which are the same for all languages. */
const segmenter = new Intl.Segmenter('en', { granularity: 'word' });

/** Written with spaces, between words with their endings: no dictionary cuts these. */
const hangul = /\p{Script=Hangul}/u;

/** The words in a run of such characters; undefined where only pairs tell. */
export const wordsInRun = (run: string): string[] | undefined =>
  hangul.test(run) ? undefined : Array.from(segmenter.segment(run), ({ segment }) => segment);

const minWord = 3;

/** Those of its words that no pair is, by which a run is found besides. */
export const longWordsIn = (run: string): string[] =>
  wordsInRun(run)?.filter((word) => [...word].length >= minWord) ?? [];

const hiragana = /^\p{Script=Hiragana}+$/u;
/** Pairs that Chinese questions are made of. */
const asking = new Set(
  '什么 怎么 如何 哪些 哪里 哪种 多少 多久 为什 么样 是否 可以 几年 几次 是多 能用 么时 时候 要先 先做 做什'.split(
    ' ',
  ),
);

/** Whether characters of a question say nothing of its subject: endings and particles of Japanese, question words. */
export const saysNothing = (characters: string): boolean =>
  hiragana.test(characters) || asking.has(characters);
