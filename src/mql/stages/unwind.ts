import { badInput } from '../../errors.ts';
import { namedArguments } from '../expressions/operator.ts';
import type { Document } from '../types.ts';
import { getField, isDocument, setField } from '../values/fields.ts';
import { long } from '../values/numbers.ts';
import { isNullish } from '../values/types.ts';
import type { StageFamily, StageOperator } from './stage.ts';

/** A copy of the document with the value at a path of fields; `undefined` removes the field. */
export function withValue(doc: Document, path: readonly string[], value: unknown): Document {
  const [name = '', ...rest] = path;
  const copy = { ...doc };
  if (rest.length > 0) {
    const inner = getField(doc, name);
    if (!isDocument(inner) && value === undefined) return copy;
    setField(copy, name, withValue(isDocument(inner) ? inner : {}, rest, value));
  } else if (value === undefined) delete copy[name];
  else setField(copy, name, value);
  return copy;
}

function valueAt(doc: Document, path: readonly string[]): unknown {
  let value: unknown = doc;
  for (const name of path) value = isDocument(value) ? getField(value, name) : undefined;
  return value;
}

const $unwind: StageOperator = (argument, { scope }, name) => {
  const given = isDocument(argument)
    ? namedArguments(name, argument, ['path'], ['includeArrayIndex', 'preserveNullAndEmptyArrays'])
    : new Map([['path', argument]]);
  const path = given.get('path');
  if (typeof path !== 'string' || !/^\$[^$.]/.test(path) || path.slice(1).split('.').includes('')) {
    throw badInput('$unwind needs the path of an array with a $, as in "$items".');
  }
  const index = given.get('includeArrayIndex');
  if (index !== undefined && (typeof index !== 'string' || index === '' || index.startsWith('$'))) {
    throw badInput('"includeArrayIndex" of $unwind must be the name of a field, without $.');
  }
  const preserve = given.get('preserveNullAndEmptyArrays') ?? false;
  if (typeof preserve !== 'boolean') throw badInput('"preserveNullAndEmptyArrays" must be true or false.');
  const parts = path.slice(1).split('.');
  const indexParts = index?.split('.');
  const numbered = (doc: Document, i: number | null): Document =>
    indexParts === undefined ? doc : withValue(doc, indexParts, i === null ? null : long(i));
  return function* (input) {
    for (const doc of input) {
      const value = valueAt(doc, parts);
      if (Array.isArray(value) && value.length > 0) {
        for (let i = 0; i < value.length; i++) {
          scope.limits.tick();
          yield numbered(withValue(doc, parts, value[i]), i);
        }
      } else if (Array.isArray(value)) {
        if (preserve) yield numbered(withValue(doc, parts, undefined), null);
      } else if (!isNullish(value) || preserve) yield numbered(doc, null);
    }
  };
};

export const unwinding: StageFamily = { $unwind };
