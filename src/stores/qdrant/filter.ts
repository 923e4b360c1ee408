import type { Document } from '../../mql/index.ts';
import { isDocument } from '../../mql/values/fields.ts';
import { equalEntry, existsEntry, rangePath, rangeValue } from './facts-index.ts';
import { equals, type Filter, type PointCondition } from './points.ts';

// A MongoDB filter in the server's words, only where they mean exactly the same.

/** Fields that are dates of the document, with a field of the payload each. */
const dates: ReadonlySet<string> = new Set(['modified', 'indexed_at']);
/** Fields of the document that hide those of its metadata. */
const own: ReadonlySet<string> = new Set(['document', 'source', 'path', 'title', 'type']);

const nothing: Filter = { must: [{ has_id: [] }] };
const not = (condition: PointCondition): Filter => ({ must_not: [condition] });
const all = (conditions: readonly PointCondition[]): Filter => ({ must: [...conditions] });
const some = (conditions: readonly PointCondition[]): Filter =>
  conditions.length === 0 ? nothing : { should: [...conditions] };

/** How the facts of a field are named in the payload: those of metadata are there once, though they have two names. */
const ownPath = (path: string): string => `d.${path}`;
const metadataPath = (path: string): string => `m.${path}`;

type Ranges = Readonly<Record<string, 'gt' | 'gte' | 'lt' | 'lte'>>;
const ranges: Ranges = { $gt: 'gt', $gte: 'gte', $lt: 'lt', $lte: 'lte' };

/** A field that a filter names. Undefined where the server cannot follow the path as MongoDB does. */
interface Field {
  equal(value: unknown): PointCondition | undefined;
  exists(): PointCondition | undefined;
  range(operator: string, value: unknown): PointCondition | undefined;
}

/** By positions in arrays a path leads elsewhere. */
const hasPosition = (parts: readonly string[]): boolean => parts.some((part) => /^\d+$/.test(part));

function entryField(path: string, isNested: boolean): Field {
  return {
    equal(value) {
      const matches = equals('is', equalEntry(path, value));
      if (value !== null) return matches;
      // A document in an array may lack the field while another has it.
      if (isNested) return undefined;
      return some([matches, not(equals('is', existsEntry(path)))]);
    },
    exists: () => equals('is', existsEntry(path)),
    range(operator, value) {
      const name = ranges[operator];
      const bound = rangeValue(value);
      if (name === undefined || !bound?.exact) return undefined;
      const filter = all([
        equals('p', rangePath(path, bound.kind)),
        { key: 'v', range: { [name]: bound.v } },
      ]);
      return { nested: { key: 'ranges', filter } };
    },
  };
}

/** A text that every document has; only its value is in the payload. */
function ownField(path: string): Field {
  const { equal, range } = entryField(path, false);
  return { equal: (value) => (value === null ? nothing : equal(value)), range, exists: () => all([]) };
}

/** One date, in a field of its own. */
function dateField(key: string): Field {
  const isThere = not({ is_empty: { key } });
  return {
    equal(value) {
      if (value instanceof Date) return equals(key, value.getTime());
      return value === null ? { is_empty: { key } } : nothing;
    },
    exists: () => isThere,
    range(operator, value) {
      const name = ranges[operator];
      if (name === undefined || !(value instanceof Date)) return undefined;
      return { key, range: { [name]: value.getTime() } };
    },
  };
}

/** The time of a file; where it is unknown, the metadata's field of that name is not hidden. */
function modifiedField(): Field {
  const [date, other] = [dateField('modified'), entryField(metadataPath('modified'), false)];
  const missing: PointCondition = { is_empty: { key: 'modified' } };
  const either = (
    ofDate: PointCondition | undefined,
    ofOther: PointCondition | undefined,
  ): PointCondition | undefined =>
    ofDate && ofOther && some([all([not(missing), ofDate]), all([missing, ofOther])]);
  return {
    equal: (value) => either(date.equal(value), other.equal(value)),
    exists: () => either(date.exists(), other.exists()),
    // What is no date is never in a range of dates, nor a date in another.
    range(operator, value) {
      const ofDate = value instanceof Date ? date.range(operator, value) : nothing;
      return either(ofDate, other.range(operator, value));
    },
  };
}

function fieldOf(path: string): Field | undefined {
  const parts = path.split('.');
  const [first = '', ...rest] = parts;
  if (hasPosition(parts)) return undefined;
  if (dates.has(first) && rest.length > 0) return undefined;
  if (first === 'modified') return modifiedField();
  if (first === 'indexed_at') return dateField(first);
  if (own.has(first)) return rest.length === 0 ? ownField(ownPath(first)) : undefined;
  if (first !== 'metadata') return entryField(metadataPath(path), rest.length > 0);
  return rest.length === 0 ? undefined : entryField(metadataPath(rest.join('.')), rest.length > 1);
}

/** Values that only MongoDB's engine can compare, or that mean more than themselves. */
function isAwkward(value: unknown): boolean {
  if (value === undefined || value instanceof RegExp) return true;
  const type = (value as { readonly _bsontype?: unknown } | null)?._bsontype;
  return type === 'BSONRegExp' || type === 'MinKey' || type === 'MaxKey';
}

const isOperators = (value: unknown): value is Document =>
  isDocument(value) && Object.keys(value).some((name) => name.startsWith('$'));

function oneOf(field: Field, values: unknown): PointCondition | undefined {
  if (!Array.isArray(values) || values.some(isAwkward)) return undefined;
  const conditions = values.map((value) => field.equal(value));
  return conditions.every((one) => one !== undefined) ? some(conditions) : undefined;
}

function negated(condition: PointCondition | undefined): PointCondition | undefined {
  return condition && not(condition);
}

function byOperator(field: Field, operator: string, value: unknown): PointCondition | undefined {
  switch (operator) {
    case '$eq':
      return isAwkward(value) ? undefined : field.equal(value);
    case '$ne':
      return isAwkward(value) ? undefined : negated(field.equal(value));
    case '$in':
      return oneOf(field, value);
    case '$nin':
      return negated(oneOf(field, value));
    case '$exists': {
      if (typeof value !== 'boolean') return undefined;
      return value ? field.exists() : negated(field.exists());
    }
    case '$not':
      return isOperators(value) ? negated(byOperators(field, value)) : undefined;
    default:
      return ranges[operator] === undefined ? undefined : field.range(operator, value);
  }
}

function byOperators(field: Field, operators: Document): PointCondition | undefined {
  const conditions = Object.entries(operators).map(([name, value]) => byOperator(field, name, value));
  return conditions.every((one) => one !== undefined) ? all(conditions) : undefined;
}

function ofField(path: string, value: unknown): PointCondition | undefined {
  const field = fieldOf(path);
  if (!field || isAwkward(value)) return undefined;
  return isOperators(value) ? byOperators(field, value) : field.equal(value);
}

function ofList(filters: unknown): PointCondition[] | undefined {
  if (!Array.isArray(filters)) return undefined;
  const conditions = filters.map((one) => (isDocument(one) ? exactly(one) : undefined));
  return conditions.every((one) => one !== undefined) ? conditions : undefined;
}

function ofPart(name: string, value: unknown): PointCondition | undefined {
  if (!name.startsWith('$')) return ofField(name, value);
  const conditions = ofList(value);
  if (!conditions) return undefined;
  if (name === '$and') return all(conditions);
  if (name === '$or') return some(conditions);
  return name === '$nor' ? not(some(conditions)) : undefined;
}

/** The whole filter in the server's words; undefined when a part of it cannot be said. */
function exactly(filter: Document): PointCondition | undefined {
  const { conditions, isComplete } = translate(filter);
  return isComplete ? all(conditions) : undefined;
}

/**
 * The parts of a valid filter that the server can decide, which all must hold, and whether they are all there are. Where
 * they are not, they narrow down what the query language's own engine has to look at.
 */
export function translate(filter: Document): {
  readonly conditions: readonly PointCondition[];
  readonly isComplete: boolean;
} {
  const conditions: PointCondition[] = [];
  let isComplete = true;
  for (const [name, value] of Object.entries(filter)) {
    const condition = ofPart(name, value);
    if (condition) conditions.push(condition);
    else if (name === '$and' && Array.isArray(value)) {
      isComplete = false;
      for (const one of value) if (isDocument(one)) conditions.push(...translate(one).conditions);
    } else isComplete = false;
  }
  return { conditions, isComplete };
}
