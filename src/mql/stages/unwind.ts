import { badInput } from '../../errors.ts';
import { namedArguments } from '../expressions/operator.ts';
import type { Document } from '../types.ts';
import { getField, isDocument, isFieldPath, setField } from '../values/fields.ts';
import { long } from '../values/numbers.ts';
import { isNullish } from '../values/types.ts';
import type { StageFamily, StageOperator } from './stage.ts';

/** A copy of the document with the value set at a path; `undefined` removes the field. */
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

const isPath = (value: unknown): value is string =>
  typeof value === 'string' && value.startsWith('$') && isFieldPath(value.slice(1));

function unwindOptions(argument: unknown, name: string) {
  const args = isDocument(argument)
    ? namedArguments(name, argument, ['path'], ['includeArrayIndex', 'preserveNullAndEmptyArrays'])
    : new Map([['path', argument]]);
  const path = args.get('path');
  if (!isPath(path)) {
    throw badInput('$unwind needs the path of an array with a $, as in "$items".');
  }
  const index = args.get('includeArrayIndex');
  if (index !== undefined && !isFieldPath(index)) {
    throw badInput('"includeArrayIndex" of $unwind must be the name of a field, without $.');
  }
  const given = 'preserveNullAndEmptyArrays';
  const preserve = args.has(given) ? args.get(given) : false;
  if (typeof preserve !== 'boolean') throw badInput('"preserveNullAndEmptyArrays" must be true or false.');
  return { path: path.slice(1).split('.'), index: index?.split('.'), preserve };
}

function numbered(doc: Document, index: readonly string[] | undefined, at: number | null): Document {
  return index === undefined ? doc : withValue(doc, index, at === null ? null : long(at));
}

const hasNothing = (value: unknown): boolean => isNullish(value) || Array.isArray(value);

const $unwind: StageOperator = (argument, { scope }, name) => {
  const { path, index, preserve } = unwindOptions(argument, name);
  return function* (input) {
    for (const doc of input) {
      const value = valueAt(doc, path);
      if (Array.isArray(value) && value.length > 0) {
        for (let i = 0; i < value.length; i++) {
          scope.limits.tick();
          yield numbered(withValue(doc, path, value[i]), index, i);
        }
      } else if (preserve || !hasNothing(value)) {
        yield numbered(Array.isArray(value) ? withValue(doc, path, undefined) : doc, index, null);
      }
    }
  };
};

export const unwinding: StageFamily = { $unwind };
