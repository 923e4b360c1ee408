import snowball from 'snowball-stemmers';
import * as lists from 'stopword';
import { languageCodes } from '../../config/language-codes.ts';
import { withoutMarks } from './folding.ts';

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
} as const satisfies Record<Language, readonly [string, readonly string[]]>;

/** A language as the words of a text are stemmed. */
export type Tongue = (typeof languageCodes)[number];

/** ISO 639-1. */
export type Language = Exclude<Tongue, 'en'>;

export const languages: readonly Language[] = languageCodes.filter((code) => code !== 'en');

/** What questions are made of, where the list has none of it, and what an apostrophe cuts off. */
const more: Partial<Record<Language, string>> = {
  cs: 'kolik kde kdy jak proč který která které jaký jaká jaké dva dvě každý každá',
  da: 'hvor hvad hvornår hvem hvilken hvilke hvorfor hvordan bliver gange ikke hver dagen',
  es: 'cuánto cuántos cuánta cuántas qué cómo dónde cuándo cuál cuáles quién quiénes hacen hace usan hay dos tres cada veces',
  fi: 'kuinka missä milloin mikä mitkä kuka miksi montako mitä joka kaksi kertaa',
  fr: 'un une est sont il elle ils elles très plus moins sous après avant chaque peu combien comment pourquoi quel quelle quels quelles où quand qui que quoi l d j m n s t c qu font fait deux trois fois',
  hu: 'hány mennyi hol mikor hogyan miért melyik kell két minden',
  it: 'quanto quanti quanta quante come dove quando quale quali perché chi l un d c s due tre volte viene vengono ogni',
  nl: 'hoe wat waar wanneer welke hoeveel wie waarom wordt worden twee drie keer elke elk deze dit ook niet een van voor met zijn er naar bij om tot uit door maar als moet',
  no: 'hvor hva når hvem hvilken hvilke hvorfor hvordan blir ganger ikke hver dagen',
  pt: 'quanto quantos quanta quantas como onde quando qual quais quem dois duas três cada vezes',
  ro: 'cât câți câte unde când cum care cine două fiecare',
  ru: 'сколько зачем почему какой какая какие каких какими каким при',
  sv: 'hur vad när vem vilken vilket vilka varför blir två gånger inte varje',
  tr: 'kaç nerede nasıl neden hangi kim iki her',
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

export const tongues: readonly Tongue[] = ['en', ...languages];

/** What stop words, and letters that few languages have, tell of the language of their text. */
export interface Telling {
  /** What a stop word of English says, and one of others that English has, too. */
  readonly isEnglish: boolean;
  /** By their places in `languages`; none for a letter alone. */
  readonly of: readonly number[];
  readonly isStopWord: boolean;
}

const tellings = new Map<string, Telling>();
for (const word of english) tellings.set(word, { isEnglish: true, isStopWord: true, of: [] });
for (const [place, language] of languages.entries()) {
  for (const word of stopWordsOf.get(language) ?? []) {
    if (word.length < 2 || english.has(word)) continue;
    const of = [...(tellings.get(word)?.of ?? []), place];
    tellings.set(word, { isEnglish: false, isStopWord: true, of });
  }
}

/** Letters beside those of English, of each language. */
const letters: Partial<Record<Language, string>> = {
  ...{ cs: 'áčďéěíňóřšťúůýž', da: 'æøå', de: 'äöüß', es: 'áéíñóúü', fi: 'äö', fr: 'àâçèéêëîïôùûœ' },
  ...{ hu: 'áéíóöőúüű', it: 'àèéìòù', nl: 'ëï', no: 'æøå', pt: 'áâãàçéêíóôõú', ro: 'ăâîșțşţ', sv: 'åäö' },
  tr: 'çğıöşü',
};
const lettersOf = new Map(languages.map((language) => [language, new Set(letters[language] ?? [])] as const));
const latinBeyondEnglish = /[^\P{Script=Latin}a-z]/gu;

/** What a word tells by its letters: of which languages it may be; of none where no one has them all. */
function tellingByLetters(word: string): Telling | undefined {
  const own = word.match(latinBeyondEnglish);
  if (!own) return undefined;
  const of = [...languages.keys()].filter((place) => {
    const known = lettersOf.get(languages[place] as Language);
    return own.every((letter) => known?.has(letter));
  });
  return { isEnglish: false, isStopWord: false, of };
}

/** The same object for the same stop word. */
export const tellingOf = (word: string): Telling | undefined => tellings.get(word) ?? tellingByLetters(word);

const stemmers = new Map<Language, { stem(word: string): string }>();

/** Dutch writes a stem as it ends: huis and huizen, brief and brieven. */
const dutchEnds: Readonly<Record<string, string>> = { z: 's', v: 'f' };
const asDutchEnds = (stem: string): string => stem.replace(/[zv]$/, (letter) => dutchEnds[letter] ?? letter);

/** The stem of a word in lower case, without marks. Stemmers know the letters of their language with theirs. */
export function stemIn(language: Language, word: string): string {
  const stemmer = stemmers.get(language) ?? snowball.newStemmer(stemmed[language][0]);
  stemmers.set(language, stemmer);
  const stem = withoutMarks(stemmer.stem(word));
  return language === 'nl' ? asDutchEnds(stem) : stem;
}

/** A term of a text in a language: no word of another one is taken for it. */
export const termIn = (language: Language, stem: string): string => `${stem}~${language}`;

/** The term that every passage in a language has. */
export const languageMark = (language: Language): string => termIn(language, '');
