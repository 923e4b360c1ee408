import type { Binary, BSONSymbol, ObjectId } from 'bson';
import { type Document, stringifyExtendedJson } from '../../../mql/formats.ts';
import { typeName } from '../../../mql/values/types.ts';

const isObject = (value: unknown): value is Document => typeName(value) === 'object';
const isEmpty = (value: unknown): boolean =>
  value === null || value === undefined || (isObject(value) && Object.keys(value).length === 0);

/**
 * The fields of a document as columns: fields of nested documents are dotted, an array is one cell.
 * @param whole columns that are not flattened, even for a nested document
 */
export function* cellsOf(
  document: Document,
  whole: { has(column: string): boolean },
  prefix = '',
): Generator<[column: string, value: unknown]> {
  for (const [name, value] of Object.entries(document)) {
    const path = prefix + name;
    if (isObject(value) && !isEmpty(value) && !whole.has(path)) yield* cellsOf(value, whole, `${path}.`);
    else yield [path, value];
  }
}

/** Collects the columns that occur, in order of first appearance. */
export function createColumns(): { add(document: Document): void; size(): number; list(): string[] } {
  const filled = new Map<string, boolean>();
  const none = new Set<string>();
  return {
    add(document) {
      for (const [path, value] of cellsOf(document, none)) {
        filled.set(path, filled.get(path) === true || !isEmpty(value));
      }
    },
    size: () => filled.size,
    list() {
      const columns = [...filled.keys()];
      const parents = new Set(
        columns.flatMap((path) => [...path.matchAll(/\./g)].map(({ index }) => path.slice(0, index))),
      );
      const inFilled = (path: string): boolean =>
        [...path.matchAll(/\./g)].some(({ index }) => filled.get(path.slice(0, index)) === true);
      // A path that holds a value here and a nested document there is one column; one that is only ever empty is none.
      return columns.filter((path) => !inFilled(path) && (filled.get(path) === true || !parents.has(path)));
    },
  };
}

/** A value as a spreadsheet or `hydrogen import` reads it; anything but a scalar is relaxed Extended JSON. */
export function cellText(value: unknown): string {
  switch (typeName(value)) {
    case 'missing':
    case 'null':
      return '';
    case 'string':
      return value as string;
    case 'symbol':
      return (value as BSONSymbol).value;
    case 'objectId':
      return (value as ObjectId).toHexString();
    case 'int':
    case 'double':
    case 'long':
    case 'decimal':
    case 'bool':
      return Object.is(value, -0) ? '-0' : String(value);
    case 'date': {
      const date = value as Date;
      return Number.isNaN(date.getTime()) ? '' : date.toISOString();
    }
    case 'binData':
      return Buffer.from((value as Binary).buffer ?? (value as Uint8Array)).toString('base64');
    default:
      return stringifyExtendedJson(value, { relaxed: true });
  }
}

/**
 * Whether a spreadsheet program may take a text for a formula, which can call other programs or send what is in other
 * cells elsewhere. Signs before what can only be a number, as of telephones, are none.
 */
export const looksLikeFormula = (text: string): boolean => /^(?:[=@\t\r]|[+-](?![\d\s.,()/-]*$))/.test(text);

/** A row of CSV (RFC 4180), including its line ending. */
export function csvRow(cells: readonly string[]): string {
  const quoted = cells.map((cell) => (/[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell));
  // A row with one empty cell would be an empty line, which readers skip.
  return quoted.length === 1 && quoted[0] === '' ? '""\r\n' : `${quoted.join(',')}\r\n`;
}
