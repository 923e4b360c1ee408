import { Readable } from 'node:stream';
import { parse } from 'csv-parse';
import { badInput } from '../../../errors.ts';
import { type Document, encode } from '../../../mql/formats.ts';
import { similarNames } from '../../../similar-names.ts';
import { type ColumnType, cellValue, columnOf } from './csv-types.ts';
import type { ColumnReport, DocumentReader, ReadDocument } from './document-reader.ts';
import type { FileBytes } from './file-bytes.ts';

type Types = Readonly<Record<string, string>>;

/** Spreadsheets in many countries separate by semicolons; the header shows which is used. */
async function separatorOf(bytes: FileBytes): Promise<',' | ';'> {
  for await (const chunk of bytes.read()) {
    const [header = ''] = chunk.toString('utf8', 0, 65_536).split(/\r?\n/, 1);
    return header.includes(';') && !header.includes(',') ? ';' : ',';
  }
  return ',';
}

/** @throws HydrogenError `bad_input` for a header whose columns cannot be told apart. */
function checkHeader(names: readonly string[]): readonly string[] {
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined)
    throw badInput(`The header has the column "${twice}" twice: give each its own name.`);
  const inside = names.find((name) => names.some((longer) => longer.startsWith(`${name}.`)));
  if (inside !== undefined)
    throw badInput(`The columns "${inside}" and "${inside}.…" cannot both be fields.`);
  if (names.some((name) => name === '' || name.split('.').includes(''))) {
    throw badInput('The header has a column without a name.');
  }
  return names;
}

/** @throws HydrogenError `bad_input` for the type of a column that does not exist. */
function checkTypes(types: Types, names: readonly string[]): void {
  for (const name of Object.keys(types)) {
    if (names.includes(name)) continue;
    const suggestions = similarNames(name, names).map((suggestion) => `"${suggestion}"`);
    const hint =
      suggestions.length > 0 ? `did you mean ${suggestions.join(' or ')}?` : `there is ${names.join(', ')}.`;
    throw badInput(`There is no column "${name}" to give a type: ${hint}`);
  }
}

/** Text in chunks. @throws HydrogenError `bad_input` if it is not UTF-8. */
async function* textOf(bytes: FileBytes): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  try {
    for await (const chunk of bytes.read()) yield decoder.decode(chunk, { stream: true });
    yield decoder.decode();
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw badInput('The file is not UTF-8 text: save it as UTF-8 ("CSV UTF-8" in a spreadsheet program).');
  }
}

async function* rowsOf(bytes: FileBytes, delimiter: string): AsyncGenerator<readonly string[]> {
  const parser = parse({ bom: true, delimiter, skip_empty_lines: true });
  const text = Readable.from(textOf(bytes));
  text.on('error', (error) => parser.destroy(error));
  try {
    yield* text.pipe(parser) as AsyncIterable<string[]>;
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    if (!code.startsWith('CSV_') || !(error instanceof Error)) throw error;
    throw badInput(`The file is not valid CSV: ${error.message}`);
  } finally {
    text.destroy();
  }
}

/** A dotted column is a field of a nested document, as in mongoimport. */
function setField(document: Document, path: readonly string[], value: unknown): void {
  const [name = '', ...rest] = path;
  const inner = Object.hasOwn(document, name) ? document[name] : {};
  const made = rest.length === 0 ? value : inner;
  Object.defineProperty(document, name, {
    value: made,
    enumerable: true,
    configurable: true,
    writable: true,
  });
  if (rest.length > 0) setField(made as Document, rest, value);
}

/** The header counts as row 1, as spreadsheets show it. */
const firstRow = 2;

async function survey(
  bytes: FileBytes,
  delimiter: string,
  types: Types,
): Promise<(ColumnReport & { readonly type: ColumnType })[]> {
  let names: readonly string[] | undefined;
  let columns: ReturnType<typeof columnOf>[] = [];
  let row = firstRow;
  for await (const cells of rowsOf(bytes, delimiter)) {
    if (!names) {
      names = checkHeader(cells);
      checkTypes(types, names);
      columns = names.map((name) => columnOf(Object.hasOwn(types, name) ? types[name] : undefined));
      continue;
    }
    for (const [i, text] of cells.entries()) if (text !== '') columns[i]?.add(text, row);
    row++;
  }
  return (names ?? []).map((name, i) => (columns[i] ?? columnOf(undefined)).report(name));
}

/**
 * One document per row, with names from the header; an empty cell is a missing field. The file is read once for the
 * types of its columns and once for its documents. A column has numbers, booleans or dates if all its cells do.
 * @param types by column, overriding inference; cells that do not fit stay text
 * @throws HydrogenError `bad_input` for invalid CSV
 */
export async function csv(bytes: FileBytes, tabs: boolean, types: Types): Promise<DocumentReader> {
  const delimiter = tabs ? '\t' : await separatorOf(bytes);
  const columns = await survey(bytes, delimiter, types);
  const fields = columns.map(({ field, type }) => ({ path: field.split('.'), type }));
  const place = (at: number): string => `Row ${at.toLocaleString('en')}`;
  async function* read(): AsyncGenerator<ReadDocument> {
    let at = firstRow - 1;
    for await (const cells of rowsOf(bytes, delimiter)) {
      if (at++ === firstRow - 1) continue;
      const document: Document = {};
      for (const [i, { path, type }] of fields.entries()) {
        const text = cells[i] ?? '';
        if (text !== '') setField(document, path, cellValue(text, type));
      }
      yield { bson: encode(document), at: at - 1 };
    }
  }
  return { read, place, checked: true, columns };
}
