import { hasUnspaced } from './unspaced.ts';

/** Signs above and below letters; not those that are the vowels of a script. */
const marks =
  /[\p{M}--[\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}\p{Script=Tibetan}\p{Script=Devanagari}\p{Script=Bengali}\p{Script=Gurmukhi}\p{Script=Gujarati}\p{Script=Oriya}\p{Script=Tamil}\p{Script=Telugu}\p{Script=Kannada}\p{Script=Malayalam}\p{Script=Sinhala}]]+/gv;
/** Soft hyphens, spaces without width, marks of direction: nobody sees them, and no word ends at one. */
const invisible = /\p{Cf}+/gu;

/** Letters that have no decomposition in Unicode, as they are typed without their sign. */
const folded: Readonly<Record<string, string>> = {
  ...{ ß: 'ss', ẞ: 'SS', ł: 'l', Ł: 'L', ø: 'o', Ø: 'O', đ: 'd', Đ: 'D', ð: 'd', Ð: 'D', þ: 'th', Þ: 'Th' },
  ...{ œ: 'oe', Œ: 'OE', æ: 'ae', Æ: 'AE', ı: 'i', ħ: 'h', Ħ: 'H', ŧ: 't', Ŧ: 'T', ŋ: 'n', Ŋ: 'N', ĸ: 'k' },
};
const foldable = /[ßẞłŁøØđĐðÐþÞœŒæÆıħĦŧŦŋŊĸ]/gu;

const beyondAscii = /[\u0080-\uffff]/;

/** Most texts, which need no folding. */
export const isAscii = (text: string): boolean => !beyondAscii.test(text);

/** After a digit, these would become digits of the same number: of 10⁶ 106, of 1½ 11/2. */
const power = /(?<=\p{Nd})[\u2070\u00b9\u00b2\u00b3\u2074-\u2079\u207a\u207b]+/gu;
const fraction = /(?<=\p{Nd})[\u00bc-\u00be\u2150-\u215e]/gu;

/** A text without what nobody sees, in which numbers stay apart; measures have the letter x between them. */
export const visibleText = (text: string): string =>
  text.replace(invisible, '').replace(power, '^$&').replace(fraction, ' $&').replaceAll('\u00d7', 'x');

/** A text without diacritics; compatibility forms are replaced by their equivalents: "H₂" by "H2", "ß" by "ss". */
export function withoutMarks(text: string): string {
  if (isAscii(text)) return text;
  // Recomposed, so that a Korean syllable is one character.
  const plain = visibleText(text).normalize('NFKD').replace(marks, '').normalize('NFC');
  return plain.replace(foldable, (letter) => folded[letter] ?? letter);
}

/** A text in lower case without diacritics. */
export function plainText(text: string): string {
  return withoutMarks(text).toLowerCase();
}

/** Letters and digits, with the signs that belong to them. */
export const wordPattern = /[\p{L}\p{N}][\p{L}\p{N}\p{M}]*/gu;

/** The words of a text, including stop words, in lower case without diacritics. */
export function wordsOf(text: string): string[] {
  return Array.from(plainText(text).matchAll(wordPattern), ([found]) => found);
}

/** Whether a text is of one character of a script without spaces. */
export const isSingle = (text: string): boolean => [...text].length === 1 && hasUnspaced(text);
