import { joinedLines } from '../cell-lines.ts';
import { childrenOf, elements, type XmlElement } from '../xml.ts';
import { countOf } from './inline.ts';

/** By column, the cell above that covers it, and for how many more rows. */
type Covering = Map<number, { readonly text: string; rows: number }>;

/** What stands at a column: the cell's own text, or that of one above or beside it which covers it. */
function valueAt(cell: XmlElement, at: number, text: string, covering: Covering): string {
  const above = covering.get(at);
  if (cell.name !== 'covered-table-cell' || !above) return text;
  if (--above.rows <= 0) covering.delete(at);
  return above.text;
}

/** Notes which cells a cell covers: they follow in its row, and in those below. */
function cover(cell: XmlElement, at: number, text: string, covering: Covering): void {
  const [columns, rows] = [countOf(cell, 'number-columns-spanned'), countOf(cell, 'number-rows-spanned')];
  if (columns === 1 && rows === 1) return;
  for (let column = 0; column < columns; column++) {
    const more = column === 0 ? rows - 1 : rows;
    if (more > 0) covering.set(at + column, { text, rows: more });
  }
}

/** Rows of a table, of which each reads whole: a cell over several columns or rows is in each of them. */
export function rowsOf(table: XmlElement, linesIn: (cell: XmlElement) => readonly string[]): string[] {
  const covering: Covering = new Map();
  return elements(table, 'table-row').flatMap((row) => {
    const values: string[] = [];
    for (const cell of childrenOf(row).filter(({ name }) => /^(covered-)?table-cell$/.test(name))) {
      const text = joinedLines(linesIn(cell));
      for (let i = countOf(cell, 'number-columns-repeated'); i > 0; i--) {
        const at = values.length;
        values.push(valueAt(cell, at, text, covering));
        cover(cell, at, text, covering);
      }
    }
    const line = values.join(' | ').replace(/( \| )+$/, '');
    return line.replace(/[ |]/g, '') === '' ? [] : [line];
  });
}
