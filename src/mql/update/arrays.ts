import { badInput } from '../../errors.ts';
import { isOperatorDocument } from '../query/array.ts';
import { compileFilter, compileMatcher } from '../query/filter.ts';
import { compileElementComparator } from '../sort/comparator.ts';
import { clone } from '../values/clone.ts';
import type { Ordering } from '../values/collation.ts';
import { isDocument } from '../values/fields.ts';
import { toInt32, toInteger } from '../values/numbers.ts';
import { T, typeName, typeNumber } from '../values/types.ts';
import { UNCHANGED } from './location.ts';
import type { UpdateContext, UpdateFamily, UpdateOperator } from './operator.ts';

function existing(value: unknown, name: string, path: string): unknown[] {
  if (Array.isArray(value)) return value;
  throw badInput(`${name} cannot change "${path}": it is ${typeName(value)}, not an array.`);
}

/** The values of {$each: […]}, or the single operand. */
function eachOf(operand: unknown, name: string, path: string): unknown[] {
  if (!isDocument(operand) || !Object.hasOwn(operand, '$each')) return [operand];
  if (Array.isArray(operand['$each'])) return operand['$each'];
  throw badInput(`"$each" of ${name} for "${path}" must be an array.`);
}

function sorter(
  by: unknown,
  path: string,
  ordering: Ordering,
): ((a: unknown, b: unknown) => number) | undefined {
  if (by === undefined) return undefined;
  if (isDocument(by)) return compileElementComparator(by, ordering);
  const direction = toInteger(by);
  if (direction !== 1n && direction !== -1n)
    throw badInput(`"$sort" of $push for "${path}" must be 1, -1 or a document.`);
  return (a, b) => ordering.compare(a, b) * Number(direction);
}

const PUSH_MODIFIERS = ['$each', '$position', '$slice', '$sort'];

const $push: UpdateOperator = (operand, path, { ordering }) => {
  const values = eachOf(operand, '$push', path);
  const args = isDocument(operand) && Object.hasOwn(operand, '$each') ? operand : {};
  const unknown = Object.keys(args).find((name) => !PUSH_MODIFIERS.includes(name));
  if (unknown !== undefined)
    throw badInput(`$push has no modifier "${unknown}". It has ${PUSH_MODIFIERS.join(', ')}.`);
  const whole = (name: string): number | undefined => {
    if (args[name] === undefined) return undefined;
    const number = toInt32(args[name]);
    if (number === undefined) throw badInput(`"${name}" of $push for "${path}" must be a whole number.`);
    return number;
  };
  const position = whole('$position');
  const slice = whole('$slice');
  const order = sorter(args['$sort'], path, ordering);
  return {
    create: true,
    change(value) {
      const items = value === undefined ? [] : [...existing(value, '$push', path)];
      const tail = items.splice(position ?? items.length);
      for (const added of values) items.push(clone(added));
      for (const moved of tail) items.push(moved);
      if (order !== undefined) items.sort(order);
      if (slice === undefined) return items;
      return slice < 0 ? items.slice(slice) : items.slice(0, slice);
    },
  };
};

const $addToSet: UpdateOperator = (operand, path, { ordering }) => {
  const values = eachOf(operand, '$addToSet', path);
  const isEach = isDocument(operand) && Object.hasOwn(operand, '$each');
  if (isEach && Object.keys(operand).length > 1) throw badInput('$addToSet takes no modifier but "$each".');
  return {
    create: true,
    change(value) {
      const items = value === undefined ? [] : [...existing(value, '$addToSet', path)];
      const known = new Set(items.map(ordering.hash));
      const before = items.length;
      for (const added of values) {
        const key = ordering.hash(added);
        if (known.has(key)) continue;
        known.add(key);
        items.push(clone(added));
      }
      return value !== undefined && items.length === before ? UNCHANGED : items;
    },
  };
};

const $pop: UpdateOperator = (operand, path) => {
  const end = toInteger(operand);
  if (end !== 1n && end !== -1n) throw badInput(`$pop of "${path}" takes 1 (last) or -1 (first).`);
  return {
    create: false,
    change(value) {
      if (value === undefined) return UNCHANGED;
      const items = existing(value, '$pop', path);
      if (items.length === 0) return UNCHANGED;
      return end === 1n ? items.slice(0, -1) : items.slice(1);
    },
  };
};

/** Removes the elements that match. */
function remove(name: string, path: string, goes: (item: unknown) => boolean): ReturnType<UpdateOperator> {
  return {
    create: false,
    change(value) {
      if (value === undefined) return UNCHANGED;
      const items = existing(value, name, path);
      const left = items.filter((item) => !goes(item));
      return left.length === items.length ? UNCHANGED : left;
    },
  };
}

/** A condition of $pull: a filter on documents, operators on values, or an exact value. */
function pullTest(
  condition: unknown,
  { filterOptions, ordering }: UpdateContext,
): (item: unknown) => boolean {
  const isRegex = typeNumber(condition) === T.regex;
  if (isRegex || (isDocument(condition) && isFieldOperators(condition))) {
    const matches = compileMatcher({ item: condition }, filterOptions);
    return (item) => matches({ item }, undefined);
  }
  if (!isDocument(condition)) return (item) => ordering.compare(item, condition) === 0;
  const matches = compileFilter(condition, filterOptions);
  return (item) => isDocument(item) && matches(item);
}

const isFieldOperators = (condition: object): boolean =>
  isOperatorDocument(condition) && !/^\$(and|or|nor|expr|comment)$/.test(Object.keys(condition)[0] ?? '');

/** Operators that change an array. */
export const arrays: UpdateFamily = {
  $push,
  $addToSet,
  $pop,
  $pull: (operand, path, context) => remove('$pull', path, pullTest(operand, context)),
  $pullAll: (operand, path, { ordering }) => {
    if (!Array.isArray(operand)) throw badInput(`$pullAll of "${path}" needs an array.`);
    const keys = new Set(operand.map(ordering.hash));
    return remove('$pullAll', path, (item) => keys.has(ordering.hash(item)));
  },
};
