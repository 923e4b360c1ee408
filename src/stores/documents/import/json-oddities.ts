import { isDouble } from '../../../mql/values/exact-double.ts';
import { endOfString, repeatedName } from '../../../mql/values/repeated-names.ts';
import { createPlaces } from './table.ts';

/** What the documents of a JSON file are counted by. */
export type JsonUnit = 'Line' | 'Item' | 'Feature';

/** Numbers that a double may not hold: long ones, and those that are very large or very small. */
const mayLoseDigits = /\d[\d.]{15}|\d[eE][+-]?\d{3}/;

/** How many numbers with a point or an exponent are others as doubles. Those without are exact, or refused. */
function changedNumbers(text: string): number {
  if (!mayLoseDigits.test(text)) return 0;
  const token = /"|-?\d[\d.eE+-]*/g;
  let count = 0;
  for (let found = token.exec(text); found; found = token.exec(text)) {
    const [source] = found;
    if (source === '"') token.lastIndex = endOfString(text, token.lastIndex);
    else if (/[.eE]/.test(source) && !isDouble(source)) count++;
  }
  return count;
}

/** Counts what a JSON file says and its documents do not. */
export function createOddities() {
  const repeated = createPlaces();
  const changed = createPlaces();
  let numbers = 0;
  return {
    /** @param text of a document that was read */
    lookAt(text: string, at: number): void {
      if (repeatedName(text) !== undefined) repeated.add(at);
      const count = changedNumbers(text);
      numbers += count;
      if (count > 0) changed.add(at);
    },
    notes(unit: JsonUnit): string[] {
      const twice = 'a name twice in one object: the last value counts';
      const which = numbers === 1 ? 'a number' : `${numbers.toLocaleString('en')} numbers`;
      const lost = `${which} of more digits than a double holds, some of which are lost: {"$numberDecimal":"…"} keeps them`;
      const by = unit.toLowerCase();
      return [
        ...repeated.notes(by, `1 document has ${twice}`, `documents have ${twice}`),
        ...changed.notes(by, `1 document had ${lost}`, `documents had ${lost}`),
      ];
    },
  };
}
