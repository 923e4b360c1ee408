import { badInput, notSupported } from '../../errors.ts';
import type { MatchDetails } from '../query/condition.ts';
import { compileOperators, type FilterOptions, scopeOf } from '../query/filter.ts';
import { assertPositionalFilter, compileMatchedIndex } from '../query/positional.ts';
import type { Document } from '../types.ts';
import { normalize } from '../values/clone.ts';
import { getField, isDocument, setField } from '../values/fields.ts';
import { toInt32, toNumber } from '../values/numbers.ts';
import { truthy } from '../values/truthy.ts';
import { isNumeric } from '../values/types.ts';
import { type FindOperators, type Projector, parseProjection } from './parse.ts';

/** Operators found only in `find` projections. */
export const projectionOperators: readonly string[] = ['$', '$elemMatch', '$slice'];

/**
 * Compiles a `find` projection. `filter` is the filter of the query, for the positional `field.$`.
 * @throws HydrogenError bad_input or not_supported, like compileFilter
 */
export function compileProjection(
  projection: Document,
  filter: Document = {},
  options: FilterOptions = {},
): Projector {
  if (!isDocument(projection)) throw badInput('A projection must be a document, as in {name: 1}.');
  if (Object.keys(projection).length === 0) return (doc) => doc;
  let positional: string | undefined;
  let picked = false;
  const special: FindOperators = (path, value, nested) => {
    if (path.endsWith('.$')) {
      if (positional !== undefined) throw badInput('A projection can have only one positional "$".');
      if (!isNumeric(value) && typeof value !== 'boolean') throw badInput(`"${path}" takes 1.`);
      if (!truthy(value)) throw badInput(`"${path}" cannot be excluded.`);
      positional = path;
      return { kind: 'include' };
    }
    const operator = isDocument(value) ? operatorOf(value, path, nested, options) : undefined;
    picked ||= operator?.neutral === '$elemMatch';
    return operator;
  };
  const project = parseProjection(normalize(projection), scopeOf(options), special);
  if (positional === undefined) return project;
  if (picked) throw badInput('A projection cannot have both the positional "$" and $elemMatch.');
  assertPositionalFilter(filter);
  const matchedIndex = compileMatchedIndex(filter, options);
  const parts = positional.split('.').slice(0, -1);
  return (doc) => {
    const array = firstArray(doc, parts);
    if (array === undefined) return project(doc);
    const element = getPath(doc, array)[matchedIndex(doc)];
    if (element === undefined) {
      throw badInput(`The positional "${positional}" needs a condition on that array in the filter.`);
    }
    // Computed fields see the whole array, so it is reduced to one element only in the result.
    const narrow = project(withValue(doc, array, [element]));
    return withValue(project(doc), array, getPath(narrow, array));
  };
}

function operatorOf(
  value: Document,
  path: string,
  nested: boolean,
  options: FilterOptions,
): ReturnType<FindOperators> {
  const names = Object.keys(value);
  const [name] = names;
  if (name?.startsWith('$') && names.length > 1) {
    throw badInput(
      `"${path}" of the projection takes one operator; this one has several fields: ${names.join(', ')}.`,
    );
  }
  if (name === '$meta') throw notSupported('$meta');
  if (name === '$slice') return sliceOf(value['$slice'], path);
  if (name !== '$elemMatch') return undefined;
  if (nested || path.includes('.'))
    throw badInput('$elemMatch in a projection cannot be used on a nested field.');
  return elemMatch(value['$elemMatch'], options);
}

/** How many components lead to the first array on a path; `undefined` if there is none. */
function firstArray(doc: Document, parts: readonly string[]): readonly string[] | undefined {
  let value: unknown = doc;
  for (const [at, part] of parts.entries()) {
    value = isDocument(value) ? getField(value, part) : undefined;
    if (Array.isArray(value)) return parts.slice(0, at + 1);
  }
  return undefined;
}

/** The array at a path that leads through documents only. */
function getPath(doc: Document, path: readonly string[]): readonly unknown[] {
  const found = path.reduce<unknown>((value, part) => getField(value as Document, part), doc);
  return found as readonly unknown[];
}

/** A copy of a document with a new value at a path that leads through documents only. */
function withValue(doc: Document, [part = '', ...rest]: readonly string[], value: unknown): Document {
  const copy = { ...doc };
  const inner = rest.length === 0 ? value : withValue(getField(doc, part) as Document, rest, value);
  setField(copy, part, inner);
  return copy;
}

/** $slice: n, or [skip, n]. Other forms are the expression of the same name. */
function sliceOf(argument: unknown, path: string): ReturnType<FindOperators> {
  const pair = Array.isArray(argument) ? argument : undefined;
  if (pair !== undefined && !(pair.length === 2 && pair.every(isNumeric))) return undefined;
  if (pair === undefined && !isNumeric(argument))
    throw badInput(`$slice of "${path}" takes a number or [skip, limit].`);
  const [skip, limit] = (pair ?? [argument]).map((n) => toInt32(n) ?? Math.trunc(toNumber(n)));
  if (pair !== undefined && (limit ?? 0) <= 0) throw badInput('The limit of $slice must be positive.');
  return { kind: 'transform', neutral: '$slice', apply: (value) => slice(value, skip ?? 0, limit) };
}

function slice(value: unknown, skip: number, limit: number | undefined): unknown {
  if (!Array.isArray(value)) return value;
  if (limit === undefined) return skip < 0 ? value.slice(skip) : value.slice(0, skip);
  const start = skip < 0 ? Math.max(0, value.length + skip) : skip;
  return value.slice(start, start + limit);
}

const NOT_IN_ELEMENTS = ['$expr', '$where', '$text', '$jsonSchema', '$sampleRate'];

function assertPlainConditions(condition: unknown): void {
  if (Array.isArray(condition)) condition.forEach(assertPlainConditions);
  if (!isDocument(condition)) return;
  const name = Object.keys(condition).find((key) => NOT_IN_ELEMENTS.includes(key));
  if (name !== undefined) throw badInput(`$elemMatch in a projection cannot contain ${name}.`);
  for (const key of ['$and', '$or', '$nor']) assertPlainConditions(condition[key]);
}

function elemMatch(condition: unknown, options: FilterOptions): ReturnType<FindOperators> {
  assertPlainConditions(condition);
  const test = compileOperators({ $elemMatch: condition }, options).value;
  return {
    kind: 'transform',
    neutral: '$elemMatch',
    apply(value) {
      const details: MatchDetails = { index: -1 };
      return test(value, details) ? [(value as unknown[])[details.index]] : undefined;
    },
  };
}
