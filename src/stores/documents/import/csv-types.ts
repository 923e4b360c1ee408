import { Decimal128, Double, Long, ObjectId } from 'bson';
import { badInput } from '../../../errors.ts';
import type { ColumnReport } from './document-reader.ts';

/** The types that a column can be given. */
const columnTypes = ['string', 'int', 'long', 'double', 'decimal', 'boolean', 'date', 'objectId'] as const;
export type ColumnType = (typeof columnTypes)[number];

const integer = /^-?(0|[1-9]\d*)$/;
// A leading zero or an explicit plus sign means a code (a postcode, a phone number), not a number.
const number = /^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/;
const boolean = /^(true|false)$/i;
// Without a time zone the moment is unknown, and digits beyond milliseconds would be lost: these stay text.
const date = /^\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d{1,3})?)?(Z|[+-]\d\d:?\d\d))?$/;

/** What a cell looks like: `wide` integers have more digits than a double can hold. */
type CellKind = 'int' | 'long' | 'wide' | 'double' | 'boolean' | 'date' | 'text';

const isInt64 = (value: bigint): boolean => BigInt.asIntN(64, value) === value;

/** The moment of an ISO 8601 text, UTC where it names no zone; undefined for a day its month does not have. */
function momentOf(text: string): Date | undefined {
  const parts = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d(?:\.\d+)?)?)(Z|[+-]\d\d(?::?\d\d)?)?)?$/.exec(
    text,
  );
  if (!parts) return undefined;
  const [, day = '', time = '00:00', zone = 'Z'] = parts;
  const midnight = new Date(`${day}T00:00Z`);
  if (Number.isNaN(midnight.getTime()) || !midnight.toISOString().startsWith(day)) return undefined;
  const offset = zone === 'Z' ? zone : `${zone.slice(0, 3)}:${zone.slice(3).replace(':', '') || '00'}`;
  const moment = new Date(`${day}T${time}${offset}`);
  return Number.isNaN(moment.getTime()) ? undefined : moment;
}

function cellKind(text: string): CellKind {
  if (integer.test(text)) {
    const value = Number(text);
    if (Object.is(value, -0)) return 'text';
    if ((value | 0) === value) return 'int';
    if (Number.isSafeInteger(value)) return 'long';
    return isInt64(BigInt(text)) ? 'wide' : 'text';
  }
  if (number.test(text)) return Number.isFinite(Number(text)) ? 'double' : 'text';
  if (boolean.test(text)) return 'boolean';
  return date.test(text) && momentOf(text) ? 'date' : 'text';
}

const asDouble = (value: number): unknown => (Number.isInteger(value) ? new Double(value) : value);

function integerOf(text: string): bigint | undefined {
  return /^[+-]?\d{1,20}$/.test(text) ? BigInt(text.replace('+', '')) : undefined;
}

function decimalOf(text: string): Decimal128 | undefined {
  try {
    return Decimal128.fromString(text);
  } catch {
    return undefined;
  }
}

/** Each returns `undefined` for text that is not of its type. */
const conversions: Readonly<Record<ColumnType, (text: string) => unknown>> = {
  string: (text) => text,
  int(text) {
    const value = integerOf(text);
    return value !== undefined && BigInt.asIntN(32, value) === value ? Number(value) : undefined;
  },
  long(text) {
    const value = integerOf(text);
    return value !== undefined && isInt64(value) ? Long.fromBigInt(value) : undefined;
  },
  double(text) {
    if (/^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(text)) return asDouble(Number(text));
    return /^(NaN|-?Infinity)$/.test(text) ? Number(text) : undefined;
  },
  decimal: decimalOf,
  boolean(text) {
    if (/^(true|yes|1)$/i.test(text)) return true;
    return /^(false|no|0)$/i.test(text) ? false : undefined;
  },
  date: momentOf,
  objectId: (text) => (/^[0-9a-fA-F]{24}$/.test(text) ? ObjectId.createFromHexString(text) : undefined),
};

/** The value of a cell; one that does not fit its column's type stays text. */
export function cellValue(text: string, type: ColumnType): unknown {
  return conversions[type](text) ?? text;
}

/** Statistics of a column from the first pass over the file. */
export interface Column {
  add(text: string, row: number): void;
  report(field: string): ColumnReport & { readonly type: ColumnType };
}

const maxExampleLength = 40;

/** A column with a requested type: cells that do not fit are counted. */
function typedColumn(type: ColumnType): Column {
  let filled = 0;
  let odd = 0;
  let example: ColumnReport['example'];
  return {
    add(text, row) {
      filled++;
      if (conversions[type](text) !== undefined) return;
      odd++;
      example ??= { row, text: text.slice(0, maxExampleLength) };
    },
    report: (field) => ({ field, type, filled, odd, ...(example && { example }) }),
  };
}

/** One type for all cells, or text: a query would compare a mixed column in two ways. */
function inferredColumn(): Column {
  const counts: Record<CellKind, number> = {
    int: 0,
    long: 0,
    wide: 0,
    double: 0,
    boolean: 0,
    date: 0,
    text: 0,
  };
  const examples: Partial<Record<CellKind, NonNullable<ColumnReport['example']>>> = {};
  const numeric = (): ColumnType => {
    if (counts.double > 0) return 'double';
    return counts.long + counts.wide > 0 ? 'long' : 'int';
  };
  return {
    add(text, row) {
      const kind = cellKind(text);
      counts[kind]++;
      examples[kind] ??= { row, text: text.slice(0, maxExampleLength) };
    },
    report(field) {
      const { int, long, wide, double, boolean, date, text } = counts;
      const numbers = int + long + wide + double;
      const filled = numbers + boolean + date + text;
      const families = [
        { type: numeric(), count: numbers, looks: ['boolean', 'date', 'text'] as const },
        {
          type: 'boolean' as const,
          count: boolean,
          looks: ['int', 'long', 'double', 'date', 'text'] as const,
        },
        { type: 'date' as const, count: date, looks: ['int', 'long', 'double', 'boolean', 'text'] as const },
      ];
      const main = families.find(({ count }) => 2 * count > filled);
      // A double would lose the last digits of a wide integer in the same column.
      const exact = main?.type !== 'double' || wide === 0;
      if (main && main.count === filled && exact) return { field, type: main.type, filled, odd: 0 };
      if (!main || main.count === filled) return { field, type: 'string', filled, odd: 0 };
      const example = main.looks.map((kind) => examples[kind]).find((found) => found !== undefined);
      return {
        field,
        type: 'string',
        mostly: main.type,
        filled,
        odd: filled - main.count,
        ...(example && { example }),
      };
    },
  };
}

export function columnOf(requested: string | undefined): Column {
  if (requested === undefined) return inferredColumn();
  const type = columnTypes.find((name) => name.toLowerCase() === requested.toLowerCase());
  if (type) return typedColumn(type);
  throw badInput(`"${requested}" is not a column type: ${columnTypes.join(', ')}.`);
}
