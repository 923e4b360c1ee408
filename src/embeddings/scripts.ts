/** Scripts whose knowledge a vocabulary tells; texts in others are left to the model. */
const patterns: Readonly<Record<string, RegExp>> = {
  Han: /\p{Script=Han}/u,
  Hiragana: /\p{Script=Hiragana}/u,
  Katakana: /\p{Script=Katakana}/u,
  Hangul: /\p{Script=Hangul}/u,
  Cyrillic: /\p{Script=Cyrillic}/u,
  Greek: /\p{Script=Greek}/u,
  Arabic: /\p{Script=Arabic}/u,
  Hebrew: /\p{Script=Hebrew}/u,
  Devanagari: /\p{Script=Devanagari}/u,
  Thai: /\p{Script=Thai}/u,
};

/**
 * Pieces of a script in the vocabulary of a model that was trained on it, at least: multilingual ones have thousands, while
 * an English BERT has some 60 Cyrillic letters and 500 Chinese characters, one by one.
 */
const minPieces = 1_000;
/** Kana are few. */
const minKana = 150;

/** Marks the beginning of a word where the pieces are bytes, which may be of any script. */
const byteLevel = 'Ġ';

/** The scripts that a model does not know, by the pieces of its vocabulary. */
export function unknownScripts(vocabulary: readonly string[]): readonly string[] {
  if (vocabulary.some((piece) => piece.startsWith(byteLevel))) return [];
  return Object.entries(patterns).flatMap(([script, pattern]) => {
    const isKana = script === 'Hiragana' || script === 'Katakana';
    const count = vocabulary.filter((piece) => pattern.test(piece)).length;
    return count < (isKana ? minKana : minPieces) ? [script] : [];
  });
}

const letter = /\p{L}/gu;

/** Whether most letters of a text are of scripts that the model does not know: then its vector says nothing. */
export function isMostlyUnknown(text: string, unknown: readonly string[]): boolean {
  if (unknown.length === 0) return false;
  const letters = text.match(letter) ?? [];
  const known = unknown.map((script) => patterns[script]);
  const strange = letters.filter((one) => known.some((pattern) => pattern?.test(one)));
  return strange.length > letters.length / 2;
}
