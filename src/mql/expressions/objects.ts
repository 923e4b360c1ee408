import { badInput } from '../../errors.ts';
import type { Document } from '../types.ts';
import { getField, isDocument, setField } from '../values/fields.ts';
import { isNullish } from '../values/types.ts';
import { spread } from './arithmetic.ts';
import { constantText } from './constant.ts';
import {
  type ExpressionFamily,
  type ExpressionOperator,
  namedArguments,
  operandList,
  unaryOrNull,
  wrongType,
} from './operator.ts';

/** Merges documents; later fields win, null and missing add nothing. */
export function mergeDocuments(values: readonly unknown[], name: string): Document {
  const result: Document = {};
  for (const value of values) {
    if (isNullish(value)) continue;
    if (!isDocument(value)) throw wrongType(name, 'documents', value);
    for (const field of Object.keys(value)) setField(result, field, getField(value, field));
  }
  return result;
}

const $mergeObjects: ExpressionOperator = (argument, scope, name) => {
  const operands = operandList(argument).map((operand) => scope.compile(operand, scope));
  return (doc) => mergeDocuments(spread(operands.map((operand) => operand(doc))), name);
};

const $getField: ExpressionOperator = (argument, scope, name) => {
  const isForm = isDocument(argument) && !Object.keys(argument).some((key) => key.startsWith('$'));
  const args = isForm
    ? namedArguments(name, argument, ['field', 'input'])
    : new Map<string, unknown>([['field', argument]]);
  const field = fieldName(args.get('field'), name, scope);
  const input = scope.compile(args.has('input') ? args.get('input') : '$$CURRENT', scope);
  return (doc) => {
    const wanted = field(doc);
    const value = input(doc);
    if (typeof wanted !== 'string') throw wrongType(name, 'a string as "field"', wanted);
    if (isNullish(value)) return value;
    return isDocument(value) ? getField(value, wanted) : undefined;
  };
};

const fieldName: (
  value: unknown,
  name: string,
  scope: Parameters<ExpressionOperator>[1],
) => (doc: Document) => unknown = (value, name, scope) => {
  const constant = constantText(value);
  if (constant !== undefined) return () => constant;
  if (!isDocument(value) && typeof value !== 'string') throw wrongType(name, 'a string as "field"', value);
  return scope.compile(value, scope);
};

function setter(remove: boolean): ExpressionOperator {
  return (argument, scope, name) => {
    const args = namedArguments(name, argument, remove ? ['field', 'input'] : ['field', 'input', 'value']);
    const field = constantText(args.get('field'));
    if (field === undefined) throw badInput(`"field" of ${name} must be a constant string.`);
    if (field.includes('\0')) throw badInput(`"field" of ${name} cannot hold a null byte.`);
    const input = scope.compile(args.get('input'), scope);
    const value = scope.compile(remove ? '$$REMOVE' : args.get('value'), scope);
    return (doc) => {
      const target = input(doc);
      if (isNullish(target)) return null;
      if (!isDocument(target)) throw wrongType(name, 'a document as "input"', target);
      const result = { ...target };
      const next = value(doc);
      if (next === undefined) delete result[field];
      else setField(result, field, next);
      return result;
    };
  };
}

const $arrayToObject = unaryOrNull((value, name) => {
  if (!Array.isArray(value)) throw wrongType(name, 'an array', value);
  const result: Document = {};
  const pairs = Array.isArray(value[0]);
  for (const entry of value) {
    if (Array.isArray(entry) !== pairs) throw badInput(`${name} takes pairs or {k, v} documents, not both.`);
    if (Array.isArray(entry)) {
      if (entry.length !== 2) throw badInput(`${name} takes pairs of a name and a value.`);
      setPair(result, entry[0], entry[1], name);
      continue;
    }
    if (!isDocument(entry) || Object.keys(entry).length !== 2 || !('k' in entry) || !('v' in entry)) {
      throw badInput(`${name} takes pairs [name, value] or documents {k, v}.`);
    }
    setPair(result, entry['k'], entry['v'], name);
  }
  return result;
});

function setPair(result: Document, field: unknown, value: unknown, name: string): void {
  if (typeof field !== 'string') throw wrongType(name, 'strings as names', field);
  if (field.includes('\0')) throw badInput(`${name}: a field name cannot hold a null byte.`);
  setField(result, field, value);
}

const $objectToArray = unaryOrNull((value, name) => {
  if (!isDocument(value)) throw wrongType(name, 'a document', value);
  return Object.keys(value).map((k) => ({ k, v: getField(value, k) }));
});

export const objects: ExpressionFamily = {
  $mergeObjects,
  $getField,
  $setField: setter(false),
  $unsetField: setter(true),
  $arrayToObject,
  $objectToArray,
};
