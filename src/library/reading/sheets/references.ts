import type { CellRange } from './sheet.ts';

/** A row and column from 0, of a reference such as `B12`. */
export function placeOf(reference: string): readonly [row: number, column: number] | undefined {
  const [, letters = '', digits = ''] = /^\$?([A-Z]{1,3})\$?(\d{1,7})$/i.exec(reference) ?? [];
  if (digits === '') return undefined;
  let column = 0;
  for (const letter of letters.toUpperCase()) column = column * 26 + letter.charCodeAt(0) - 64;
  return [Number(digits) - 1, column - 1];
}

export function rangeOf(reference: string): CellRange | undefined {
  const [from, to = from] = reference.split(':').map(placeOf);
  return from && to ? { from, to } : undefined;
}
