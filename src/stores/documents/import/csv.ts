import { createReadStream } from 'node:fs';
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

function documentOf(row: Record<string, string>, types: ReadonlyMap<string, ColumnType>): Document {
  const fields = Object.entries(row).filter(([, text]) => text !== '');
  return Object.fromEntries(fields.map(([name, text]) => [name, cellValue(text, types.get(name) ?? 'text')]));
}

/**
 * A document a row, named by the header. An empty cell is a missing field. A column is of numbers or of
 * booleans when every filled cell among its first 1,000 is; a later cell that is not stays text.
 */
export async function* readCsv(file: string, delimiter: ',' | '\t' | ';'): AsyncGenerator<Document> {
  const rows = createReadStream(file).pipe(
    parse({ columns: true, bom: true, delimiter, skip_empty_lines: true, relax_column_count: false }),
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
