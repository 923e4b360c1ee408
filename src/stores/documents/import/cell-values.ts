import { Decimal128, Double, Long, ObjectId } from 'bson';
import { beyondDouble } from '../../../mql/values/exact-double.ts';
import { cellText, type TableCell } from '../../../tables/cells.ts';
import type { DateForm } from './date-forms.ts';
import type { NumberMarks } from './number-marks.ts';

/** The types that a column can be given. */
export const columnTypes = [
  'string',
  'int',
  'long',
  'double',
  'decimal',
  'boolean',
  'date',
  'objectId',
] as const;
export type ColumnType = (typeof columnTypes)[number];

/** How the values of a table are written. */
export interface Notation {
  readonly marks: NumberMarks;
  readonly dates: DateForm;
}

/** As an export writes them. */
export const notFinite = /^(?:NaN|-?Infinity)$/;

export const isInt64 = (value: bigint): boolean => BigInt.asIntN(64, value) === value;

export const asDouble = (value: number): unknown => (Number.isInteger(value) ? new Double(value) : value);

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
  return notFinite.test(text) ? Number(text) : undefined;
}

/**
 * Each returns `undefined` for text that is not of its type.
 * Parameters: the text, and what it is as a number with a decimal point and no other marks.
 */
const conversions: Readonly<
  Record<Exclude<ColumnType, 'string' | 'date'>, (text: string, plain: string) => unknown>
> = {
  int(_text, plain) {
    const value = integerOf(plain);
    return value !== undefined && BigInt.asIntN(32, value) === value ? Number(value) : undefined;
  },
  long(_text, plain) {
    const value = integerOf(plain);
    return value !== undefined && isInt64(value) ? Long.fromBigInt(value) : undefined;
  },
  double: (_text, plain) => doubleOf(plain),
  decimal: (_text, plain) => decimalOf(plain),
  boolean(text) {
    if (/^(true|yes|1)$/i.test(text)) return true;
    return /^(false|no|0)$/i.test(text) ? false : undefined;
  },
  objectId: (text) => (/^[0-9a-fA-F]{24}$/.test(text) ? ObjectId.createFromHexString(text) : undefined),
};

export function converted(cell: TableCell, type: ColumnType, { marks, dates }: Notation): unknown {
  if (cell instanceof Date && type === 'date') return cell;
  if (type === 'string') return cellText(cell);
  const text = cellText(cell).trim();
  if (type === 'date') return dates.read(text);
  return conversions[type](text, typeof cell === 'string' ? marks.plain(text) : text);
}
