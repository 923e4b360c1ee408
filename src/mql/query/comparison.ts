import { badInput } from '../../errors.ts';
import { createMembership, type Ordering } from '../values/collation.ts';
import { isDocument } from '../values/fields.ts';
import { isNaNValue } from '../values/numbers.ts';
import { compileRegexValue } from '../values/regex.ts';
import { RANK, T, typeNumber, typeRank } from '../values/types.ts';
import { type Condition, leaf, negation, type Test } from './condition.ts';
import type { FieldOperator } from './context.ts';
import { matchRegex } from './evaluation.ts';

type Relation = (order: number) => boolean;

const RELATIONS = {
  $eq: (order: number) => order === 0,
  $gt: (order: number) => order > 0,
  $gte: (order: number) => order >= 0,
  $lt: (order: number) => order < 0,
  $lte: (order: number) => order <= 0,
};

/**
 * Comparisons stay within the operand's type ("type bracketing"), except that null equals a missing field
 * and MinKey and MaxKey bound everything. NaN equals only NaN.
 */
function compare(name: keyof typeof RELATIONS, operand: unknown, ordering: Ordering): Test {
  const holds: Relation = RELATIONS[name];
  const rank = typeRank(operand);
  const orEqual = holds(0);
  if (rank === RANK.null || rank === RANK.missing) {
    return orEqual ? (value) => value === null || value === undefined : () => false;
  }
  if (rank === RANK.minKey || rank === RANK.maxKey) {
    const otherTypes = rank === RANK.minKey ? holds(1) && name !== '$eq' : holds(-1) && name !== '$eq';
    return (value) => (typeRank(value) === rank ? orEqual : otherTypes);
  }
  if (rank === RANK.number && isNaNValue(operand)) return (value) => orEqual && isNaNValue(value);
  if (rank === RANK.string && name === '$eq' && ordering.binary) return (value) => value === operand;
  const numeric = rank === RANK.number;
  if (typeof operand === 'number') {
    return (value) => {
      if (typeof value === 'number')
        return holds(value < operand ? -1 : value > operand ? 1 : value === operand ? 0 : Number.NaN);
      return typeRank(value) === rank && !isNaNValue(value) && holds(ordering.compare(value, operand));
    };
  }
  return (value) =>
    typeRank(value) === rank && !(numeric && isNaNValue(value)) && holds(ordering.compare(value, operand));
}

function operator(name: keyof typeof RELATIONS): FieldOperator {
  return (operand, { ordering }) => {
    if (name !== '$eq' && typeNumber(operand) === T.regex) {
      throw badInput(`${name} cannot compare with a regular expression. Use $regex, or $not with it.`);
    }
    return leaf(compare(name, operand, ordering), true);
  };
}

/** Equality for a plain value in a filter; a regular expression is matched. */
export const implicitEquality: FieldOperator = (operand, context, siblings) => {
  if (typeNumber(operand) === T.regex) return matchRegex(compileRegexValue(operand), operand);
  return operator('$eq')(operand, context, siblings);
};

const $in: FieldOperator = (operand, context) => membership('$in', operand, context.ordering);

function membership(name: string, operand: unknown, ordering: Ordering): Condition {
  if (!Array.isArray(operand)) throw badInput(`${name} needs an array.`);
  for (const item of operand) {
    if (isDocument(item) && Object.keys(item)[0]?.startsWith('$') && !('$ref' in item) && !('$id' in item)) {
      throw badInput(`${name} takes values, not operators such as ${Object.keys(item)[0]}.`);
    }
  }
  const patterns = operand.filter((item) => typeNumber(item) === T.regex);
  const tests = patterns.map((item) => matchRegex(compileRegexValue(item), item).value);
  const values = operand.filter((item) => typeNumber(item) !== T.regex);
  const withNull = values.includes(null);
  const has = createMembership(values, ordering);
  return leaf((value) => {
    if (value === undefined) return withNull;
    return has(value) || tests.some((test) => test(value, undefined));
  }, true);
}

export const comparison: { [name: string]: FieldOperator } = {
  $eq: operator('$eq'),
  $gt: operator('$gt'),
  $gte: operator('$gte'),
  $lt: operator('$lt'),
  $lte: operator('$lte'),
  $ne: (operand, context, siblings) => {
    if (typeNumber(operand) === T.regex) throw badInput('$ne cannot take a regular expression. Use $not.');
    return negation(operator('$eq')(operand, context, siblings));
  },
  $in,
  $nin: (operand, context) => negation(membership('$nin', operand, context.ordering)),
};
