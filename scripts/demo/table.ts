import Table from 'cli-table3';

/** Longest text of a table cell, characters. */
const maxCell = 48;

function cell(value: unknown): string {
  const text = value === undefined ? '' : typeof value === 'string' ? value : JSON.stringify(value);
  const line = text.replace(/\s+/g, ' ');
  return line.length > maxCell ? `${line.slice(0, maxCell - 1)}…` : line;
}

/** Rows as a table whose columns are the fields in the order they first occur. */
export function table(rows: readonly Readonly<Record<string, unknown>>[]): string {
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const made = new Table({ head: columns, style: { head: [], border: [], compact: true } });
  for (const row of rows) made.push(columns.map((column) => cell(row[column])));
  return made.toString();
}
