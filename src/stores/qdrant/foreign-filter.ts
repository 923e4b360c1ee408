import { compileFilter, type Document } from '../../mql/index.ts';
import { isDocument } from '../../mql/values/fields.ts';
import { rangeValue } from './facts-index.ts';
import { type ForeignMapping, pointIn, pointType } from './foreign-points.ts';
import { equals, type PointCondition, type PointId } from './points.ts';

// The server's conditions on payload follow paths, arrays, types and missing fields by other rules than MongoDB's. So the
// query language's own engine decides about every point that is near, and the server is told only what leaves out none
// that matches. Undefined is a condition that it cannot be told.

type Narrowing = PointCondition | undefined;

const nothing: PointCondition = { must: [{ has_id: [] }] };
const all = (conditions: readonly Narrowing[]): Narrowing => {
  const known = conditions.filter((one) => one !== undefined);
  return known.length === 0 ? undefined : { must: known };
};
const some = (conditions: readonly Narrowing[]): Narrowing => {
  if (!conditions.every((one) => one !== undefined)) return undefined;
  return conditions.length === 0 ? nothing : { should: [...conditions] };
};

/** Of a path of so many parts each may lead through an array. */
const maxParts = 4;
/** What needs no quotation marks in the server's paths, and is no position in an array. */
const plainPart = /^(?!\d+$)[\w-]+$/;

/** The server's paths for one of MongoDB's, which leads through arrays of documents without saying so. */
function keysOf(path: string, { metadata }: ForeignMapping): string[] | undefined {
  const parts = path.split('.');
  const above = metadata === '' ? [] : metadata.split('.');
  if (parts.length > maxParts || ![...above, ...parts].every((part) => plainPart.test(part)))
    return undefined;
  const [first = '', ...rest] = parts;
  const within = rest.reduce<string[]>(
    (keys, part) => keys.flatMap((key) => [`${key}.${part}`, `${key}[].${part}`]),
    [[...above, first].join('.')],
  );
  return within;
}

const operators: Readonly<Record<string, 'gt' | 'gte' | 'lt' | 'lte'>> = {
  $gt: 'gt',
  $gte: 'gte',
  $lt: 'lt',
  $lte: 'lte',
};

type Comparison = (operator: string, value: unknown) => Narrowing;

/** Payload is JSON: it has texts, numbers and truth values, and no dates. */
function ofPayload(keys: readonly string[]): Comparison {
  return (operator, value) => {
    if (value instanceof Date) return nothing;
    const range = rangeValue(value);
    if (range) {
      if (!range.exact) return undefined;
      const name = operators[operator];
      const limits = name === undefined ? { gte: range.v, lte: range.v } : { [name]: range.v };
      return some(keys.map((key) => ({ key, range: limits })));
    }
    if (operator !== '$eq') return undefined;
    if (typeof value === 'string') return some(keys.map((key) => equals(key, value)));
    return typeof value === 'boolean' ? some(keys.map((key) => ({ key, match: { value } }))) : undefined;
  };
}

function ofId(mapping: ForeignMapping, before: string): Comparison {
  return (operator, value) => {
    if (operator !== '$eq' || typeof value !== 'string') return undefined;
    const point: PointId | undefined = pointIn(`${before}${value}`, mapping);
    return point === undefined ? nothing : { has_id: [point] };
  };
}

function byOperators(given: unknown, compare: Comparison): Narrowing {
  const isOperators = isDocument(given) && Object.keys(given).some((name) => name.startsWith('$'));
  if (!isOperators) return compare('$eq', given);
  return all(
    Object.entries(given).map(([operator, value]) => {
      if (operator === '$in')
        return Array.isArray(value) ? some(value.map((one) => compare('$eq', one))) : undefined;
      return operator === '$eq' || operators[operator] !== undefined ? compare(operator, value) : undefined;
    }),
  );
}

function ofField(path: string, given: unknown, mapping: ForeignMapping): Narrowing {
  switch (path) {
    // The same for all points.
    case 'source':
    case 'type': {
      const facts = { source: mapping.name, type: pointType };
      return compileFilter({ [path]: given } as Document)(facts) ? undefined : nothing;
    }
    case 'document':
      return byOperators(given, ofId(mapping, ''));
    case 'path':
      return byOperators(given, ofId(mapping, `${mapping.name}/`));
    case 'title':
    case 'metadata':
      return undefined;
    default: {
      if (/^(?:source|type|document|path|title)\./.test(path)) return undefined;
      const keys = keysOf(path.replace(/^metadata\./, ''), mapping);
      return keys && byOperators(given, ofPayload(keys));
    }
  }
}

/** What the server can be told of a valid filter. */
export function narrowing(filter: Document, mapping: ForeignMapping): Narrowing {
  return all(
    Object.entries(filter).map(([name, value]) => {
      if (!name.startsWith('$')) return ofField(name, value, mapping);
      if (!Array.isArray(value)) return undefined;
      const parts = (): Narrowing[] =>
        value.map((one) => (isDocument(one) ? narrowing(one, mapping) : undefined));
      if (name === '$and') return all(parts());
      return name === '$or' ? some(parts()) : undefined;
    }),
  );
}
