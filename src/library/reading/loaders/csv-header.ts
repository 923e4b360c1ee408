import { usualWidth } from '../../../tables/dialect.ts';
import { filled, haveData, headerIndex, isNames, maxRemarks } from '../../../tables/header.ts';
import type { TextRow } from '../../../tables/rows.ts';

/**
 * The index of the row that names the columns, as an import finds it, and also where rows are shorter or longer than the
 * others: an import then rather keeps to the first row, whose fields people see; in a document each passage would carry
 * a title in place of the names. Above the names stand single cells, and shorter rows if a blank line follows them.
 */
export function documentHeaderIndex(rows: readonly TextRow[]): number {
  const sure = headerIndex(rows);
  const { width } = usualWidth(rows);
  if (sure > 0 || width < 2) return sure;
  const header = rows.findIndex(({ cells }) => cells.length === width && isNames(cells));
  const [above, below] = [rows.slice(0, Math.max(0, header)), rows.slice(header + 1)];
  const [names, last] = [rows[header], above.at(-1)];
  if (names === undefined || last === undefined || header > Math.min(maxRemarks, below.length)) return 0;
  const isApart = names.lines[0] - last.lines[1] > 1;
  const isAbove = ({ cells }: TextRow): boolean =>
    filled(cells).length < 2 || (isApart && cells.length < width);
  return above.every(isAbove) && haveData(below) ? header : 0;
}
