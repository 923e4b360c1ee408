// Imported by what prints, when it prints: a server that a client starts must not load it.
import stringWidth from 'string-width';
import wrapAnsi from 'wrap-ansi';

/** Longer lines are hard to read, in columns. */
const maxWidth = 100;
/** What a terminal that does not say its width has, in columns. */
const usualWidth = 80;

/** Columns that text may take on stdout; undefined where that is no terminal, so that a program gets whole lines. */
function width(): number | undefined {
  if (!process.stdout.isTTY) return undefined;
  return Math.min(process.stdout.columns || usualWidth, maxWidth);
}

/** A text indented by some columns, and wrapped to a terminal's width. */
export function paragraph(text: string, indent: number): string {
  const columns = width();
  const lines =
    columns === undefined ? text : wrapAnsi(text, Math.max(20, columns - indent), { trim: false });
  return lines.replace(/^/gm, ' '.repeat(indent));
}

/**
 * Rows whose cells stand in columns, with two spaces between them. On a terminal the last cell of a row is wrapped in its
 * own; a program gets whole lines.
 */
export function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, at) =>
    rows.reduce((widest, row) => Math.max(widest, stringWidth(row[at] ?? '')), 0),
  );
  return rows.map((row) => tableRow(row, widths).trimEnd()).join('\n');
}

function tableRow(row: readonly string[], widths: readonly number[]): string {
  const before = row
    .slice(0, -1)
    .map((cell, at) => cell + ' '.repeat((widths[at] ?? 0) - stringWidth(cell) + 2))
    .join('');
  const indent = stringWidth(before);
  const last = paragraph(row.at(-1) ?? '', indent);
  return before + last.slice(indent);
}
