import { eastAsian } from './east-asian-letters.ts';

// The encoding of a few words, too few for statistics of bytes: of all that they could be, those letters that a language
// has, in words that look as words do.

/** A language by the encodings of one byte a character that its texts are in, the most likely first. */
interface Script {
  readonly encodings: readonly string[];
  /** Its lower case letters that are not ASCII, from the most frequent to the rarest. */
  readonly letters: string;
  /** Frequent words: they tell languages from one another whose letters are the same bytes. */
  readonly words: string;
  /** It is written with ASCII letters for the most part. */
  readonly isLatin?: true;
}

const western = ['windows-1252', 'iso-8859-15', 'macintosh'];
const central = ['windows-1250', 'iso-8859-2'];
const cyrillic = ['windows-1251', 'koi8-r', 'ibm866', 'iso-8859-5', 'x-mac-cyrillic'];

const latin = (encodings: readonly string[], letters: string, words: string): Script => ({
  ...{ encodings, letters, words },
  isLatin: true,
});

const scripts: readonly Script[] = [
  latin(western, 'üäöß', 'der die das und ist nicht ein eine für mit von zu den auf sie'),
  latin(western, 'éèàêçâîùôûœëïæüÿ', 'le la les de des et est un une pas que pour dans du il au'),
  latin(western, 'óíáéñúüªº', 'el la los las de que y en un una no se por con para está'),
  latin(western, 'ãçáéíóêõúâôàü', 'o a os as de que e em um uma não para com do da por'),
  latin(western, 'èàùòìé', 'il la di che e un una non per con è gli del della sono più'),
  latin(western, 'åäöé', 'och att det som en är på för av med den inte ett till'),
  latin(western, 'åøæéó', 'og i det som en er på for av med den ikke et til må'),
  latin(western, 'äöå', 'ja on ei se että hän oli mutta kun ovat kuin tai'),
  latin(western, 'íáðéóþöúæý', 'og að er í á það sem ekki við til en var með'),
  latin(western, 'ëéïèöüê', 'de het een en van is dat niet te op met voor zijn'),
  latin(western, 'éçïè', 'the a of and to in is it for that with on as'),
  latin(central, 'ęąłóśżćńź', 'i w na z do się nie jest że to jak po czy za'),
  latin(central, 'íáéěžýčřšůúťóďň', 'a v je se na že to s z do ve jako by který není'),
  latin(central, 'áíéčšžýúľťôóňďäŕĺ', 'a v je sa na že to s z do vo ako by ktorý nie aby'),
  latin(central, 'áéőóöíüúű', 'a az és hogy nem egy is van ez volt meg kell'),
  latin(central, 'čšžćđ', 'i u je se na da su za od ne to što koji ali in je za ki'),
  latin(central, 'ăîâşţ', 'de şi în la cu nu este o un care pe din sau'),
  latin(['iso-8859-16'], 'ăîâșț', 'de și în la cu nu este o un care pe din sau'),
  latin(['windows-1254'], 'ışüğçöâî', 've bir bu için ile da de çok değil ne olan var'),
  latin(['windows-1257'], 'āīēšņļžūģčķ', 'un ir no uz ar kas par tas lai vai nav pie'),
  latin(['windows-1257'], 'ėžšųįūąčę', 'ir yra į iš kad su ne tai kaip nuo bei nes reikia'),
  latin([...western, 'windows-1257'], 'äõöüšž', 'ja on ei et see oli ka kui mis aga'),
  { encodings: cyrillic, letters: 'оеаинтсрвлкмдпуяыьгзбчйхжшюцщэфъё', words: 'и в не на что с по это как' },
  {
    encodings: ['windows-1251', 'koi8-u', 'ibm866'],
    letters: 'оаниевтрскідлупмзябьгчйхжшющєцїфґ',
    words: 'і в не на що з по це як та її',
  },
  {
    encodings: ['windows-1251'],
    letters: 'аоиетнрсвлпкдмзубгщъчцяжхйшюфь',
    words: 'и в на не се да за от ще с са',
  },
  {
    encodings: ['windows-1251'],
    letters: 'аоиеутнсрјвкмдплзгчбшцњљхћжђџфќѓѕ',
    words: 'и у је се на да су за од не во',
  },
  {
    encodings: ['windows-1253', 'iso-8859-7'],
    letters: 'αοιετσνηυρπκμλςίόάγέδήωχθύφβώξζψϊΐϋΰ',
    words: 'και το να η ο',
  },
  { encodings: ['windows-1255', 'iso-8859-8'], letters: 'יוהלאתרמשבנדחעקפםגסטזצכןךףץ', words: 'של את על לא' },
  {
    encodings: ['windows-1256'],
    letters: 'اليمونترهبدعفسكقحجةشصخطضأذىزئظغثآءإؤ',
    words: 'في من على أن إلى',
  },
  {
    encodings: ['windows-874'],
    letters:
      'านรกอเ\u0e48งมยล\u0e31วดท\u0e35ตสไ\u0e49\u0e34คแป\u0e37บหพะ\u0e4cจใชขโผ\u0e38\u0e39ซถธณศษภ\u0e36ฟญำฐฉๆ\u0e47\u0e4aๅฬฝฮ\u0e4bฤ',
    words: 'ที่ และ',
  },
];

/** Signs of typesetting that any text may have. */
const signs = new Set('‘’“”„‚«»‹›–—…•·°§€£©®™№¿¡\u00a0²³½¼¾±×µ¤');
/** Signs inside a word or twice in a row, and letters that stand against a figure. */
const misplaced =
  /[\p{L}\p{M}][°§€£©®™№¿¡½¼¾±×¤•]\p{L}|\p{Ll}[¡¿]|¤|[½¼¾»«°±µ]{2}|[^\0-\x7f\P{L}]\d|\d[^\0-\x7f\P{L}]/gu;

/** Signs where they belong: apostrophes, quotation marks, dashes, amounts of money, units of area and volume. */
const placed = [
  /(?<=\p{L})’(?=\p{Ll})/gu,
  /(?<![\p{L}\d])[“‘„«](?=[\p{L}\d])/gu,
  /(?<=[\p{L}\d.,!?…])[”“’»](?![\p{L}\d])/gu,
  /(?<=\s)[–—](?=\s)/gu,
  /(?<=\d )€|[€£](?=\d)/gu,
  /(?<![\p{L}\p{M}])[cdkm]?m[²³](?!\p{L})/gu,
];

/** Weight of what no word has, against that of a letter of the language, from 1 to -1. */
const strange = -2;
/** Weight of a sign of typesetting, which any text may have. */
const perSign = 0.3;
/** What is added for one that is where it belongs. */
const perProper = 0.6;
/** Weight of a frequent word. */
const perWord = 0.12;
const mostOfWords = 0.6;

interface Weights {
  readonly script: Script;
  readonly ofLetter: ReadonlyMap<string, number>;
  readonly words: ReadonlySet<string>;
}

const weights: readonly Weights[] = scripts.map((script) => {
  const letters = [...script.letters];
  // Of a whole alphabet the rare letters speak against it; of a few accents each speaks for its language.
  const range = script.isLatin ? 0.6 : 2;
  return {
    script,
    ofLetter: new Map(letters.map((letter, rank) => [letter, 1 - (range * rank) / letters.length])),
    words: new Set(script.words.split(' ')),
  };
});

const asciiLetter = /[A-Za-z]/;
/** A capital behind a small letter, or a word that begins with a mark above a letter. */
const oddWord = /\p{Ll}\p{Lu}|^\p{M}/u;

/** What a word that is not ASCII adds, for each such character. */
function scoreOf(word: string, { script, ofLetter }: Weights): number {
  // A sign of another encoding may be a capital in this one.
  if (/^\p{Lu}$/u.test(word)) return 0;
  const isMixed = !script.isLatin && asciiLetter.test(word);
  let score = 0;
  for (const character of word) {
    if (character < '\u0080') continue;
    const weight = ofLetter.get(character.toLowerCase());
    score += weight === undefined || isMixed ? strange : weight;
  }
  return oddWord.test(word) ? score + strange : score;
}

interface Text {
  /** Words with characters that are not ASCII. */
  readonly special: readonly string[];
  readonly words: readonly string[];
  /** Characters that are neither ASCII nor of a word, and how many of these are no signs of typesetting. */
  readonly others: number;
  readonly strange: number;
  /** Signs that are where they belong. */
  readonly proper: number;
}

function textOf(text: string): Text {
  const words = text.match(/[\p{L}\p{M}]+/gu) ?? [];
  const rest = [...text].filter((character) => character >= '\u0080' && !/[\p{L}\p{M}]/u.test(character));
  const beside = text.match(misplaced)?.length ?? 0;
  return {
    special: words.filter((word) => /[^\0-\x7f]/.test(word)),
    words: words.map((word) => word.toLowerCase()),
    others: rest.length,
    strange: rest.filter((character) => !signs.has(character)).length + beside,
    proper: placed.reduce((count, sign) => count + (text.match(sign)?.length ?? 0), 0),
  };
}

/** How well a text reads in a language; a text without letters of it is as good as its signs are. */
function likeness(text: Text, of: Weights): number {
  const letters = text.special.reduce((sum, word) => sum + scoreOf(word, of), 0);
  const count = text.others + text.special.join('').replace(/[\0-\x7f]/g, '').length;
  const known = text.words.filter((word) => of.words.has(word)).length;
  const byWords = text.words.length === 0 ? 0 : Math.min(mostOfWords, known * perWord);
  const signs = text.proper * perProper + (text.others - text.strange) * perSign + text.strange * strange;
  return (letters + signs) / Math.max(1, count) + byWords;
}

/** Bytes beyond ASCII up to which a text is short. */
const fewBytes = 200;
/** A text that is less like its language is in none of these encodings. */
const minLikeness = 0.2;
/** Bytes before and behind one beyond ASCII that are looked at, in a text of more than `wholeBytes`. */
const around = 24;
const wholeBytes = 2_000;

/** What stands near the bytes beyond ASCII, which a long English text may have few of. */
function nearHigh(bytes: Uint8Array): Uint8Array {
  if (bytes.length <= wholeBytes) return bytes;
  const parts: Uint8Array[] = [];
  let end = 0;
  for (let at = 0; at < bytes.length; at++) {
    if ((bytes[at] ?? 0) < 0x80) continue;
    const from = Math.max(end, at - around);
    if (from > end) parts.push(Uint8Array.of(0x20));
    end = Math.max(end, Math.min(bytes.length, at + around));
    parts.push(bytes.subarray(from, end));
  }
  return Buffer.concat(parts);
}

type Decode = (bytes: Uint8Array, encoding: string) => string | undefined;

interface Candidate {
  readonly encoding: string;
  readonly likeness: number;
}

/** The encodings of one byte a character, for each language that is written in them. */
function alphabetic(bytes: Uint8Array, decode: Decode): Candidate[] {
  const encodings = new Set(scripts.flatMap((script) => script.encodings));
  const texts = new Map<string, Text>();
  for (const encoding of encodings) {
    const text = decode(bytes, encoding);
    if (text !== undefined && !/[\u0080-\u009f]/.test(text)) texts.set(encoding, textOf(text));
  }
  return weights.flatMap((of) =>
    of.script.encodings.flatMap((encoding, place) => {
      const text = texts.get(encoding);
      if (text === undefined) return [];
      // What is more usual, where both are as good.
      const rarity = encoding.includes('mac') ? 0.2 : place * 0.02;
      return [{ encoding, likeness: likeness(text, of) - rarity }];
    }),
  );
}

/**
 * The encoding in which a short text is most like a language; undefined for a longer one, of which statistics tell more,
 * and for one that is like none.
 * @param decode the text by an encoding, undefined where it has bytes that the encoding has not
 */
export function encodingByLetters(sample: Uint8Array, decode: Decode): string | undefined {
  const high = sample.reduce((count, byte) => count + (byte >= 0x80 ? 1 : 0), 0);
  if (high === 0 || high > fewBytes) return undefined;
  const bytes = nearHigh(sample);
  let best: Candidate | undefined;
  for (const one of [...alphabetic(bytes, decode), ...eastAsian(bytes, decode)]) {
    if (one.likeness > (best?.likeness ?? minLikeness)) best = one;
  }
  return best?.encoding;
}
