import snowball from 'snowball-stemmers';

/** The English stop words of Lucene's `EnglishAnalyzer`. */
const stopWords = new Set(
  (
    'a an and are as at be but by for if in into is it no not of on or such that the their then there ' +
    'these they this to was will with'
  ).split(' '),
);

const stemmer = snowball.newStemmer('english');
const stems = new Map<string, string>();
const rememberedStems = 100_000;

function stemOf(word: string): string {
  const known = stems.get(word);
  if (known !== undefined) return known;
  const stem = stemmer.stem(word);
  if (stems.size >= rememberedStems) stems.clear();
  stems.set(word, stem);
  return stem;
}

const word = /[\p{L}\p{N}]+/gu;
const marks = /\p{M}+/gu;
const possessive = /['’]s(?![\p{L}\p{N}])/gu;
const longestTerm = 64;

/** A text in lower case without diacritics; compatibility forms count as what they stand for: "H₂" as "H2". */
export function plainText(text: string): string {
  return text.normalize('NFKD').replace(marks, '').toLowerCase();
}

/** The words of a text as they stand in it, but for case and diacritics; stop words too. */
export function wordsOf(text: string): string[] {
  return Array.from(plainText(text).matchAll(word), ([found]) => found);
}

/** The first word of a text as it stands there, but for case and diacritics, and its stem. */
export function firstWord(text: string): { readonly plain: string; readonly stem: string } {
  const [plain = ''] = wordsOf(text);
  return { plain, stem: stemOf(plain) };
}

/**
 * The terms of a text, in order, with repetitions: Unicode words in lower case without diacritics, English
 * possessives and stop words dropped, stemmed by Snowball's English stemmer (Porter 2).
 */
export function analyse(text: string): string[] {
  const plain = plainText(text).replace(possessive, '');
  const terms: string[] = [];
  for (const [found] of plain.matchAll(word)) {
    if (stopWords.has(found)) continue;
    terms.push(stemOf(found.length > longestTerm ? found.slice(0, longestTerm) : found));
  }
  return terms;
}
