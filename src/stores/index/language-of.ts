import { isAscii } from './folding.ts';
import { type Language, languages, type Telling, type Tongue, tellingOf } from './languages.ts';

/** What the words of a text tell of its language. */
interface Votes {
  readonly best: Language | undefined;
  /** Stop words of that language, and how many different ones. */
  readonly count: number;
  readonly different: number;
  /** Words with letters that it has and English has not. */
  readonly byLetters: number;
  readonly ofEnglish: number;
  /** Words with letters that none of the languages has. */
  readonly ofOthers: number;
}

function votes(told: readonly Telling[], only: readonly Tongue[] | undefined): Votes {
  const counts = new Map<number, number>();
  let [ofEnglish, ofOthers] = [0, 0];
  for (const { isEnglish, of } of told) {
    if (isEnglish) ofEnglish++;
    else if (of.length === 0) ofOthers++;
    // A word of many languages says little for each.
    for (const place of of) counts.set(place, (counts.get(place) ?? 0) + 1 / of.length);
  }
  let [best, most] = [-1, 0];
  for (const [place, own] of counts) {
    const isPossible = only?.includes(languages[place] as Language) ?? true;
    if (isPossible && own > most) [best, most] = [place, own];
  }
  const own = told.filter(({ of }) => of.includes(best));
  const stopWords = own.filter(({ isStopWord }) => isStopWord);
  const [count, different] = [stopWords.length, new Set(stopWords).size];
  return { best: languages[best], count, different, byLetters: own.length - count, ofEnglish, ofOthers };
}

/** Of a text in a language so many words are stop words, and so many different ones: program code has some by chance. */
const minShare = 0.15;
const minDifferent = 3;
/** A short text has few, of which then more of its words are, or which come with letters of the language. */
const shareOfShort = 0.25;
const differentInShort = 2;
/** Words of a text that may have only one of them, beside words with letters of the language. */
const shortText = 30;

/** Letters of Russian, and what its neighbours have: letters of their own, or a hard sign where Russian has none. */
const russian = /^[\u0430-\u044f\u0451]+$/u;
const neighbours = /[^\u0430-\u044f\u0451\P{Script=Cyrillic}]|\u044a(?![\u0435\u0451\u044e\u044f])/u;
/** Words that each Bulgarian, Macedonian or Serbian sentence is likely to have, of letters that Russian has, too. */
const ofNeighbours = new Set('се са ще това тези тази който която които като бъде трябва'.split(' '));
/** A text may name somebody of a neighbour once in so many words. */
const wordsForName = 10;

/** Russian, by whose letters most words are written, unless too many have a letter of a neighbour. */
function byLetters(words: readonly string[]): Language | undefined {
  if (words.every(isAscii)) return undefined;
  const count = words.filter((word) => russian.test(word)).length;
  const strange = words.filter((word) => ofNeighbours.has(word) || neighbours.test(word)).length;
  return count > words.length / 2 && strange * wordsForName < count ? 'ru' : undefined;
}

/** Which languages a text may be in. */
export interface Spoken {
  /** That of its document, where the text does not tell. */
  usual(): Tongue | undefined;
  /** No others; all unless given. */
  readonly only?: readonly Tongue[];
}

const isShown = (
  { count, different, byLetters: lettered, ofEnglish, ofOthers }: Votes,
  of: number,
): boolean => {
  const share = (count + lettered) / of;
  const isClear =
    (different >= minDifferent && count / of >= minShare) ||
    (different >= differentInShort && share >= shareOfShort) ||
    (of <= shortText && different >= 1 && lettered >= 2 && share >= shareOfShort);
  return isClear && count + lettered > ofEnglish && ofOthers <= lettered / 2 + count / 4;
};

/** English shows itself as other languages do; where it does not, it is what is left. */
const isEnglishShown = ({ ofEnglish, count }: Votes, of: number): boolean =>
  ofEnglish >= minDifferent && ofEnglish / of >= minShare && ofEnglish > 2 * count;

/**
 * The language of a text by its stop words (lists of the package `stopword`) and letters, or that of its document;
 * undefined for English, and for one that is not stemmed here.
 * @param words in lower case, in the order of the text
 * @param told by those of them that tell
 */
export function languageOf(
  words: readonly string[],
  told: readonly Telling[],
  spoken?: Spoken,
): Language | undefined {
  const [first, ...others] = spoken?.only ?? [];
  if (first !== undefined && others.length === 0) return first === 'en' ? undefined : first;
  const isPossible = (one: Tongue): boolean => spoken?.only?.includes(one) ?? true;
  const lettered = byLetters(words);
  if (lettered && isPossible(lettered)) return lettered;
  const found = votes(told, spoken?.only);
  if (isShown(found, words.length)) return found.best;
  if (!spoken || (isEnglishShown(found, words.length) && isPossible('en'))) return undefined;
  const usual = spoken.usual();
  return usual === undefined || usual === 'en' || !isPossible(usual) ? undefined : usual;
}

/** In fewer words, one that is a stop word somewhere is what is asked for: 700 bar, 3.5 mm. */
const minQuestion = 3;

/**
 * The language of a question, of which a single stop word tells.
 * @param of those that it may be in besides English
 */
export function languageOfQuestion(words: readonly string[], of: readonly Language[]): Language | undefined {
  if (words.length < minQuestion) return undefined;
  const told = words
    .map(tellingOf)
    .filter((telling) => telling !== undefined)
    .filter(({ isStopWord }) => isStopWord);
  const { best, count, ofEnglish } = votes(told, of);
  return byLetters(words) ?? (count > ofEnglish ? best : undefined);
}
