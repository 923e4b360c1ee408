import { badInput } from '../../errors.ts';
import { isDocument, isReferenceField } from '../values/fields.ts';
import { toInt32 } from '../values/numbers.ts';
import { T, typeNumber } from '../values/types.ts';
import { implicitEquality } from './comparison.ts';
import { type Condition, conjunction, leaf } from './condition.ts';
import type { FieldOperator } from './context.ts';

const TOP_LOGICAL = ['$and', '$or', '$nor', '$where', '$expr', '$comment', '$jsonSchema', '$sampleRate'];

/** True for a document of field operators such as `{$gt: 1}`, not one of fields. */
export function isOperatorDocument(value: unknown): boolean {
  if (!isDocument(value)) return false;
  const first = Object.keys(value)[0];
  const isReference = Object.hasOwn(value, '$ref') && Object.hasOwn(value, '$id');
  return first?.startsWith('$') === true && !isReference;
}

const $size: FieldOperator = (operand) => {
  const size = toInt32(operand);
  if (size === undefined || size < 0) throw badInput('$size needs a non-negative 32-bit integer.');
  return leaf((value) => Array.isArray(value) && value.length === size, false);
};

const $elemMatch: FieldOperator = (operand, context) => {
  if (!isDocument(operand)) throw badInput('$elemMatch needs a document.');
  const first = Object.keys(operand)[0] ?? '';
  const onValues =
    isOperatorDocument(operand) &&
    !TOP_LOGICAL.includes(first) &&
    !Object.keys(operand).some(isReferenceField);
  if (onValues) {
    const condition = context.operators(operand);
    return elements((item) => condition.value(item, undefined));
  }
  const matches = context.elementFilter(operand);
  return elements((item) => {
    if (Array.isArray(item)) return matches(Object.fromEntries(item.entries()), undefined);
    return isDocument(item) && matches(item, undefined);
  });
};

function elements(test: (item: unknown) => boolean): Condition {
  return leaf((value, details) => {
    if (!Array.isArray(value)) return false;
    const index = value.findIndex(test);
    if (index >= 0 && details !== undefined) details.index = index;
    return index >= 0;
  }, false);
}

const $all: FieldOperator = (operand, context, siblings) => {
  if (!Array.isArray(operand)) throw badInput('$all needs an array.');
  if (operand.length === 0) return leaf(() => false, false);
  const isElemMatch = (item: unknown): boolean => isDocument(item) && Object.keys(item)[0] === '$elemMatch';
  if (operand.some(isElemMatch) && !operand.every(isElemMatch)) {
    throw badInput('$all takes either values or $elemMatch conditions, not both.');
  }
  const conditions = operand.map((item) => {
    if (isElemMatch(item)) {
      if (Object.keys(item).length !== 1) throw badInput('$elemMatch within $all stands alone.');
      return $elemMatch(item['$elemMatch'], context, siblings);
    }
    if (isOperatorDocument(item)) throw badInput('$all takes values or $elemMatch, no other operators.');
    return implicitEquality(item, context, siblings);
  });
  return conjunction(conditions);
};

export const array: { [name: string]: FieldOperator } = { $size, $elemMatch, $all };

/** True for a regular expression value. */
export const isRegex = (value: unknown): boolean => typeNumber(value) === T.regex;
