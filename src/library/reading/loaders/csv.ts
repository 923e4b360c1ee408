import { sniffDialect } from '../../../tables/dialect.ts';
import { isNameless, isShifted, linesNamed, nameColumns } from '../../../tables/header.ts';
import type { StrayMarks } from '../../../tables/quoted-rows.ts';
import { createRowReader, type TextRow } from '../../../tables/rows.ts';
import { documentHeaderIndex } from './csv-header.ts';
import { type Block, type LoadedDocument, maxText } from './loader.ts';
import { columnNamer, rowText } from './rows.ts';

/** Characters that are read at once, and in which the header is looked for. */
const piece = 2 ** 18;
/** Rows by which is decided whether the header lacks a name. */
const maxSample = 200;

/** How a table is written that people read as it is. */
const plain: readonly string[] = [',', '\t'];

const trimmed = ({ cells }: TextRow): string[] => cells.map((cell) => cell.trim());

/** A text with its rows as they are found, on the lines that they have in the file. */
function withRows(text: string, blocks: readonly Block[]): string {
  const lines = text.split('\n');
  for (const { lines: range, text: row } of blocks) {
    const [first, last] = range;
    lines.fill('', first - 1, last);
    lines[first - 1] = row;
  }
  return lines.join('\n');
}

/** The names of columns without a value, which no row has. */
function unusedBlock(lines: Block['lines'], names: readonly string[], unused: ReadonlySet<number>): Block[] {
  const listed = [...unused].map((column) => names[column]).join('; ');
  return listed === '' ? [] : [{ heading: [], lines, text: `columns without values: ${listed}`, rows: true }];
}

/**
 * CSV (comma, semicolon, tab or vertical bar): every row becomes one line `column: value; …`, so that a passage can be
 * read and found without the header; empty cells are omitted. What stands above the header is a row of its own. The text
 * shows the file where commas or tabs separate the cells, and else its rows; the lines are those of the file.
 */
export function loadCsv(text: string, name: string): LoadedDocument {
  const { dialect, begin } = sniffDialect(text.slice(0, piece), text.length <= piece);
  const reader = createRowReader(dialect, begin > 0 ? 2 : 1);
  const blocks: Block[] = [];
  const strayLines: Record<StrayMarks, number[]> = { kept: [], dropped: [] };
  let columns: ReturnType<typeof columnNamer> | undefined;
  let named: readonly string[] = [];
  let namesRow: TextRow | undefined;
  let hasRows = false;
  /** Blocks of what stands above the names. */
  let above = 0;
  /** Columns with a name, and no value so far. */
  let unused = new Set<number>();

  function add(row: TextRow): void {
    for (const column of unused) if ((row.cells[column] ?? '').trim() !== '') unused.delete(column);
    const line = rowText(columns ?? columnNamer([]), trimmed(row));
    if (line === '') return;
    blocks.push({ heading: [], lines: row.lines, text: line, rows: true });
    hasRows = true;
  }

  /** A row that names nothing and has no names. */
  function addWords(row: TextRow): void {
    const words = trimmed(row)
      .filter((cell) => cell !== '')
      .join(' ')
      .replace(/\s*\n\s*/g, ' ');
    if (words !== '') blocks.push({ heading: [], lines: row.lines, text: words, rows: true });
  }

  /** Takes the names of the columns from the first rows; what is left of them are data. */
  function begun(rows: readonly TextRow[]): readonly TextRow[] {
    const header = documentHeaderIndex(rows);
    for (const row of rows.slice(0, header)) addWords(row);
    above = blocks.length;
    const names = rows[header];
    const isData = names === undefined || isNameless(names.cells);
    const below = rows.slice(isData ? header : header + 1);
    const shifted = !isData && isShifted(names.cells.length, below.slice(0, maxSample));
    named = isData ? [] : [...(shifted ? [''] : []), ...trimmed(names)];
    columns = columnNamer(named);
    unused = new Set([...named.keys()].filter((column) => named[column] !== ''));
    namesRow = isData ? undefined : names;
    return below;
  }

  function take(rows: readonly TextRow[]): void {
    for (const { stray, lines } of rows) if (stray !== undefined) strayLines[stray].push(lines[0]);
    for (const row of columns === undefined ? begun(rows) : rows) add(row);
  }

  // Each row is converted as it is read: all rows as lists of cells would take ten times the file's size.
  for (let at = begin; at < text.length; at += piece) {
    for (const rows of reader.read(text.slice(at, at + piece), at + piece >= text.length)) take(rows);
  }
  // Names are found with the rows that carry them; those of a table without rows would be found nowhere.
  if (namesRow !== undefined && !hasRows) addWords(namesRow);
  const shownRows = [...blocks];
  if (namesRow !== undefined && hasRows)
    blocks.splice(above, 0, ...unusedBlock(namesRow.lines, named, unused));
  const isPlain = plain.includes(dialect.delimiter) && begin === 0;
  const length = blocks.reduce((sum, block) => sum + block.text.length + 1, 0);
  const { kept, dropped } = strayLines;
  const remarks = [
    ...(kept.length > 0
      ? [`quotation marks that open or close nothing are kept as they are (${linesNamed(kept)})`]
      : []),
    ...(dropped.length > 0
      ? [`marks around a part of a cell, with text behind it, are dropped (${linesNamed(dropped)})`]
      : []),
  ];
  return {
    title: name,
    text: isPlain || length > maxText ? text : withRows(text, shownRows),
    blocks,
    metadata: { columns: nameColumns(named, named.length).names.filter((_, i) => named[i] !== '') },
    ...(remarks.length > 0 && { remarks }),
  };
}
