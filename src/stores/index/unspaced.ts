// Scripts that are written without spaces between words, or whose words have endings that no stemmer here removes:
// their text is matched by pairs of neighbouring characters, as in Lucene's CJK analyser.

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
