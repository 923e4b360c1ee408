const beyondAscii = /[\u0080-\uffff]/;
const isAscii = (text: string): boolean => !beyondAscii.test(text);

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
  ...{ Armenian: /\p{Script=Armenian}/u, Bengali: /\p{Script=Bengali}/u, Ethiopic: /\p{Script=Ethiopic}/u },
  ...{ Georgian: /\p{Script=Georgian}/u, Gujarati: /\p{Script=Gujarati}/u, Gurmukhi: /\p{Script=Gurmukhi}/u },
  ...{ Kannada: /\p{Script=Kannada}/u, Khmer: /\p{Script=Khmer}/u, Lao: /\p{Script=Lao}/u },
  ...{ Malayalam: /\p{Script=Malayalam}/u, Myanmar: /\p{Script=Myanmar}/u, Sinhala: /\p{Script=Sinhala}/u },
  ...{ Tamil: /\p{Script=Tamil}/u, Telugu: /\p{Script=Telugu}/u, Tibetan: /\p{Script=Tibetan}/u },
};

/**
 * Pieces of a script in the vocabulary of a model that was trained on it, at least: multilingual ones have thousands, while
 * an English BERT has some 60 Cyrillic letters and 500 Chinese characters, one by one.
 */
const minPieces = 1_000;
/** Kana are few, and of the scripts of one language multilingual models have hundreds. */
const minOfSmall = 150;
const large: ReadonlySet<string> = new Set(
  'Han Hangul Cyrillic Greek Arabic Hebrew Devanagari Thai'.split(' '),
);

/** Marks the beginning of a word where the pieces are bytes, which may be of any script. */
const byteLevel = 'Ġ';

/** The scripts that a model does not know, by the pieces of its vocabulary. */
export function unknownScripts(vocabulary: readonly string[]): readonly string[] {
  if (vocabulary.some((piece) => piece.startsWith(byteLevel))) return [];
  return Object.entries(patterns).flatMap(([script, pattern]) => {
    const count = vocabulary.filter((piece) => pattern.test(piece)).length;
    return count < (large.has(script) ? minPieces : minOfSmall) ? [script] : [];
  });
}

const letter = /\p{L}/gu;
const beyondLatin = /[^\p{Script=Latin}\P{L}]/gu;

/** Whether most letters of a text are of scripts that the model does not know: then its vector says nothing. */
export function isMostlyUnknown(text: string, unknown: readonly string[]): boolean {
  if (unknown.length === 0 || isAscii(text)) return false;
  const letters = text.match(letter) ?? [];
  const others = text.match(beyondLatin) ?? [];
  if (others.length <= letters.length / 2) return false;
  const known = unknown.map((script) => patterns[script]);
  const strange = others.filter((one) => known.some((pattern) => pattern?.test(one)));
  return strange.length > letters.length / 2;
}

/** Whether a vector says nothing: it is all 0 where the tokenizer does not know most of the text. */
export const saysNothing = (vector: Float32Array): boolean => vector.every((value) => value === 0);
