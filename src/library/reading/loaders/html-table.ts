import { joinedLines } from './cell-lines.ts';
import { linesOf, textOf } from './html-text.ts';
import { attribute, descendants, type Element, find, isElement } from './html-tree.ts';

const maxCellLength = 1_000;
/** The most columns that a cell may cover, and rows: as browsers have it for columns (HTML, 4.9.11). */
const maxSpan = 1_000;
/** Cells of a table that are repeated, since spans multiply. */
const maxRepeated = 100_000;

/** A table used for page layout rather than for data. */
export function isLayout(table: Element): boolean {
  if (/^(presentation|none)$/.test(attribute(table, 'role') ?? '')) return true;
  if (descendants(table).some((node) => /^(table|h[1-6])$/.test(node.nodeName))) return true;
  return descendants(table).some(
    (node) => /^t[dh]$/.test(node.nodeName) && textOf(node).length > maxCellLength,
  );
}

function spanOf(cell: Element, name: string): number {
  const span = Number(attribute(cell, name) ?? 1);
  return Number.isInteger(span) && span > 1 ? Math.min(span, maxSpan) : 1;
}

export interface HtmlTable {
  readonly caption: readonly string[];
  readonly rows: readonly string[];
}

/** The rows of a table, of which each reads whole: a cell over several rows or columns is in each of them. */
export function readTable(table: Element): HtmlTable {
  /** By column, the cell from above that covers it and for how many more rows. */
  const covering = new Map<number, { readonly text: string; rows: number }>();
  let repeated = 0;
  const rows = find(table, 'tr').map((row) => {
    const values: string[] = [];
    const takeCovered = (): void => {
      for (let above = covering.get(values.length); above; above = covering.get(values.length)) {
        if (--above.rows <= 0) covering.delete(values.length);
        values.push(above.text);
      }
    };
    for (const cell of row.childNodes) {
      if (!isElement(cell) || (cell.tagName !== 'td' && cell.tagName !== 'th')) continue;
      takeCovered();
      const text = joinedLines(linesOf(cell));
      const [columns, more] = [spanOf(cell, 'colspan'), spanOf(cell, 'rowspan') - 1];
      for (let i = 0; i < columns && (i === 0 || ++repeated < maxRepeated); i++) {
        if (more > 0) covering.set(values.length, { text, rows: more });
        values.push(text);
      }
    }
    takeCovered();
    const isTitle = values.length > 1 && values.every((value) => value === values[0]);
    return (isTitle ? values.slice(0, 1) : values).join(' | ');
  });
  const caption = find(table, 'caption').flatMap(linesOf);
  return { caption, rows: rows.filter((row) => row.replace(/[ |]/g, '') !== '') };
}
