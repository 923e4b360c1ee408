import snowball from 'snowball-stemmers';
import * as lists from 'stopword';
import { isAscii, withoutMarks } from './folding.ts';

/** Languages whose words are stemmed, but English: the name of Snowball's stemmer, and the list of stop words. */
const stemmed = {
  cs: ['czech', lists.ces],
  da: ['danish', lists.dan],
  de: ['german', lists.deu],
  es: ['spanish', lists.spa],
  fi: ['finnish', lists.fin],
  fr: ['french', lists.fra],
  hu: ['hungarian', lists.hun],
  it: ['italian', lists.ita],
  nl: ['dutch', lists.nld],
  no: ['norwegian', lists.nob],
  pt: ['portuguese', lists.por],
  ro: ['romanian', lists.ron],
  ru: ['russian', lists.rus],
  sv: ['swedish', lists.swe],
  tr: ['turkish', lists.tur],
} as const;

/** ISO 639-1. */
export type Language = keyof typeof stemmed;

export const languages = Object.keys(stemmed) as readonly Language[];

/** What questions are made of, where the list has none of it, and what an apostrophe cuts off. */
const more: Partial<Record<Language, string>> = {
  es: 'cuánto cuántos cuánta cuántas qué cómo dónde cuándo cuál cuáles quién quiénes hacen hace usan hay',
  fr: 'un une est sont il elle ils elles très plus moins sous après avant chaque peu combien comment pourquoi quel quelle quels quelles où quand qui que quoi l d j m n s t c qu font fait',
  it: 'quanto quanti quanta quante come dove quando quale quali perché chi l d un c s',
  pt: 'quanto quantos quanta quantas como onde quando qual quais quem',
  ru: 'сколько зачем почему какой какая какие каких какими каким при',
};

/** Every word that a sentence needs whatever it is about, by language; as the lists write it, and without marks. */
const stopWordsOf = new Map(
  languages.map((language) => {
    const words = [...stemmed[language][1], ...(more[language]?.split(' ') ?? [])].map((word) =>
      word.toLowerCase(),
    );
    return [language, new Set([...words, ...words.map(withoutMarks)])] as const;
  }),
);
const english = new Set(lists.eng.map((word) => word.toLowerCase()));

export const isStopWord = (word: string, language: Language): boolean =>
  stopWordsOf.get(language)?.has(word) === true;

/** What a stop word tells of the language of its text. */
export interface Telling {
  readonly isEnglish: boolean;
  /** By their places in `languages`; none for one that English has, too, or a letter alone. */
  readonly of: readonly number[];
}

const tellings = new Map<string, Telling>();
for (const word of english) tellings.set(word, { isEnglish: true, of: [] });
for (const [place, language] of languages.entries()) {
  for (const word of stopWordsOf.get(language) ?? []) {
    if (word.length < 2 || english.has(word)) continue;
    tellings.set(word, { isEnglish: false, of: [...(tellings.get(word)?.of ?? []), place] });
  }
}

/** The same object for the same word. */
export const tellingOf = (word: string): Telling | undefined => tellings.get(word);

/** What stop words tell of a text. */
interface Votes {
  readonly best: Language | undefined;
  /** Stop words of that language, and how many different ones. */
  readonly count: number;
  readonly different: number;
  readonly ofEnglish: number;
}

function votes(told: readonly Telling[]): Votes {
  const counts = new Map<number, number>();
  let ofEnglish = 0;
  for (const { isEnglish, of } of told) {
    if (isEnglish) ofEnglish++;
    for (const place of of) counts.set(place, (counts.get(place) ?? 0) + 1);
  }
  let [best, count] = [-1, 0];
  for (const [place, own] of counts) if (own > count) [best, count] = [place, own];
  const different = new Set(told.filter(({ of }) => of.includes(best)));
  return { best: languages[best], count, different: different.size, ofEnglish };
}

/** Of a text in a language so many words are stop words, and so many different ones: program code has some by chance. */
const minShare = 0.15;
const minDifferent = 3;
/** A short text has few, of which then more of its words are. */
const shareOfShort = 0.25;
const differentInShort = 2;

/** Letters of a language whose alphabet none of the others has. */
const alphabets: readonly (readonly [Language, RegExp, RegExp])[] = [
  ['ru', /^[\u0430-\u044f\u0451]+$/u, /[\u0456\u0457\u0454\u0491\u045e]/u],
];

/** The language by whose letters most words are written, unless one of them has a letter of a neighbour. */
function byLetters(words: readonly string[]): Language | undefined {
  if (words.every(isAscii)) return undefined;
  return alphabets.find(([, own, others]) => {
    const count = words.filter((word) => own.test(word)).length;
    return count > words.length / 2 && !words.some((word) => others.test(word));
  })?.[0];
}

/**
 * The language of a text by its stop words (lists of the package `stopword`); undefined for English, for one that is not
 * stemmed here, and where too few words tell.
 * @param words in lower case, in the order of the text
 * @param told by those of them that are stop words
 */
export function languageOf(words: readonly string[], told: readonly Telling[]): Language | undefined {
  const lettered = byLetters(words);
  if (lettered) return lettered;
  const { best, count, different, ofEnglish } = votes(told);
  const share = count / words.length;
  const isClear =
    (different >= minDifferent && share >= minShare) ||
    (different >= differentInShort && share >= shareOfShort);
  return isClear && count > ofEnglish ? best : undefined;
}

/** The language of a question, of which a single stop word tells. */
export function languageOfQuestion(words: readonly string[]): Language | undefined {
  const told = words.map(tellingOf).filter((telling) => telling !== undefined);
  const { best, count, ofEnglish } = votes(told);
  return byLetters(words) ?? (count > ofEnglish ? best : undefined);
}

const stemmers = new Map<Language, { stem(word: string): string }>();

/** The stem of a word in lower case, without marks. Stemmers know the letters of their language with theirs. */
export function stemIn(language: Language, word: string): string {
  const stemmer = stemmers.get(language) ?? snowball.newStemmer(stemmed[language][0]);
  stemmers.set(language, stemmer);
  return withoutMarks(stemmer.stem(word));
}

/** A term of a text in a language: no word of another one is taken for it. */
export const termIn = (language: Language, stem: string): string => `${stem}~${language}`;

/** The term that every passage in a language has. */
export const languageMark = (language: Language): string => termIn(language, '');
