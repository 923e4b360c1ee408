const romans = [
  ...([
    [1000, 'm'],
    [900, 'cm'],
    [500, 'd'],
    [400, 'cd'],
    [100, 'c'],
    [90, 'xc'],
  ] as const),
  ...([
    [50, 'l'],
    [40, 'xl'],
    [10, 'x'],
    [9, 'ix'],
    [5, 'v'],
    [4, 'iv'],
    [1, 'i'],
  ] as const),
];

function roman(number: number): string {
  let [rest, text] = [number, ''];
  for (const [value, letters] of romans) {
    for (; rest >= value; rest -= value) text += letters;
  }
  return text;
}

/** a to z, then aa, bb and so on, as Word counts. */
const letter = (number: number): string =>
  String.fromCharCode(97 + ((number - 1) % 26)).repeat(Math.min(10, Math.ceil(number / 26)));

/** The largest number that is written in letters. */
const maxInLetters = 3_999;

/**
 * A number as a list shows it.
 * @param format as WordprocessingML names it (ST_NumberFormat); a decimal where it is another
 */
export function numberText(number: number, format: string): string {
  if (format === 'decimalZero') return String(number).padStart(2, '0');
  if (format === 'none') return '';
  if (number < 1 || number > maxInLetters) return String(number);
  if (format === 'lowerRoman') return roman(number);
  if (format === 'upperRoman') return roman(number).toUpperCase();
  if (format === 'lowerLetter') return letter(number);
  if (format === 'upperLetter') return letter(number).toUpperCase();
  return String(number);
}
