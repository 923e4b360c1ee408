// What is written in one piece and is more than its words: versions, part numbers, addresses, dates, names that live from
// their signs, numbers with their unit.

/** A sign that holds parts of letters and digits together. */
const inside = /[.\-_/:](?<=[\p{L}\p{N}].)(?=[\p{L}\p{N}])/gu;
const following = /(?:[.\-_/:][\p{L}\p{N}]+)+/uy;
const letterOrDigit = /^[\p{L}\p{N}]/u;
/** The second half of a character beyond the first 65,536. */
const trailing = /[\udc00-\udfff]/;
const sign = /[.\-_/:]/u;
const digit = /\p{N}/u;
const number = /^\p{N}+/u;

/** C++, C#, F#; .NET. Not the end of a longer word, and no `i++` of a sentence. */
const withSign = /(?<![\p{L}\p{N}])(?:\p{L}{1,2}(?:\+\+|#)|\.\p{L}{2,4})(?![\p{L}+#])/gu;

/** Whether a text may have such a name: what no letter stands before begins few words. */
const mayHaveSign = /\+\+|#|\.(?<![\p{L}\p{N}].)(?=\p{L})/u;

const unit = /^(\p{N}+)(\p{L}{1,4})$/u;
/** ISO9001, DN50: a norm or a size, which is also written in two words. */
const numbered = /^(\p{L}{2,5})(\p{N}{2,})$/u;
/** M8x20, 20x30: measures by one another. */
const measures = /^(\p{L}?\p{N}+)x(\p{N}+)$/u;

/** The words in a number with its unit or another measure: 700bar is 700 and bar. None for any other word. */
export function partsOfNumber(word: string): readonly string[] {
  const [, amount, of] = unit.exec(word) ?? [];
  if (amount !== undefined && of !== undefined) return [amount, of];
  const [, first, second] = measures.exec(word) ?? [];
  return first !== undefined && second !== undefined ? [first, 'x', second] : [];
}

/** The words in a name with its number: ISO9001 is ISO and 9001. None for any other word. */
export function partsOfNumbered(word: string): readonly string[] {
  const [, name, digits] = numbered.exec(word) ?? [];
  return name !== undefined && digits !== undefined ? [name, digits] : [];
}

/** Digits, or a few letters: "H2-tank" is no code, "INV-2024" is. */
const isPartOfCode = (part: string): boolean => digit.test(part) || part.length <= 4;

/** Parts of an identifier that are looked at. */
const maxParts = 20;

/** Where the word begins that ends at `end`, not before `from`. */
function beginOfWord(text: string, end: number, from: number): number {
  let begin = end;
  while (begin > from) {
    const unit = text.charAt(begin - 1);
    const one = trailing.test(unit) ? text.slice(Math.max(from, begin - 2), begin) : unit;
    if (!letterOrDigit.test(one)) break;
    begin -= one.length;
  }
  return begin;
}

/** What of a text is in one piece, in order: words that signs hold together. */
function piecesOf(text: string): string[] {
  const pieces: string[] = [];
  let end = 0;
  // Signs are few, and a pattern for the whole would try every letter of a text as a beginning.
  for (inside.lastIndex = 0; inside.test(text); inside.lastIndex = end) {
    const at = inside.lastIndex - 1;
    following.lastIndex = at;
    const [rest = ''] = following.exec(text) ?? [];
    const begin = beginOfWord(text, at, end);
    end = at + rest.length;
    pieces.push(text.slice(begin, end));
  }
  return pieces;
}

/** Node.js, socket.io; e-mail, wi-fi, x-ray: also written in one word. */
const dotted = /^\p{L}{2,12}\.(?:js|ts|io|net|ai)$/u;
const begun = /^\p{L}{1,2}-\p{L}{2,8}$/u;

/** Words that are also written in one, as they then are. */
export const joinedWords = (plain: string): string[] =>
  piecesOf(plain)
    .filter((piece) => dotted.test(piece) || begun.test(piece))
    .map((piece) => piece.replace(sign, ''));

/**
 * Terms for what stands together and in order: of 1.3.2 the pairs 1.3 and 3.2, whatever sign is between them; names with
 * their signs.
 * @param plain in lower case, without marks
 * @param withFractions two numbers with a sign between them, too, which may be a part of one
 */
export function identifierTerms(plain: string, withFractions = false): string[] {
  const terms: string[] = [];
  for (const found of digit.test(plain) ? piecesOf(plain) : []) {
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
  return mayHaveSign.test(plain) ? [...terms, ...(plain.match(withSign) ?? [])] : terms;
}
