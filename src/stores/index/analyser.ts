import snowball from 'snowball-stemmers';
import { isAscii, isSingle, plainText, visibleText, withoutMarks, wordPattern, wordsOf } from './folding.ts';
import { identifierTerms, joinedWords, partsOfNumber, partsOfNumbered } from './identifiers.ts';
import { languageOf, languageOfQuestion, type Spoken } from './language-of.ts';
import {
  isStopWord,
  type Language,
  languageMark,
  languages,
  stemIn,
  type Telling,
  type Tongue,
  tellingOf,
  termIn,
} from './languages.ts';
import { remembered } from './remembered-words.ts';
import { bySpacing, hasUnspaced, longWordsIn, pairsOf, saysNothing, wordsInRun } from './unspaced.ts';

/** The English stop words of Lucene's `EnglishAnalyzer`. */
const stopWords = new Set(
  (
    'a an and are as at be but by for if in into is it no not of on or such that the their then there ' +
    'these they this to was will with'
  ).split(' '),
);

/**
 * Words that questions are made of: they say nothing about the subject and occur everywhere. They are indexed, and
 * count in a query that has no others.
 */
const questionWords = new Set(
  (
    'what which who whom whose when where why how i me my we us our you your he him his she her its them am ' +
    'were been being have has had having do does did doing done can could should would might must shall may ' +
    'about from than so until here any some those'
  ).split(' '),
);

const stemmer = snowball.newStemmer('english');
const stemOf = remembered((word) => stemmer.stem(word));

/** A term for how a word may also be written, for which no passage is longer. */
const otherSpelling = (word: string): string => `=${stemOf(word)}`;

export const isOtherSpelling = (term: string): boolean => term.startsWith('=');

const possessive = /['’]s(?![\p{L}\p{N}])/gu;
const maxTermLength = 64;
const digit = /\p{N}/u;

/** The first word of a text, in lower case without diacritics, and its stem. */
export function firstWord(text: string): { readonly plain: string; readonly stem: string } {
  const [plain = ''] = wordsOf(text);
  return { plain, stem: stemOf(plain) };
}

/** Between the words of a name in code: `readFile`, `HTTPServer`; not in "kWh" or "LLMs". */
const insideName = /(?<=\p{Ll}{2})(?=\p{Lu})|(?<=[\p{Lu}\p{N}])(?=\p{Lu}\p{Ll}{2})/u;

const capitalInside = /.\p{Lu}/u;

/** A word, and what a name in code is made of. */
function namesIn(found: string): string[] {
  if (found.toLowerCase() === found || !capitalInside.test(found)) return [found];
  const names = found.split(insideName);
  return names.length > 1 ? [found, ...names.flatMap(namesIn)] : [found];
}

/** The words of a text as they are written, with the marks that stemmers know. */
function writtenWords(text: string): string[] {
  const visible = isAscii(text) ? text : visibleText(text).normalize('NFKC');
  return visible.replace(possessive, '').match(wordPattern) ?? [];
}

const lowerCase = (words: readonly string[]): string[] => words.map((word) => word.toLowerCase());

/**
 * The terms of a text, in order, with repetitions: Unicode words in lower case without diacritics, without English
 * possessives and stop words, stemmed by Snowball's English stemmer (Porter 2). A name in code is followed by the words
 * it is made of (open sets, keyword nDCG@10: code .617 without them, .703 with; prose .795 and .780). Scripts without
 * spaces between words: pairs of neighbouring characters, and the last character alone, so that each is found. Parts of
 * an identifier that stand together are terms of their own.
 *
 * A text whose stop words or letters tell another language is stemmed in that, with terms that no other language has.
 * @param spoken the languages it may be in, and the one where it does not tell
 */
export function analyse(text: string, spoken?: Spoken): string[] {
  const words = writtenWords(text).map(wordOf);
  const lower = words.map((word) => word.lower);
  const told = words.map(({ telling }) => telling).filter((telling) => telling !== undefined);
  const language = languageOf(lower, told, spoken);
  const inLanguage = language && foreignWord.get(language);
  const terms: string[] = [];
  if (inLanguage) {
    terms.push(languageMark(language));
    for (const word of lower) for (const term of inLanguage(word)) terms.push(term);
  } else for (const word of words) for (const term of word.terms) terms.push(term);
  const plain = plainText(text);
  for (const word of joinedWords(plain)) terms.push(otherSpelling(word));
  for (const term of identifierTerms(plain)) terms.push(term);
  return terms;
}

/** The language that a text shows by itself; undefined for English, and where it does not. */
export function languageOfText(text: string): Language | undefined {
  const words = writtenWords(text).map(wordOf);
  return languageOf(
    words.map(({ lower }) => lower),
    words.map(({ telling }) => telling).filter((telling) => telling !== undefined),
  );
}

/** The language in which the terms of a text are stemmed. */
export const tongueOfTerms = (terms: readonly string[]): Tongue =>
  languages.find((language) => terms[0] === languageMark(language)) ?? 'en';

const signed = /[.+#=]/;

/**
 * The length of a passage by its terms, as BM25 weighs it: identifiers and names with signs are there by their words
 * already (open sets, keyword nDCG@10 of the mean: .6804 with them, .6817 without).
 */
export const lengthOf = (terms: readonly string[]): number =>
  terms.reduce((length, term) => (signed.test(term) ? length : length + 1), 0);

/** What a word of a script without spaces, or one of letters and digits, is besides its own term. */
function specialTerms(found: string, add: (part: string) => void, terms: string[]): boolean {
  if (!hasUnspaced(found)) {
    for (const part of partsOfNumber(found.toLowerCase())) terms.push(part);
    for (const part of partsOfNumbered(found.toLowerCase())) terms.push(otherSpelling(part));
    return false;
  }
  for (const part of bySpacing(found)) {
    if (!hasUnspaced(part)) add(part);
    else if (isSingle(part)) terms.push(part);
    else terms.push(...pairsOf(part), [...part].at(-1) ?? '', ...longWordsIn(part));
  }
  return true;
}

/** What a text has of a word, as it is written. */
interface Word {
  readonly lower: string;
  /** Its terms in English. */
  readonly terms: readonly string[];
  readonly telling: Telling | undefined;
}

const wordOf = remembered((written): Word => {
  const terms: string[] = [];
  const add = (found: string): void => {
    for (const name of namesIn(found)) {
      const lower = name.toLowerCase();
      if (!stopWords.has(lower)) terms.push(stemmer.stem(lower.slice(0, maxTermLength)));
    }
  };
  const word = withoutMarks(written);
  if (!specialTerms(word, add, terms)) add(word);
  const lower = written.toLowerCase();
  return { lower, terms, telling: tellingOf(lower) };
});

/** As a word is stemmed in a language: also as who does not type its marks would have it. */
function formsIn(language: Language, word: string): string[] {
  const plain = withoutMarks(word).slice(0, maxTermLength);
  if (digit.test(plain)) return [stemOf(plain)];
  const stem = stemIn(language, word.slice(0, maxTermLength));
  const forms = plain === word ? [stem] : [...new Set([stem, stemIn(language, plain)])];
  return forms.map((form) => termIn(language, form));
}

/** The terms of a word in each language, in lower case. */
const foreignWord = new Map(
  languages.map((language) => [
    language,
    remembered((word): readonly string[] => {
      const terms: string[] = [];
      const add = (found: string): void => {
        terms.push(...formsIn(language, found));
      };
      if (!specialTerms(word, add, terms)) add(word);
      return terms;
    }),
  ]),
);

/** A word of a query: its terms in English and in each of the languages, which score as one. */
export interface QueryTerm {
  readonly terms: readonly string[];
  /** All terms that begin with it count, too. */
  readonly beginning?: string;
  /** 1 unless given. */
  readonly weight?: number;
}

/** The words of an identifier count themselves; that they stand together only decides between those that have them. */
const ofIdentifier = 0.5;

/** @param others languages besides English that passages have */
function termsOfWord(word: string, others: readonly Language[]): QueryTerm[] {
  const plain = withoutMarks(word).slice(0, maxTermLength);
  const english = stemOf(plain);
  if (digit.test(plain))
    return [
      { terms: [english, otherSpelling(plain)] },
      ...[...partsOfNumber(plain), ...partsOfNumbered(plain)].map((part) => ({ terms: [part] })),
    ];
  return [
    {
      terms: [
        english,
        otherSpelling(plain),
        ...others.map((language) => termIn(language, stemIn(language, word))),
      ],
    },
  ];
}

/**
 * What a pair of characters counts that is no word: it stands for a part of one, or for the end of one and the beginning
 * of the next (sets of Thai, Japanese and Chinese, BM25 alone, questions right: 19, 19, 21 of 20, 21, 21 by pairs that
 * all count 1, and 19, 20, 21 so; how far the right text stands out from the next: .59 and .62, .72 and .74, .92 and .90).
 */
const ofPair = 0.3;

/** The terms of the parts of a word in a script without spaces. */
function unspacedTerms(word: string, others: readonly Language[]): QueryTerm[] {
  return bySpacing(withoutMarks(word)).flatMap((part): QueryTerm[] => {
    if (!hasUnspaced(part)) return termsOfWord(part, others);
    if (isSingle(part)) return [{ terms: [part], beginning: part }];
    const words = wordsInRun(part);
    const weightOf = (pair: string): number => (words?.includes(pair) === false ? ofPair : 1);
    const pairs = pairsOf(part).map((pair) => ({ terms: [pair], weight: weightOf(pair) }));
    return [...pairs, ...longWordsIn(part).map((long) => ({ terms: [long] }))];
  });
}

/** Of a phrase in a script without spaces, only what its passage has however its words are cut. */
const unspacedPhrase = (word: string, others: readonly Language[]): (readonly string[])[] =>
  bySpacing(withoutMarks(word)).flatMap((part) => {
    if (hasUnspaced(part)) return pairsOf(part).map((pair) => [pair]);
    return termsOfWord(part, others).map(({ terms }) => terms);
  });

/** Whether a question would ask something else without the word. */
function isSubject(word: string, asked: Language | undefined): boolean {
  if (hasUnspaced(word)) return true;
  if (asked !== undefined) return !isStopWord(word, asked);
  const plain = withoutMarks(word);
  return !stopWords.has(plain) && !questionWords.has(plain);
}

/**
 * The terms by which the words of a query score.
 * @param others languages besides English that passages have
 */
export function analyseQueryWords(text: string, others: readonly Language[]): QueryTerm[] {
  const words = writtenWords(text);
  const asked = languageOfQuestion(lowerCase(words), others);
  const terms: QueryTerm[] = [];
  /** Of which questions are made, in case there is nothing else. */
  const rest: QueryTerm[] = [];
  const add = (word: string): void => {
    const own = hasUnspaced(word) ? unspacedTerms(word, others) : termsOfWord(word, others);
    const isAsked = isSubject(word, asked);
    for (const term of own) (isAsked && !saysNothing(term.terms[0] ?? '') ? terms : rest).push(term);
  };
  for (const word of words) for (const name of namesIn(word)) add(name.toLowerCase());
  const plain = plainText(text);
  const pieces = [...joinedWords(plain).map(stemOf), ...identifierTerms(plain, true)];
  for (const term of pieces) terms.push({ terms: [term], weight: ofIdentifier });
  return terms.length > 0 ? terms : rest;
}

/**
 * The terms that a passage has which holds a phrase: of each word one of several, by its language.
 * @param others languages besides English that passages have
 */
export function analysePhrase(phrase: string, others: readonly Language[]): (readonly string[])[] {
  return lowerCase(writtenWords(phrase)).flatMap((word) => {
    if (hasUnspaced(word)) return unspacedPhrase(word, others);
    return stopWords.has(withoutMarks(word))
      ? []
      : termsOfWord(word, others)
          .slice(0, 1)
          .map(({ terms }) => terms);
  });
}
