import type { Document } from '../../../../mql/index.ts';
import { isOperatorDocument } from '../../../../mql/query/array.ts';
import { regexParts } from '../../../../mql/values/compare.ts';
import { getField, isDocument } from '../../../../mql/values/fields.ts';
import { truthy } from '../../../../mql/values/truthy.ts';
import { T, typeFromName, typeNumber } from '../../../../mql/values/types.ts';
import type { Columns } from './columns.ts';
import {
  ALWAYS,
  all,
  any,
  atMost,
  hasElement,
  NEVER,
  negated,
  onValue,
  present,
  type SqlCondition,
  UNCERTAIN,
} from './condition.ts';
import { numbersAreExact } from './exact-numbers.ts';
import { comparison, isDocumentText, isNumber, ofType, operandOf } from './operands.ts';
import { regexCondition } from './regex-prefix.ts';
import { TAG } from './scalars.ts';

const RELATION = { $eq: '=', $gt: '>', $gte: '>=', $lt: '<', $lte: '<=' } as const;

function compared(
  column: string,
  name: keyof typeof RELATION,
  given: unknown,
  columns: Columns,
): SqlCondition {
  const operand = operandOf(given);
  const orEqual = name !== '$gt' && name !== '$lt';
  switch (operand.kind) {
    case 'null':
      return orEqual ? onValue(column, `(${column} IS NULL OR ${column} = '${TAG.null}')`) : NEVER;
    case 'nan':
      return orEqual ? onValue(column, `${column} = '${TAG.nan}'`) : NEVER;
    case 'number':
      if (!numbersAreExact()) return atMost(column, isNumber(column));
      return onValue(column, comparison(column, RELATION[name], operand, columns));
    case 'text': {
      const match = comparison(column, RELATION[name], operand, columns);
      if (name !== '$eq' || !operand.plain) return onValue(column, match);
      return onValue(column, match, hasElement(column, columns.parameter(`"${operand.value}"`)));
    }
    case 'decimal':
      return atMost(column, `(${isNumber(column)} OR ${column} = '${TAG.nan}')`);
    case 'document':
      return atMost(column, isDocumentText(column));
    case 'array':
      return atMost(column, '0');
    case 'other':
      return atMost(column, `${column} = '${TAG.other}'`);
    default:
      return UNCERTAIN;
  }
}

/** Equality with a plain value in a filter. */
export function implicitEquality(column: string, operand: unknown, columns: Columns): SqlCondition {
  if (typeNumber(operand) !== T.regex) return compared(column, '$eq', operand, columns);
  const { pattern, options } = regexParts(operand);
  return regexCondition(column, pattern, options, columns);
}

function membership(column: string, operand: unknown, columns: Columns): SqlCondition {
  if (!Array.isArray(operand) || !columns.hasRoom(2 * operand.length)) return UNCERTAIN;
  const texts: string[] = [];
  const others: SqlCondition[] = [];
  for (const value of operand) {
    const known = operandOf(value);
    const listable = known.kind === 'text' || (known.kind === 'number' && numbersAreExact());
    if (listable) texts.push(columns.parameter(known.value));
    else others.push(implicitEquality(column, value, columns));
  }
  const listed = texts.length === 0 ? NEVER : onValue(column, `${column} IN (${texts.join(', ')})`);
  return any([listed, ...others]);
}

function typeCondition(column: string, wanted: unknown): SqlCondition {
  const number = typeof wanted === 'string' ? typeFromName(wanted) : Number(wanted);
  const numbers = `(${isNumber(column)} OR ${column} = '${TAG.nan}')`;
  if (wanted === 'number') return onValue(column, numbers);
  switch (number) {
    case T.int:
    case T.long:
    case T.double:
      return atMost(column, numbers);
    case T.string:
      return onValue(column, ofType(column, TAG.string));
    case T.object:
      return onValue(column, isDocumentText(column));
    case T.array:
    case T.decimal:
    case T.symbol:
      return atMost(column, '0');
    case T.objectId:
      return onValue(column, ofType(column, TAG.objectId));
    case T.bool:
      return onValue(column, ofType(column, TAG.bool));
    case T.date:
      return onValue(column, ofType(column, TAG.date));
    case T.null:
      return onValue(column, `${column} = '${TAG.null}'`);
    default:
      return UNCERTAIN;
  }
}

function allOf(column: string, operand: unknown, columns: Columns): SqlCondition {
  if (!Array.isArray(operand) || !columns.hasRoom(2 * operand.length)) return UNCERTAIN;
  if (operand.length === 0) return NEVER;
  return all(
    operand.map((item) =>
      isDocument(item) && Object.hasOwn(item, '$elemMatch')
        ? atMost(column, '0')
        : implicitEquality(column, item, columns),
    ),
  );
}

function regexOf(column: string, operators: Document, columns: Columns): SqlCondition {
  const given = operators['$regex'];
  const options = operators['$options'];
  if (typeof given === 'string') return regexCondition(column, given, String(options ?? ''), columns);
  const parts = regexParts(given);
  return regexCondition(column, parts.pattern, parts.options + String(options ?? ''), columns);
}

function operatorCondition(
  column: string,
  name: string,
  operators: Document,
  columns: Columns,
): SqlCondition {
  const operand = getField(operators, name);
  switch (name) {
    case '$eq':
      // A regular expression here is compared, not matched.
      return compared(column, '$eq', operand, columns);
    case '$gt':
    case '$gte':
    case '$lt':
    case '$lte':
      return compared(column, name, operand, columns);
    case '$ne':
      return negated(compared(column, '$eq', operand, columns));
    case '$in':
      return membership(column, operand, columns);
    case '$nin':
      return negated(membership(column, operand, columns));
    case '$exists':
      return truthy(operand) ? present(column) : negated(present(column));
    case '$type':
      return any((Array.isArray(operand) ? operand : [operand]).map((type) => typeCondition(column, type)));
    case '$regex':
      return regexOf(column, operators, columns);
    case '$options':
    case '$comment':
      return ALWAYS;
    case '$size':
    case '$elemMatch':
      return atMost(column, '0');
    case '$all':
      return allOf(column, operand, columns);
    case '$mod':
      return atMost(column, isNumber(column));
    case '$not':
      return negated(
        isOperatorDocument(operand)
          ? fieldCondition(column, operand as Document, columns)
          : implicitEquality(column, operand, columns),
      );
    default:
      return UNCERTAIN;
  }
}

/** The condition of the operators of one field, `{$gt: 1, $lt: 5}`. */
export function fieldCondition(column: string, operators: Document, columns: Columns): SqlCondition {
  return all(Object.keys(operators).map((name) => operatorCondition(column, name, operators, columns)));
}
