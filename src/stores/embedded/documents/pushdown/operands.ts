import { T, typeNumber, unboxed } from '../../../../mql/values/types.ts';
import type { Columns, Parameter } from './columns.ts';
import { isPlain } from './jsonb.ts';
import { dateText, TAG } from './scalars.ts';

/** How an operand of a comparison appears in the projection. */
export type Operand =
  | { readonly kind: 'number'; readonly value: Parameter }
  | { readonly kind: 'text'; readonly tag: string; readonly value: string; readonly plain: boolean }
  | { readonly kind: 'null' | 'nan' | 'decimal' | 'document' | 'array' | 'other' | 'unknown' };

function text(tag: string, body: string): Operand {
  return { kind: 'text', tag, value: tag + body, plain: isPlain(body) };
}

export function operandOf(given: unknown): Operand {
  const value = unboxed(given);
  if (typeof value === 'number') {
    return Number.isNaN(value) ? { kind: 'nan' } : { kind: 'number', value };
  }
  if (typeof value === 'bigint') return fitsLong(value) ? { kind: 'number', value } : { kind: 'unknown' };
  switch (typeNumber(value)) {
    case T.missing:
      return { kind: 'unknown' };
    case T.null:
      return { kind: 'null' };
    case T.string:
      return String(value).isWellFormed() ? text(TAG.string, String(value)) : { kind: 'unknown' };
    case T.long:
      return { kind: 'number', value: (value as { toBigInt(): bigint }).toBigInt() };
    case T.objectId:
      return text(TAG.objectId, (value as { toHexString(): string }).toHexString());
    case T.bool:
      return text(TAG.bool, value === true ? '1' : '0');
    case T.date: {
      const body = dateText(value as Date);
      return body === undefined ? { kind: 'unknown' } : text(TAG.date, body);
    }
    case T.decimal:
      return { kind: 'decimal' };
    case T.object:
      return { kind: 'document' };
    case T.array:
      return { kind: 'array' };
    case T.binData:
    case T.timestamp:
      return { kind: 'other' };
    default:
      return { kind: 'unknown' };
  }
}

const fitsLong = (value: bigint): boolean => BigInt.asIntN(64, value) === value;

/** SQL that is true for the texts of one type. */
export function ofType(column: string, tag: string): string {
  return `(${column} >= '${tag}' AND ${column} < '${String.fromCharCode(tag.charCodeAt(0) + 1)}')`;
}

/** SQL that is true for numbers other than NaN. */
export const isNumber = (column: string): string => `${column} < ''`;

/** SQL that is true for documents. */
export const isDocumentText = (column: string): string => `(${column} >= '{' AND ${column} < '|')`;

/** SQL for a comparison within the operand's type. */
export function comparison(
  column: string,
  operator: '=' | '>' | '>=' | '<' | '<=',
  operand: Operand & { kind: 'number' | 'text' },
  columns: Columns,
): string {
  const compared = `${column} ${operator} ${columns.parameter(operand.value)}`;
  if (operator === '=') return compared;
  if (operator === '<' || operator === '<=') {
    return operand.kind === 'number' ? compared : `(${compared} AND ${column} >= '${operand.tag}')`;
  }
  const upper = operand.kind === 'number' ? '' : String.fromCharCode(operand.tag.charCodeAt(0) + 1);
  return `(${compared} AND ${column} < '${upper}')`;
}
