import { Decimal128, Double, Long, ObjectId } from 'bson';
import { badInput } from '../../../errors.ts';
import { beyondDouble, isDouble } from '../../../mql/values/exact-double.ts';
import { cellText, type TableCell } from '../../../tables/cells.ts';
import { convertible, momentOf } from '../../../tables/value-forms.ts';
import type { ColumnReport } from './document-reader.ts';

/** The types that a column can be given. */
const columnTypes = ['string', 'int', 'long', 'double', 'decimal', 'boolean', 'date', 'objectId'] as const;
type ColumnType = (typeof columnTypes)[number];

/** What stands before the fraction of a number. */
export type DecimalMark = '.' | ',';

const { integer, number, boolean, date } = convertible;
const withComma = /^-?\d+,\d+$/;

/**
 * What a cell looks like: a `wide` integer has more digits than a double keeps, and a `precise` number is neither a
 * double nor an integer of 64 bits.
 */
type CellKind = 'int' | 'long' | 'wide' | 'double' | 'precise' | 'boolean' | 'date' | 'text';

const isInt64 = (value: bigint): boolean => BigInt.asIntN(64, value) === value;

/** A number as JavaScript writes it. A mark of thousands is never guessed: `1.234` and `1,234` may both be one. */
function withPoint(text: string, decimal: DecimalMark): string {
  if (decimal === '.') return text;
  return text.includes('.') ? '' : text.replace(',', '.');
}

function integerKind(text: string): CellKind {
  const value = Number(text);
  // Only a double has it.
  if (Object.is(value, -0)) return 'double';
  if ((value | 0) === value) return 'int';
  if (Number.isSafeInteger(value)) return 'long';
  return text.length <= 20 && isInt64(BigInt(text)) ? 'wide' : 'precise';
}

function textKind(cell: string, decimal: DecimalMark): CellKind {
  const text = cell.trim();
  if (integer.test(text)) return integerKind(text);
  const plain = withPoint(text, decimal);
  if (number.test(plain)) return isDouble(plain) ? 'double' : 'precise';
  if (boolean.test(text)) return 'boolean';
  return date.test(text) && momentOf(text) ? 'date' : 'text';
}

function numberKind(value: number): CellKind {
  if (!Number.isSafeInteger(value) || Object.is(value, -0)) return 'double';
  return (value | 0) === value ? 'int' : 'long';
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

function doubleOf(text: string): unknown {
  if (/^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(text)) {
    return beyondDouble(text) ? undefined : asDouble(Number(text));
  }
  return /^(NaN|-?Infinity)$/.test(text) ? Number(text) : undefined;
}

/** Each returns `undefined` for text that is not of its type. */
const conversions: Readonly<Record<ColumnType, (text: string, decimal: DecimalMark) => unknown>> = {
  string: (text) => text,
  int(text) {
    const value = integerOf(text);
    return value !== undefined && BigInt.asIntN(32, value) === value ? Number(value) : undefined;
  },
  long(text) {
    const value = integerOf(text);
    return value !== undefined && isInt64(value) ? Long.fromBigInt(value) : undefined;
  },
  double: (text, decimal) => doubleOf(withPoint(text, decimal)),
  decimal: (text, decimal) => decimalOf(withPoint(text, decimal)),
  boolean(text) {
    if (/^(true|yes|1)$/i.test(text)) return true;
    return /^(false|no|0)$/i.test(text) ? false : undefined;
  },
  date: momentOf,
  objectId: (text) => (/^[0-9a-fA-F]{24}$/.test(text) ? ObjectId.createFromHexString(text) : undefined),
};

function converted(cell: TableCell, type: ColumnType, decimal: DecimalMark): unknown {
  if (cell instanceof Date && type === 'date') return cell;
  if (type === 'string') return cellText(cell);
  return conversions[type](cellText(cell).trim(), typeof cell === 'string' ? decimal : '.');
}

/** How the cells of a column become values. */
export type CellValue = (cell: TableCell) => unknown;

/** Statistics of a column from the first pass over the file. */
export interface Column {
  /** @param at its line or row */
  add(cell: TableCell, at: number): void;
  /** @param unit what places in the file are counted by */
  report(field: string, unit: string): ColumnReport;
  /** After the first pass. */
  value(): CellValue;
}

const maxExampleLength = 40;
const example = (cell: TableCell, at: number) => ({ at, text: cellText(cell).slice(0, maxExampleLength) });

/** A column with a requested type: cells that do not fit are counted. */
function typedColumn(type: ColumnType, decimal: DecimalMark): Column {
  let filled = 0;
  let odd = 0;
  let first: ColumnReport['example'];
  return {
    add(cell, at) {
      filled++;
      if (converted(cell, type, decimal) !== undefined) return;
      odd++;
      first ??= example(cell, at);
    },
    report: (field) => ({ field, type, filled, odd, ...(first && { example: first }) }),
    value: () => (cell) => converted(cell, type, decimal) ?? cell,
  };
}

type Counts = Record<CellKind, number>;

function families({ int, long, wide, double, precise, boolean: booleans, date: dates, text }: Counts) {
  const wholeType = long + wide > 0 ? ('long' as const) : ('int' as const);
  const numberType = double > 0 ? ('double' as const) : wholeType;
  const numbers = int + long + wide + double + precise;
  return {
    filled: numbers + booleans + dates + text,
    all: [
      {
        // Where no double keeps all of their digits.
        type: precise > 0 || (wide > 0 && double > 0) ? ('decimal' as const) : numberType,
        count: numbers,
        others: ['boolean', 'date', 'text'] as const,
      },
      {
        type: 'boolean' as const,
        count: booleans,
        others: ['int', 'long', 'wide', 'double', 'precise', 'date', 'text'] as const,
      },
      {
        type: 'date' as const,
        count: dates,
        others: ['int', 'long', 'wide', 'double', 'precise', 'boolean', 'text'] as const,
      },
      {
        type: 'string' as const,
        count: text,
        others: ['int', 'long', 'wide', 'double', 'precise', 'boolean', 'date'] as const,
      },
    ],
  };
}

/** Counts kinds of cells, with the first of each. */
function createKinds() {
  const counts: Counts = { int: 0, long: 0, wide: 0, double: 0, precise: 0, boolean: 0, date: 0, text: 0 };
  const examples: Partial<Record<CellKind, NonNullable<ColumnReport['example']>>> = {};
  return {
    counts,
    add(kind: CellKind, cell: TableCell, at: number): void {
      counts[kind]++;
      examples[kind] ??= example(cell, at);
    },
    firstOf: (kinds: readonly CellKind[]) =>
      kinds.map((kind) => examples[kind]).find((one) => one !== undefined),
  };
}

/** A column of text: one type for all cells, or text, since a query would compare a mixed column in two ways. */
function inferredColumn(decimal: DecimalMark): Column {
  const { counts, add, firstOf } = createKinds();
  let commas = 0;

  function typeOf(): {
    readonly type: ColumnType;
    readonly mostly?: ReturnType<typeof families>['all'][number];
  } {
    const { all, filled } = families(counts);
    const main = all.find(({ count }) => 2 * count > filled);
    if (!main || main.type === 'string') return { type: 'string' };
    if (main.count < filled) return { type: 'string', mostly: main };
    // Decimals are slow, and not what most tools expect: they are for those who ask for them.
    return { type: main.type === 'decimal' ? 'string' : main.type };
  }

  /** What the owner of the file may want to tell. */
  function hintOf(field: string, unit: string, type: ColumnType, filled: number): string | undefined {
    const { int, long, double } = counts;
    const [numbers] = families(counts).all;
    if (numbers?.type === 'decimal' && numbers.count === filled) {
      const { text = '', at = 0 } = firstOf(['precise', 'wide']) ?? {};
      return `text, since a double would change "${text}" in ${unit} ${at}; --type ${field}=decimal keeps all digits, =double rounds`;
    }
    if (type === 'string' && commas > 0 && 2 * (commas + int + long + double) > filled) {
      return 'numbers with a decimal comma are text; --decimal , reads them';
    }
    return undefined;
  }

  return {
    add(cell, at) {
      const text = String(cell);
      const kind = textKind(text, decimal);
      add(kind, cell, at);
      if (kind === 'text' && decimal === '.' && withComma.test(text.trim())) commas++;
    },
    report(field, unit) {
      const { filled } = families(counts);
      const { type, mostly } = typeOf();
      const hint = hintOf(field, unit, type, filled);
      const found = { field, type, filled, ...(hint !== undefined && { hint }) };
      if (!mostly) return { ...found, odd: 0 };
      const first = firstOf(mostly.others);
      return { ...found, mostly: mostly.type, odd: filled - mostly.count, ...(first && { example: first }) };
    },
    value() {
      const { type } = typeOf();
      return (cell) => converted(cell, type, decimal) ?? cell;
    },
  };
}

/** A column whose cells have types of their own, as in a spreadsheet: they keep them. */
function givenColumn(): Column {
  const { counts, add, firstOf } = createKinds();
  const kindOf = (cell: TableCell): CellKind => {
    if (typeof cell === 'number') return numberKind(cell);
    if (typeof cell === 'boolean') return 'boolean';
    return typeof cell === 'string' ? 'text' : 'date';
  };
  return {
    add: (cell, at) => add(kindOf(cell), cell, at),
    report(field) {
      const { all, filled } = families(counts);
      const main = all.reduce((most, one) => (one.count > most.count ? one : most));
      const first = firstOf(main.others);
      const type = filled === 0 ? 'string' : main.type;
      return { field, type, filled, odd: filled - main.count, ...(first && { example: first }) };
    },
    value() {
      const isDouble = counts.double > 0;
      return (cell) => {
        if (typeof cell !== 'number') return cell;
        if (isDouble || !Number.isSafeInteger(cell)) return asDouble(cell);
        return numberKind(cell) === 'int' ? cell : Long.fromNumber(cell);
      };
    },
  };
}

/**
 * @param isTyped the cells have types of their own
 * @throws HydrogenError `bad_input` for a type that is none
 */
export function columnOf(requested: string | undefined, isTyped: boolean, decimal: DecimalMark): Column {
  if (requested === undefined) return isTyped ? givenColumn() : inferredColumn(decimal);
  const type = columnTypes.find((name) => name.toLowerCase() === requested.toLowerCase());
  if (type) return typedColumn(type, decimal);
  throw badInput(`"${requested}" is not a column type: ${columnTypes.join(', ')}.`);
}
