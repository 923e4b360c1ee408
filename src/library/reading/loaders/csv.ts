import { parse } from 'csv-parse/sync';
import { type Block, type LoadedDocument, Unreadable } from './loader.ts';
import { rowText } from './rows.ts';

/** The most frequent delimiter of the first line. */
function delimiterOf(text: string): string {
  const [line = ''] = text.split('\n', 1);
  const counts = [',', ';', '\t'].map((delimiter) => ({ delimiter, count: line.split(delimiter).length }));
  return counts.reduce((best, candidate) => (candidate.count > best.count ? candidate : best)).delimiter;
}

/**
 * CSV (comma, semicolon or tab): every row becomes one line `column: value; …`, so that a passage can be read and found
 * without the header; empty cells are omitted.
 */
export function loadCsv(text: string, name: string): LoadedDocument {
  const blocks: Block[] = [];
  let columns: readonly string[] | undefined;
  let before = 0;
  // Each row is converted as it is read: all rows as lists of cells would take ten times the file's size.
  const take = (record: readonly string[], { lines: last }: { readonly lines: number }): null => {
    // The row ends on this line; it spans several if its cells contain line breaks.
    const lines = [before + 1, last] as const;
    before = last;
    if (columns === undefined) columns = record;
    else {
      const row = rowText(columns, record);
      if (row !== '') blocks.push({ heading: [], lines, text: row, rows: true });
    }
    return null;
  };
  try {
    parse(text, {
      delimiter: delimiterOf(text),
      relax_column_count: true,
      relax_quotes: true,
      skip_empty_lines: true,
      trim: true,
      on_record: take,
    });
  } catch {
    throw new Unreadable('not valid CSV');
  }
  return { title: name, text, metadata: { columns: [...(columns ?? [])] }, blocks };
}
