// What is written in one piece and is more than its words: versions, part numbers, addresses, dates, names that live from
// their signs, numbers with their unit.

/** Parts of letters and digits that a sign holds together. */
const joined = /[\p{L}\p{N}]+(?:[.\-_/:][\p{L}\p{N}]+)+/gu;
const sign = /[.\-_/:]/u;
const digit = /\p{N}/u;
const number = /^\p{N}+/u;

/** C++, C#, F#; .NET. Not the end of a longer word, and no `i++` of a sentence. */
const withSign = /(?<![\p{L}\p{N}])(?:\p{L}{1,2}(?:\+\+|#)|\.\p{L}{2,4})(?![\p{L}\p{N}+#])/gu;

const unit = /^(\p{N}+)(\p{L}{1,4})$/u;
/** M8x20, 20x30: measures by one another. */
const measures = /^(\p{L}?\p{N}+)x(\p{N}+)$/u;

/** The words in a number with its unit or another measure: 700bar is 700 and bar. None for any other word. */
export function partsOfNumber(word: string): readonly string[] {
  const [, amount, of] = unit.exec(word) ?? [];
  if (amount !== undefined && of !== undefined) return [amount, of];
  const [, first, second] = measures.exec(word) ?? [];
  return first !== undefined && second !== undefined ? [first, 'x', second] : [];
}

/** Digits, or a few letters: "H2-tank" is no code, "INV-2024" is. */
const isPartOfCode = (part: string): boolean => digit.test(part) || part.length <= 4;

/** Parts of an identifier that are looked at. */
const maxParts = 20;

/**
 * Terms for what stands together and in order: of 1.3.2 the pairs 1.3 and 3.2, whatever sign is between them; names with
 * their signs.
 * @param plain in lower case, without marks
 * @param withFractions two numbers with a sign between them, too, which may be a part of one
 */
export function identifierTerms(plain: string, withFractions = false): string[] {
  const terms: string[] = [];
  for (const [found] of plain.matchAll(joined)) {
    if (!digit.test(found)) continue;
    const parts = found.split(sign).slice(0, maxParts);
    // A number with a fraction is none.
    if (parts.length < 3 && !/\p{L}/u.test(found) && !withFractions) continue;
    for (const [i, part] of parts.entries()) {
      const next = parts[i + 1];
      if (next === undefined || !isPartOfCode(part) || !isPartOfCode(next)) continue;
      // The unit of a number is no part of it.
      const last = unit.test(next) ? (number.exec(next)?.[0] ?? next) : next;
      terms.push(`${part}.${last}`);
    }
  }
  for (const [found] of plain.matchAll(withSign)) terms.push(found);
  return terms;
}
