import { badInput } from '../../../errors.ts';
import { type Document, encode } from '../../../mql/formats.ts';
import { setField } from '../../../mql/values/fields.ts';
import { similarNames } from '../../../similar-names.ts';
import type { TableCell } from '../../../tables/cells.ts';
import { nameColumns, someOf } from '../../../tables/header.ts';
import { type CellValue, type Column, columnOf, type TableMarks } from './column-types.ts';
import { dateForm } from './date-forms.ts';
import type { ColumnReport, DocumentReader, ReadDocument } from './document-reader.ts';
import { fieldPaths } from './field-paths.ts';
import { numberMarks } from './number-marks.ts';
import { createPlaces, type Table, type TableOptions, type TableRow } from './table.ts';
import { type Header, headerOf, isFilled } from './table-header.ts';

/** More columns than any spreadsheet has: a row with more is damaged. */
const maxColumns = 16_384;

/** Columns by their place, with the names by which `--type` may call them. */
interface Survey {
  readonly columns: readonly Column[];
  readonly notes: readonly string[];
}

type Types = NonNullable<TableOptions['types']>;

/** The rows of data. */
async function* dataOf(table: Table, header: Header): AsyncGenerator<readonly TableRow[]> {
  let left = header.rows;
  for await (const rows of table.rows()) {
    const data = left === 0 ? rows : rows.slice(left);
    left = Math.max(0, left - rows.length);
    if (data.length > 0) yield data;
  }
}

/** Reads all rows for the types of the columns and for what is odd about them. */
async function survey(
  table: Table,
  header: Header,
  typeOf: (place: number) => string | undefined,
  { decimal, thousands, dateFormat }: TableOptions,
): Promise<Survey> {
  const notation = { marks: numberMarks(decimal, thousands), dates: dateForm(dateFormat) };
  const width = header.cells.length;
  const columns: Column[] = [];
  const [short, long] = [createPlaces(), createPlaces()];
  const marked = { kept: createPlaces(), dropped: createPlaces() };
  const columnAt = (place: number): Column => {
    const column = columns[place] ?? columnOf(typeOf(place), table.isTyped, notation);
    columns[place] = column;
    return column;
  };
  const named = header.cells.findLastIndex((name) => name.trim() !== '') + 1;
  for (let place = 0; place < named; place++) columnAt(place);

  function take({ cells, at, stray }: TableRow): void {
    if (stray !== undefined) marked[stray].add(at);
    if (cells.length < width && !table.isTyped) short.add(at);
    let isLong = false;
    for (let place = 0; place < cells.length; place++) {
      const cell = cells[place];
      if (!isFilled(cell)) continue;
      if (place >= maxColumns)
        throw badInput(`${placeIn(table)(at)} has more than ${maxColumns} cells: it is damaged.`);
      while (columns.length <= place) columnAt(columns.length);
      columnAt(place).add(cell, at);
      isLong ||= width > 0 && place >= width;
    }
    if (isLong) long.add(at);
  }

  for await (const rows of dataOf(table, header)) for (const row of rows) take(row);
  const { unit } = table;
  return {
    columns,
    notes: [
      ...short.notes(unit, '1 row is shorter than the header', 'rows are shorter than the header'),
      ...long.notes(
        unit,
        '1 row is longer than the header, and keeps its cells',
        'rows are longer than the header, and keep their cells',
      ),
      ...marked.kept.notes(
        unit,
        '1 row has a stray quotation mark, kept as it is',
        'rows have stray quotation marks, kept as they are',
      ),
      ...marked.dropped.notes(
        unit,
        '1 row has text behind a quoted part of a cell: it is joined to it, and the marks around the part were dropped',
        'rows have text behind a quoted part of a cell: it is joined to it, and the marks around the part were dropped',
      ),
    ],
  };
}

const placeIn =
  ({ unit }: Pick<Table, 'unit'>) =>
  (at: number): string =>
    `${unit === 'line' ? 'Line' : 'Row'} ${at.toLocaleString('en')}`;

/** @throws HydrogenError `bad_input` for the type of a column that does not exist. */
function checkTypes(types: Types, names: readonly string[]): void {
  for (const name of Object.keys(types)) {
    if (names.includes(name)) continue;
    const suggestions = similarNames(name, names).map((suggestion) => `"${suggestion}"`);
    const hint =
      suggestions.length > 0 ? `did you mean ${suggestions.join(' or ')}?` : `there is ${someOf(names, 20)}.`;
    throw badInput(`There is no column "${name}" to give a type: ${hint}`);
  }
}

/** A dotted column is a field of a nested document, as in mongoimport. */
function setPath(document: Document, path: readonly string[], value: unknown): void {
  const [name = '', ...rest] = path;
  if (rest.length === 0) setField(document, name, value);
  else {
    if (!Object.hasOwn(document, name)) setField(document, name, {});
    setPath(document[name] as Document, rest, value);
  }
}

interface Field {
  readonly path: readonly string[];
  readonly value: CellValue;
}

function documentOf(cells: readonly TableCell[], fields: readonly Field[]): Document {
  const document: Document = {};
  for (let place = 0; place < fields.length; place++) {
    const cell = cells[place];
    const field = fields[place];
    if (field !== undefined && isFilled(cell)) setPath(document, field.path, field.value(cell));
  }
  return document;
}

/**
 * One document per row, with names from the header; an empty cell is a missing field. The table is read once for the
 * types of its columns and once for its documents. A column has numbers, booleans or dates if all its cells do; the
 * cells of a spreadsheet keep what they are.
 * @throws HydrogenError `bad_input` for types that do not fit the columns
 */
export async function tableDocuments(table: Table, options: TableOptions): Promise<DocumentReader> {
  const { types = {}, keepDots = false } = options;
  const header = headerOf(table, options.header);
  // Named before the survey, too, since the type of a column is told by its name.
  const named = (width: number) => {
    const { names, notes } = nameColumns(header.cells, width);
    const found = fieldPaths(names, keepDots);
    return { names, paths: found.paths, notes: [...notes, ...found.notes] };
  };
  const ahead = named(Math.max(header.cells.length, ...table.sample.map(({ cells }) => cells.length)));
  const typeOf = (place: number): string | undefined =>
    [ahead.names[place], ahead.paths[place]?.join('.')]
      .filter((name) => name !== undefined && Object.hasOwn(types, name))
      .map((name) => types[name ?? ''])[0];
  checkTypes(types, [...new Set([...ahead.names, ...ahead.paths.map((path) => path.join('.'))])]);
  const { columns, notes } = await survey(table, header, typeOf, options);
  const { paths, notes: naming } = columns.length === ahead.names.length ? ahead : named(columns.length);
  const marks = { hasDecimalComma: columns.some((column) => column.hasDecimalComma()) };
  const fields = columns.map((column, place) => ({ path: paths[place] ?? [], value: column.value(marks) }));
  const place = placeIn(table);

  async function* read(): AsyncGenerator<ReadDocument> {
    for await (const rows of dataOf(table, header)) {
      for (const { cells, at } of rows) yield { bson: encode(documentOf(cells, fields)), at };
    }
  }
  return {
    read,
    place,
    checked: true,
    columns: reportsOf(columns, paths, header, table, marks),
    notes: [...table.notes, ...header.notes, ...naming, ...notes],
  };
}

/** A column that neither has a name nor a value is none: the rows end with a delimiter. */
function reportsOf(
  columns: readonly Column[],
  paths: readonly (readonly string[])[],
  header: Header,
  { unit }: Table,
  marks: TableMarks,
): ColumnReport[] {
  return columns
    .map((column, place) => ({ place, report: column.report((paths[place] ?? []).join('.'), unit, marks) }))
    .filter(({ place, report }) => report.filled > 0 || (header.cells[place] ?? '').trim() !== '')
    .map(({ report }) => report);
}
