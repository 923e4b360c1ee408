import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { Long } from 'bson';
import { parse } from 'csv-parse';
import { badInput } from '../../../errors.ts';
import type { Document } from '../../../mql/formats.ts';

type ColumnType = 'number' | 'boolean' | 'text';

/** Rows that decide the type of a column. */
const sampled = 1_000;

// A leading zero or a sign of its own makes a code (a postcode, a phone number), not a number.
const number = /^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/;

function typeOf(values: readonly string[]): ColumnType {
  const given = values.filter((value) => value !== '');
  if (given.length === 0) return 'text';
  if (given.every((value) => number.test(value))) return 'number';
  return given.every((value) => /^(true|false)$/i.test(value)) ? 'boolean' : 'text';
}

function numberOf(text: string): unknown {
  const value = Number(text);
  if (!Number.isInteger(value) || Number.isSafeInteger(value)) return value;
  // More digits than a double holds: a 64-bit integer if it is one, else the text as it stands.
  const exact = /^-?\d+$/.test(text) ? BigInt(text) : undefined;
  return exact !== undefined && BigInt.asIntN(64, exact) === exact ? Long.fromBigInt(exact) : text;
}

function cellValue(text: string, type: ColumnType): unknown {
  if (type === 'number' && number.test(text)) return numberOf(text);
  if (type === 'boolean' && /^(true|false)$/i.test(text)) return text.toLowerCase() === 'true';
  return text;
}

/** A dotted column is a field of an inner document, as for mongoimport. */
function put(document: Document, path: readonly string[], value: unknown): void {
  const [name = '', ...rest] = path;
  const inner = Object.hasOwn(document, name) ? document[name] : {};
  const made = rest.length === 0 ? value : inner;
  Object.defineProperty(document, name, {
    value: made,
    enumerable: true,
    configurable: true,
    writable: true,
  });
  if (rest.length > 0) put(made as Document, rest, value);
}

function documentOf(row: Record<string, string>, types: ReadonlyMap<string, ColumnType>): Document {
  const document: Document = {};
  for (const [name, text] of Object.entries(row)) {
    if (text !== '') put(document, name.split('.'), cellValue(text, types.get(name) ?? 'text'));
  }
  return document;
}

/** Spreadsheets of many countries separate by semicolons: the header tells. */
async function separatorOf(path: string): Promise<',' | ';'> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(65_536), 0, 65_536, 0);
    const [header = ''] = buffer.toString('utf8', 0, bytesRead).split(/\r?\n/, 1);
    return header.includes(';') && !header.includes(',') ? ';' : ',';
  } finally {
    await file.close();
  }
}

/** @throws HydrogenError `bad_input` for a header whose columns cannot be told apart. */
function checkHeader(names: readonly string[]): string[] {
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined)
    throw badInput(`The header has the column "${twice}" twice: give each its own name.`);
  const inside = names.find((name) => names.some((other) => other.startsWith(`${name}.`)));
  if (inside !== undefined)
    throw badInput(`The columns "${inside}" and "${inside}.…" cannot both be fields.`);
  if (names.some((name) => name === '' || name.split('.').includes(''))) {
    throw badInput('The header has a column without a name.');
  }
  return [...names];
}

/**
 * A document a row, named by the header. An empty cell is a missing field. A column is of numbers or of
 * booleans when every filled cell among its first 1,000 is; a later cell that is not stays text.
 */
export async function* readCsv(file: string, tabs: boolean): AsyncGenerator<Document> {
  const rows = createReadStream(file).pipe(
    parse({
      columns: checkHeader,
      bom: true,
      delimiter: tabs ? '\t' : await separatorOf(file),
      skip_empty_lines: true,
    }),
  );
  const held: Record<string, string>[] = [];
  let types: Map<string, ColumnType> | undefined;
  const decide = (): Map<string, ColumnType> => {
    const names = new Set(held.flatMap((row) => Object.keys(row)));
    return new Map([...names].map((name) => [name, typeOf(held.map((row) => row[name] ?? ''))]));
  };
  try {
    for await (const row of rows as AsyncIterable<Record<string, string>>) {
      if (types) {
        yield documentOf(row, types);
        continue;
      }
      held.push(row);
      if (held.length < sampled) continue;
      types = decide();
      for (const early of held.splice(0)) yield documentOf(early, types);
    }
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    if (code.startsWith('CSV_') && error instanceof Error)
      throw badInput(`The file is not valid CSV: ${error.message}`);
    throw error;
  }
  types ??= decide();
  for (const early of held) yield documentOf(early, types);
}
