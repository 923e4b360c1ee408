/** What a table has in a cell: text alone where it is written as text. A `bigint` has 64 bits, and is no safe integer. */
export type TableCell = string | number | bigint | boolean | Date;

const midnight = 'T00:00:00.000Z';

/** A cell as text: a moment as spreadsheets show it, which know no zone; a day without a time as a day. */
export function cellText(cell: TableCell): string {
  if (!(cell instanceof Date)) return String(cell);
  const iso = cell.toISOString();
  if (iso.endsWith(midnight)) return iso.slice(0, -midnight.length);
  return iso.replace(/(:00)?\.000Z$|Z$/, '').replace('T', ' ');
}
