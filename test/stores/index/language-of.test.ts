import { describe, expect, test } from 'vitest';
import { analyse, languageOfText, tongueOfTerms } from '../../../src/stores/index/analyser.ts';
import { spokenIn } from '../../../src/stores/index/spoken.ts';

/** A sentence as a manual has it, in each language. */
const sentences = {
  cs: 'Tlak v nádrži se kontroluje dvakrát denně, chladicí voda se mění každý týden.',
  da: 'Trykket i tanken kontrolleres to gange om dagen, kølevandet udskiftes hver uge.',
  de: 'Der Druck im Tank wird zweimal täglich geprüft.',
  es: 'La presión del depósito se comprueba dos veces al día.',
  fi: 'Säiliön paine tarkistetaan kaksi kertaa päivässä, ja jäähdytysvesi vaihdetaan joka viikko.',
  fr: 'La pression du réservoir est contrôlée deux fois par jour.',
  hu: 'A tartály nyomása naponta kétszer ellenőrzendő.',
  it: 'La pressione del serbatoio viene controllata due volte al giorno.',
  nl: 'De druk in de tank wordt twee keer per dag gecontroleerd.',
  no: 'Trykket i tanken kontrolleres to ganger om dagen, og kjølevannet skiftes hver uke.',
  pt: 'A pressão do tanque é verificada duas vezes por dia.',
  ro: 'Presiunea din rezervor se verifică de două ori pe zi.',
  ru: 'Давление в баке проверяют дважды в день.',
  sv: 'Trycket i tanken kontrolleras två gånger om dagen.',
  tr: 'Tankın basıncı günde iki kez kontrol edilir.',
};

test.each(Object.entries(sentences))('%s: a sentence tells its language', (language, sentence) => {
  expect(languageOfText(sentence)).toBe(language);
});

test.each([
  ['Bulgarian', 'Водата се сменя всяка седмица.'],
  ['Serbian', 'Расхладна вода се мења сваке недеље.'],
  ['Ukrainian', 'Тиск у резервуарі перевіряють двічі на день.'],
  ['Polish', 'Ciśnienie w zbiorniku jest sprawdzane dwa razy dziennie.'],
])('%s, which has no stemmer here, is taken for no other language', (_, sentence) => {
  expect(languageOfText(sentence)).toBeUndefined();
});

test('one name of a neighbour does not keep a text from being Russian', () => {
  const text =
    'Клапан меняет Їжакевич раз в год, насос и фильтр меняет другая бригада каждую весну и осень по плану завода.';
  expect(languageOfText(text)).toBe('ru');
});

test.each([
  'Müller and Jürgen checked the tank in São Paulo.',
  'café naïve résumé',
  'José García leads the team of engineers.',
])('names and loan words leave English what it is: %s', (text) => {
  expect(languageOfText(text)).toBeUndefined();
});

const chunk = (text: string) => ({ id: text, heading: [], lines: [1, 1] as const, text });

describe('a passage that does not tell its language', () => {
  const short = 'Kühlwasser wöchentlich wechseln.';
  const tongueIn = (document: Parameters<typeof spokenIn>[0], text = short): string =>
    tongueOfTerms(analyse(text, spokenIn(document)));

  test('is in that of its document', () => {
    expect(tongueIn({ metadata: {}, chunks: [chunk(sentences.de), chunk(short)] })).toBe('de');
  });

  test.each([{ lang: 'de' }, { language: 'de-AT' }, { lang: 'DE' }])(
    'is in the one that the document says: %o',
    (metadata) => {
      expect(tongueIn({ metadata, chunks: [chunk(short)] })).toBe('de');
    },
  );

  test('is English in an English document that names a German', () => {
    const text = 'The valve is checked by Müller every day.';
    expect(tongueIn({ metadata: { lang: 'de' }, chunks: [chunk(text)] }, text)).toBe('en');
  });

  test('is in the only language that the settings allow', () => {
    expect(tongueIn({ metadata: {}, chunks: [chunk(short)], languages: ['fi'] })).toBe('fi');
  });

  test('is in none but those that the settings allow', () => {
    expect(tongueIn({ metadata: {}, chunks: [chunk(sentences.de)], languages: ['fr', 'en'] })).toBe('en');
  });
});

test.each([
  ['huis', 'huizen'],
  ['brief', 'brieven'],
  ['tank', 'tanks'],
  ['boom', 'bomen'],
])('Dutch: %s is found by %s', (one, many) => {
  const in_ = spokenIn({ metadata: {}, chunks: [], languages: ['nl'] });
  expect(analyse(one, in_)).toEqual(analyse(many, in_));
});
