import { expect, test } from 'vitest';
import { excerpt } from '../../../src/library/searching/excerpt.ts';

const filler = 'Nothing that was asked for stands in this sentence of the text. ';

/** A long text with one sentence in its middle. */
const around = (sentence: string): string => `${filler.repeat(5)}${sentence} ${filler.repeat(5)}`;

test.each([
  ['capital letters and umlauts', 'GRÖSSEN der Tanks', 'Alle Größen sind lieferbar.'],
  ['accents that were not typed', 'reservoir verifie', 'Le réservoir est vérifié.'],
  ['a soft hyphen', 'Druckbehälter', 'Der Druck\u00adbehälter ist leer.'],
  ['letters without decomposition', 'olprodukt', 'Et ølprodukt er klart.'],
  ['full-width digits', 'A123 valve', 'The valve Ａ１２３ is closed.'],
])('the part that is shown is where the words are, whatever %s', (_, query, sentence) => {
  expect(excerpt(around(sentence), query, 120)).toContain(sentence);
});
