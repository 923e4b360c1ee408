import { nameColumns } from '../../../tables/header.ts';

/** The names of a table's columns, of as many as a row has. */
export type ColumnNamer = (width: number) => readonly string[];

/** Names as an import gives them, also for cells beyond the header, and where a name is missing or repeated. */
export function columnNamer(header: readonly string[]): ColumnNamer {
  let { names } = nameColumns(header, header.length);
  return (width) => {
    if (width > names.length) ({ names } = nameColumns(header, 2 * width));
    return names;
  };
}

/** A table row that can be read and found without the header: `column: value; …`. Empty cells are omitted. */
export function rowText(namesOf: ColumnNamer, cells: readonly string[]): string {
  const names = namesOf(cells.length);
  let text = '';
  for (const [i, value] of cells.entries())
    if (value !== '') text += `${text === '' ? '' : '; '}${names[i]}: ${value}`;
  // Few rows have a line break, and the pattern looks at each space.
  return text.includes('\n') ? text.replace(/\s*\n\s*/g, ' ') : text;
}
