import { badInput } from '../../errors.ts';
import type { Document } from '../types.ts';
import { normalize } from '../values/clone.ts';
import { getField, isDocument } from '../values/fields.ts';
import { truthy } from '../values/truthy.ts';
import { isOperatorDocument, isRegex } from './array.ts';
import type { MatchDetails } from './condition.ts';
import { compileMatcher, type FilterOptions } from './filter.ts';

/** A condition on one field that names the element it matched. */
interface FieldCondition {
  readonly path: string;
  readonly operator: string;
  /** The operand with its operator, as a filter has it. */
  readonly condition: unknown;
}

/**
 * The order in which MongoDB evaluates the conditions of a filter, whatever the order they are written in (the order
 * of MatchExpression::MatchType).
 */
const ORDER = [
  '$elemMatch',
  '$size',
  '$eq',
  '$lte',
  '$lt',
  '$gt',
  '$gte',
  '$regex',
  '$mod',
  '$exists',
  '$in',
  '$bitsAllSet',
  '$bitsAllClear',
  '$bitsAnySet',
  '$bitsAnyClear',
  '$type',
  '$geoWithin',
];
const NOT_WITH_PROJECTION = ['$expr', '$where', '$text', '$jsonSchema', '$near', '$nearSphere'];

const place = ({ operator }: FieldCondition): number => ORDER.indexOf(operator);

function compare(a: FieldCondition, b: FieldCondition): number {
  return place(a) - place(b) || (a.path < b.path ? -1 : a.path > b.path ? 1 : 0);
}

function equality(path: string, value: unknown): FieldCondition {
  return { path, operator: isRegex(value) ? '$regex' : '$eq', condition: value };
}

function* ofOperator(path: string, operators: Document, operator: string): Generator<FieldCondition> {
  const operand = getField(operators, operator);
  if (operator === '$all') {
    for (const item of Array.isArray(operand) ? operand : []) {
      const isElemMatch = isDocument(item) && Object.hasOwn(item, '$elemMatch');
      yield isElemMatch ? { path, operator: '$elemMatch', condition: item } : equality(path, item);
    }
  } else if (operator === '$in' && Array.isArray(operand) && operand.length === 1) {
    yield equality(path, operand[0]);
  } else if (operator === '$regex') {
    const options = Object.hasOwn(operators, '$options') ? { $options: operators['$options'] } : {};
    yield { path, operator, condition: { $regex: operand, ...options } };
  } else if (operator === '$exists' ? truthy(operand) : ORDER.includes(operator)) {
    yield { path, operator, condition: { [operator]: operand } };
  }
}

function* ofField(path: string, operand: unknown): Generator<FieldCondition> {
  if (!isDocument(operand) || !isOperatorDocument(operand)) yield equality(path, operand);
  else for (const operator of Object.keys(operand)) yield* ofOperator(path, operand, operator);
}

/** The conditions that must all hold. Negations match no element; neither does `$or`, except as below. */
function* conjuncts(filter: Document): Generator<FieldCondition> {
  for (const name of Object.keys(filter)) {
    const operand = getField(filter, name);
    if (!name.startsWith('$')) yield* ofField(name, operand);
    else if (name === '$and' && Array.isArray(operand)) {
      for (const branch of operand) if (isDocument(branch)) yield* conjuncts(branch);
    } else if (name === '$or' && Array.isArray(operand)) yield* alternatives(operand);
  }
}

/** MongoDB reads an `$or` of values for one field as `$in`, and an `$or` of one branch as that branch. */
function* alternatives(branches: readonly unknown[]): Generator<FieldCondition> {
  const [only] = branches;
  if (branches.length === 1 && isDocument(only)) {
    yield* conjuncts(only);
    return;
  }
  const values: unknown[] = [];
  let common: string | undefined;
  for (const branch of branches) {
    const conditions = isDocument(branch) ? [...conjuncts(branch)] : [];
    const [single] = conditions;
    const list = conditions.length === 1 && single !== undefined ? valuesOf(single) : undefined;
    if (list === undefined || single?.path !== (common ?? single?.path)) return;
    if (Object.keys(branch as Document).length !== 1) return;
    common = single?.path;
    values.push(...list);
  }
  if (common !== undefined) yield { path: common, operator: '$in', condition: { $in: values } };
}

function valuesOf({ operator, condition }: FieldCondition): readonly unknown[] | undefined {
  if (operator === '$eq' && !(isDocument(condition) && isOperatorDocument(condition))) return [condition];
  if (operator === '$eq') return [(condition as Document)['$eq']];
  if (operator === '$regex' && isRegex(condition)) return [condition];
  return operator === '$in' ? ((condition as Document)['$in'] as unknown[]) : undefined;
}

/**
 * Compiles what the positional `$` stands for: the index of the array element that a document's filter matched, -1 if
 * it matched none. Of several conditions on arrays the last one in MongoDB's order decides.
 */
export function compileMatchedIndex(filter: Document, options: FilterOptions): (doc: Document) => number {
  const conditions = [...conjuncts(normalize(filter))].sort(compare);
  const matchers = conditions.map(({ path, condition }) => compileMatcher({ [path]: condition }, options));
  return (doc) => {
    const details: MatchDetails = { index: -1 };
    for (const matches of matchers) matches(doc, details);
    return details.index;
  };
}

/** @throws HydrogenError bad_input for a filter beside which MongoDB takes no positional projection */
export function assertPositionalFilter(filter: Document): void {
  for (const name of Object.keys(filter)) {
    const operand = getField(filter, name);
    if (NOT_WITH_PROJECTION.includes(name)) {
      throw badInput(`A projection with the positional "$" cannot be combined with ${name} in the filter.`);
    }
    const branches = name.startsWith('$') && Array.isArray(operand) ? operand : [];
    for (const branch of branches) if (isDocument(branch)) assertPositionalFilter(branch);
  }
}
