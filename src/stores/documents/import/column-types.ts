import { Long } from 'bson';
import { badInput } from '../../../errors.ts';
import { isDouble } from '../../../mql/values/exact-double.ts';
import { cellText, type TableCell } from '../../../tables/cells.ts';
import { convertible } from '../../../tables/value-forms.ts';
import {
  asDouble,
  type ColumnType,
  columnTypes,
  converted,
  isInt64,
  type Notation,
  notFinite,
} from './cell-values.ts';
import { createDateTally } from './date-forms.ts';
import type { ColumnReport } from './document-reader.ts';
import { createMarkTally } from './number-marks.ts';

const { integer, number, boolean, date } = convertible;

/**
 * What a cell looks like: a `wide` integer has more digits than a double keeps, and a `precise` number is neither a
 * double nor an integer of 64 bits. `NaN` and the infinities are text where no other number is in the column.
 */
type CellKind = 'int' | 'long' | 'wide' | 'double' | 'precise' | 'notFinite' | 'boolean' | 'date' | 'text';

function integerKind(text: string): CellKind {
  const value = Number(text);
  // Only a double has it.
  if (Object.is(value, -0)) return 'double';
  if ((value | 0) === value) return 'int';
  if (Number.isSafeInteger(value)) return 'long';
  return text.length <= 20 && isInt64(BigInt(text)) ? 'wide' : 'precise';
}

function textKind(text: string, { marks, dates }: Notation): CellKind {
  const plain = marks.plain(text);
  if (integer.test(plain)) return integerKind(plain);
  if (number.test(plain)) return isDouble(plain) ? 'double' : 'precise';
  if (notFinite.test(text)) return 'notFinite';
  if (boolean.test(text)) return 'boolean';
  if (date.test(text) && dates.read(text)) return 'date';
  return dates.inFormat(text) ? 'date' : 'text';
}

function numberKind(value: number): CellKind {
  if (!Number.isSafeInteger(value) || Object.is(value, -0)) return 'double';
  return (value | 0) === value ? 'int' : 'long';
}

/** What the whole table shows, once all rows are read. */
export interface TableMarks {
  /** Some column has numbers with a decimal comma, so that a point need not be decimal in another. */
  readonly hasDecimalComma: boolean;
}

/** How the cells of a column become values. */
export type CellValue = (cell: TableCell) => unknown;

/** Statistics of a column from the first pass over the file. */
export interface Column {
  /** @param at its line or row */
  add(cell: TableCell, at: number): void;
  /** After the first pass, whether its numbers have a decimal comma for certain. */
  hasDecimalComma(): boolean;
  /** @param unit what places in the file are counted by */
  report(field: string, unit: string, table: TableMarks): ColumnReport;
  value(table: TableMarks): CellValue;
}

const commaHint = (number: string, options: string): string =>
  `holds numbers like ${number} as text: ${options} reads them as numbers`;

const maxExampleLength = 40;
const example = (cell: TableCell, at: number) => ({ at, text: cellText(cell).slice(0, maxExampleLength) });

/** A column with a requested type: cells that do not fit are counted. */
function typedColumn(type: ColumnType, notation: Notation): Column {
  const { marks, dates } = notation;
  const dateTally = createDateTally();
  const tally = createMarkTally();
  const isNumber = ['int', 'long', 'double', 'decimal'].includes(type);
  let filled = 0;
  let odd = 0;
  let first: ColumnReport['example'];
  /** A text only since it has points between thousands. */
  let grouped: string | undefined;

  function hintOf({ hasDecimalComma }: TableMarks): string | undefined {
    const { group, hasDecimalComma: isComma } = tally;
    if (type === 'date') return dateTally.hint(filled, dates);
    if (type === 'boolean' && odd === filled)
      return 'would be boolean with true, yes or 1, and false, no or 0';
    if (!isNumber) return undefined;
    if (group === undefined) {
      return isComma && marks.decimal === '.' ? commaHint(tally.comma, '--decimal ,') : undefined;
    }
    if (type !== 'int' && type !== 'long' && marks.decimal === '.' && !marks.isTold && hasDecimalComma) {
      return `reads "${group}" with a decimal point, though other columns have a decimal comma: --thousands . reads thousands`;
    }
    const isReadable = grouped !== undefined && (marks.decimal === ',' || !marks.isTold);
    return isReadable ? `holds "${grouped}" as text: --thousands . reads it` : undefined;
  }

  return {
    add(cell, at) {
      filled++;
      const { groups } = tally;
      if (isNumber && typeof cell === 'string') tally.add(cell.trim());
      if (converted(cell, type, notation) !== undefined) return;
      if (type === 'date' && typeof cell === 'string') dateTally.add(cell.trim());
      if (tally.groups > groups) grouped ??= example(cell, at).text;
      odd++;
      first ??= example(cell, at);
    },
    hasDecimalComma: () => isNumber && tally.hasDecimalComma,
    report(field, _unit, table) {
      const hint = hintOf(table);
      return {
        field,
        type,
        filled,
        odd,
        ...(first && { example: first }),
        ...(hint !== undefined && { hint }),
      };
    },
    value: () => (cell) => converted(cell, type, notation) ?? cell,
  };
}

type Counts = Record<CellKind, number>;

const numberKinds = ['int', 'long', 'wide', 'double', 'precise', 'notFinite'] as const;

function families(counts: Counts) {
  const { int, long, wide, precise, boolean: booleans, date: dates } = counts;
  const finite = int + long + wide + counts.double + precise;
  const double = counts.double + (finite > 0 ? counts.notFinite : 0);
  const text = counts.text + (finite > 0 ? 0 : counts.notFinite);
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
        others: [...numberKinds, 'date', 'text'] as const,
      },
      {
        type: 'date' as const,
        count: dates,
        others: [...numberKinds, 'boolean', 'text'] as const,
      },
      {
        type: 'string' as const,
        count: text,
        others: [...numberKinds, 'boolean', 'date'] as const,
      },
    ],
  };
}

/** Counts kinds of cells, with the first of each. */
function createKinds() {
  const counts: Counts = {
    ...{ int: 0, long: 0, wide: 0, double: 0, precise: 0, notFinite: 0 },
    ...{ boolean: 0, date: 0, text: 0 },
  };
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
function inferredColumn(notation: Notation): Column {
  const { marks, dates } = notation;
  const dateTally = createDateTally();
  const { counts, add, firstOf } = createKinds();
  const tally = createMarkTally();
  /** Numbers that are text only since points stand before groups of three of their digits. */
  let groupedTexts = 0;

  /** The number that keeps the column text, since its points may stand between thousands. */
  function doubtful({ hasDecimalComma }: TableMarks): string | undefined {
    const isReadAsPoint = marks.decimal === '.' && (marks.isTold || !hasDecimalComma);
    const { group } = tally;
    if (group === undefined || isReadAsPoint) return undefined;
    return marks.decimal === ',' && groupedTexts === 0 ? undefined : group;
  }

  function typeOf(table: TableMarks): {
    readonly type: ColumnType;
    readonly mostly?: ReturnType<typeof families>['all'][number];
  } {
    const { all, filled } = families(counts);
    const [numbers] = all;
    const isDoubtful = doubtful(table) !== undefined;
    // Nothing is odd about it but the marks.
    if (isDoubtful && (numbers?.count ?? 0) + groupedTexts === filled) return { type: 'string' };
    const main = all.find(({ count }) => 2 * count > filled);
    if (!main || main.type === 'string') return { type: 'string' };
    if (main.count < filled) return { type: 'string', mostly: main };
    // Decimals are slow, and not what most tools expect: they are for those who ask for them.
    return { type: main.type === 'decimal' ? 'string' : main.type };
  }

  /** Whether most cells are numbers, were the comma before their fractions. */
  function isCommaColumn(): boolean {
    const { int, long, double } = counts;
    const { filled } = families(counts);
    return marks.decimal === '.' && tally.commas > 0 && 2 * (tally.commas + int + long + double) > filled;
  }

  /** Where a decimal point that was told is read as one, and may not be one. */
  function pointHint(type: ColumnType, { hasDecimalComma }: TableMarks): string | undefined {
    if (type !== 'double' || tally.group === undefined || !hasDecimalComma) return undefined;
    return `reads "${tally.group}" with a decimal point, as --decimal . says, though other columns have a decimal comma`;
  }

  /** What the owner of the file may want to tell. */
  function hintOf(field: string, unit: string, table: TableMarks): string | undefined {
    const { all, filled } = families(counts);
    const { type } = typeOf(table);
    const [numbers] = all;
    const group = doubtful(table);
    const count = (numbers?.count ?? 0) + groupedTexts;
    if (counts.notFinite > 0 && counts.notFinite === filled) {
      return `is text, since it holds nothing but NaN or Infinity: --type ${field}=double makes numbers`;
    }
    if (type === 'string' && isCommaColumn()) {
      const options = group === undefined ? '--decimal ,' : '--decimal , --thousands .';
      return commaHint(tally.comma, options);
    }
    if (type === 'string' && group !== undefined && 2 * count > filled) {
      return `is text, since the points in "${group}" may stand between thousands: --thousands . reads them`;
    }
    if (numbers?.type === 'decimal' && numbers.count === filled) {
      const { text = '', at = 0 } = firstOf(['precise', 'wide']) ?? {};
      return `is text, since a double would change "${text}" in ${unit} ${at}: --type ${field}=decimal keeps all digits, =double rounds`;
    }
    return type === 'string' ? dateTally.hint(filled, dates) : pointHint(type, table);
  }

  return {
    add(cell, at) {
      const text = String(cell).trim();
      const kind = textKind(text, notation);
      add(kind, cell, at);
      const { groups } = tally;
      tally.add(text);
      if (kind !== 'text') return;
      if (tally.groups > groups) groupedTexts++;
      dateTally.add(text);
    },
    hasDecimalComma: () => isCommaColumn() && tally.hasDecimalComma,
    report(field, unit, table) {
      const { filled } = families(counts);
      const { type, mostly } = typeOf(table);
      const hint = hintOf(field, unit, table);
      const found = { field, type, filled, ...(hint !== undefined && { hint }) };
      if (!mostly) return { ...found, odd: 0 };
      const first = firstOf(mostly.others);
      return { ...found, mostly: mostly.type, odd: filled - mostly.count, ...(first && { example: first }) };
    },
    value(table) {
      const { type } = typeOf(table);
      return (cell) => converted(cell, type, notation) ?? cell;
    },
  };
}

/**
 * A column whose cells have types of their own, as in a spreadsheet: they keep them, but texts become dates where all of
 * the column are dates in the format that was told.
 */
function givenColumn({ dates }: Notation): Column {
  const { counts, add, firstOf } = createKinds();
  const dateTally = createDateTally();
  let inFormat = 0;
  const kindOf = (cell: TableCell): CellKind => {
    if (typeof cell === 'number') return numberKind(cell);
    if (typeof cell === 'bigint') return 'wide';
    if (typeof cell === 'boolean') return 'boolean';
    return typeof cell === 'string' ? 'text' : 'date';
  };
  const areDates = (): boolean =>
    inFormat > 0 && inFormat === counts.text && inFormat + counts.date === families(counts).filled;
  return {
    add(cell, at) {
      add(kindOf(cell), cell, at);
      if (typeof cell !== 'string') return;
      if (dates.inFormat(cell.trim())) inFormat++;
      dateTally.add(cell.trim());
    },
    hasDecimalComma: () => false,
    report(field) {
      const { all, filled } = families(counts);
      if (areDates()) return { field, type: 'date', filled, odd: 0 };
      const main = all.reduce((most, one) => (one.count > most.count ? one : most));
      const first = firstOf(main.others);
      const hint = dateTally.hint(counts.text, dates);
      // Cells keep their types: integers that a double would change stay what they are among doubles.
      const mainType = main.type === 'decimal' ? 'double' : main.type;
      const type = filled === 0 ? 'string' : mainType;
      return {
        field,
        type,
        filled,
        odd: filled - main.count,
        ...(first && { example: first }),
        ...(hint !== undefined && counts.text + counts.date === filled && { hint }),
      };
    },
    value() {
      const isDouble = counts.double > 0;
      const isDate = areDates();
      return (cell) => {
        if (typeof cell === 'bigint') return Long.fromBigInt(cell);
        if (typeof cell === 'string' && isDate) return dates.inFormat(cell.trim());
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
export function columnOf(requested: string | undefined, isTyped: boolean, notation: Notation): Column {
  if (requested === undefined) return isTyped ? givenColumn(notation) : inferredColumn(notation);
  const type = columnTypes.find((name) => name.toLowerCase() === requested.toLowerCase());
  if (type) return typedColumn(type, notation);
  throw badInput(`"${requested}" is not a column type: ${columnTypes.join(', ')}.`);
}
