// Raised text: a value in 10^6 and m^3, a mark of a note in "as measured[2]", and letters as they stand in 4th.

/** Digits, signs and single letters that may be an exponent or the charge of an ion. */
const value = /^[-+−–]?[\d(][\d.,/()+−–-]*$|^[-+−–]$|^[-+−–]?[nxyzkm]$/;
/** The numbers of notes: one, several, a range. */
const noteNumbers = /^\d{1,3}([,;–-]\s?\d{1,3})*$/;
/** Units of three letters and more that have exponents; shorter words are taken for units and symbols. */
const units = new Set(
  'min mol rad bar kpa mpa gpa hpa kwh mwh gwh mmhg kmol mmol sec inch yard mile sin cos tan'.split(' '),
);

/** Whether something can have an exponent: a number, a bracket, a symbol, a unit. */
function isBase(before: string): boolean {
  if (/[\p{N})\]]$/u.test(before)) return true;
  const word = /\p{L}+$/u.exec(before)?.[0] ?? '';
  return word !== '' && (word.length <= 2 || units.has(word.toLowerCase()));
}

/**
 * Raised text as a part of a line.
 * @param before the line so far
 * @param goesOn it continues what is raised before it
 */
export function raisedText(text: string, before: string, goesOn = false): string {
  const trimmed = text.trim();
  if (trimmed === '' || goesOn) return text;
  if (value.test(trimmed) && isBase(before)) return `^${trimmed}`;
  const isMark = noteNumbers.test(trimmed) && /[\p{L}.,;:!?"'”’»%]$/u.test(before);
  return isMark ? `[${trimmed}]` : text;
}
