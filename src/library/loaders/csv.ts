import { parse } from 'csv-parse/sync';
import type { Block, LoadedDocument } from './blocks.ts';
import { rowText } from './rows.ts';
import { Unreadable } from './unreadable.ts';

interface Parsed {
  readonly record: readonly string[];
  readonly info: { readonly lines: number };
}

/** The delimiter that the first line has most of. */
function delimiterOf(text: string): string {
  const [line = ''] = text.split('\n', 1);
  const counts = [',', ';', '\t'].map((delimiter) => ({ delimiter, count: line.split(delimiter).length }));
  return counts.reduce((best, one) => (one.count > best.count ? one : best)).delimiter;
}

/**
 * CSV (comma, semicolon or tab): every row becomes one line `column: value; …`, so that a passage can be
 * read and found without the header; empty cells are left out.
 */
export function loadCsv(text: string, name: string): LoadedDocument {
  let rows: Parsed[];
  try {
    rows = parse(text, {
      delimiter: delimiterOf(text),
      info: true,
      relax_column_count: true,
      relax_quotes: true,
      skip_empty_lines: true,
      trim: true,
    }) as unknown as Parsed[];
  } catch {
    throw new Unreadable('not valid CSV');
  }
  const columns = rows[0]?.record ?? [];
  const blocks: Block[] = [];
  let before = rows[0]?.info.lines ?? 1;
  for (const { record, info } of rows.slice(1)) {
    const row = rowText(columns, record);
    // `info.lines` is the line on which a row ends; one with line breaks in its cells has several.
    const lines = [before + 1, info.lines] as const;
    before = info.lines;
    if (row !== '') blocks.push({ heading: [], lines, text: row, rows: true });
  }
  return { title: name, text, metadata: { columns: [...columns] }, blocks };
}
