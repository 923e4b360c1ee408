import { Timestamp } from 'bson';
import { badInput } from '../../errors.ts';
import { add, multiply } from '../values/arithmetic.ts';
import { clone } from '../values/clone.ts';
import { isDocument } from '../values/fields.ts';
import { compareNumbers, integer, type Numeric, readNumeric } from '../values/numbers.ts';
import { typeName } from '../values/types.ts';
import { REMOVED, UNCHANGED } from './location.ts';
import type { UpdateFamily, UpdateOperator } from './operator.ts';

const $set: UpdateOperator = (operand) => ({ create: true, change: () => clone(operand) });

/** $inc and $mul. */
function arithmetic(
  name: string,
  apply: (a: Numeric, b: Numeric) => unknown,
  missing: (by: Numeric) => unknown,
): UpdateOperator {
  return (operand, path) => {
    const by = readNumeric(operand);
    if (by === undefined) throw badInput(`${name} of "${path}" needs a number, not ${typeName(operand)}.`);
    return {
      create: true,
      change(value) {
        if (value === undefined) return missing(by);
        const old = readNumeric(value);
        if (old === undefined)
          throw badInput(`${name} cannot change "${path}": it is ${typeName(value)}, not a number.`);
        const result = apply(old, by);
        const whole = (numeric: Numeric | undefined): boolean =>
          numeric?.type === 'int' || numeric?.type === 'long';
        if (whole(old) && whole(by) && !whole(readNumeric(result))) {
          throw badInput(`${name} of "${path}" would leave the range of a long.`);
        }
        // A result that equals the old value changes nothing: -0 stays -0.
        return typeName(result) === typeName(value) && compareNumbers(result, value) === 0
          ? UNCHANGED
          : result;
      },
    };
  };
}

/** $min and $max, in the BSON order. */
function extreme(direction: 1 | -1): UpdateOperator {
  return (operand, _path, { ordering }) => ({
    create: true,
    change: (value) =>
      value === undefined || ordering.compare(operand, value) * direction > 0 ? clone(operand) : UNCHANGED,
  });
}

const $currentDate: UpdateOperator = (operand, path, { now }) => {
  const isTyped = isDocument(operand) && Object.keys(operand).length === 1;
  const type = typeof operand === 'boolean' ? 'date' : isTyped ? operand['$type'] : undefined;
  if (type === 'date') return { create: true, change: () => new Date(now) };
  if (type !== 'timestamp') {
    throw badInput(`$currentDate of "${path}" takes true, {$type: "date"} or {$type: "timestamp"}.`);
  }
  const timestamp = new Timestamp({ t: Math.floor(now.getTime() / 1000), i: 1 });
  return { create: true, change: () => timestamp };
};

const BITS: { readonly [name: string]: (a: bigint, b: bigint) => bigint } = {
  and: (a, b) => a & b,
  or: (a, b) => a | b,
  xor: (a, b) => a ^ b,
};

function wholeNumber(value: unknown): { type: 'int' | 'long'; value: bigint } | undefined {
  const numeric = readNumeric(value);
  if (numeric?.type !== 'int' && numeric?.type !== 'long') return undefined;
  return { type: numeric.type, value: BigInt(numeric.value) };
}

const ZERO: { type: 'int' | 'long'; value: bigint } = { type: 'int', value: 0n };

const $bit: UpdateOperator = (operand, path) => {
  const names = isDocument(operand) ? Object.keys(operand) : [];
  if (!isDocument(operand) || names.length === 0)
    throw badInput(`$bit of "${path}" takes {and | or | xor: integer}.`);
  const steps = names.map((name) => {
    const apply = Object.hasOwn(BITS, name) ? BITS[name] : undefined;
    const by = wholeNumber(operand[name]);
    if (apply === undefined || by === undefined)
      throw badInput(`$bit of "${path}" takes and, or, xor with an int or long.`);
    return { apply, by };
  });
  return {
    create: true,
    change(value) {
      let current = value === undefined ? ZERO : wholeNumber(value);
      if (current === undefined)
        throw badInput(`$bit cannot change "${path}": it is ${typeName(value)}, not an int or long.`);
      for (const { apply, by } of steps) {
        const type: 'int' | 'long' = by.type === 'long' || current.type === 'long' ? 'long' : 'int';
        current = { type, value: apply(current.value, by.value) };
      }
      return integer(current.value, current.type);
    },
  };
};

/** Operators that set or remove one field. */
export const fields: UpdateFamily = {
  $set,
  $setOnInsert: $set,
  $unset: () => ({
    create: false,
    lenient: true,
    change: (value) => (value === undefined ? UNCHANGED : REMOVED),
  }),
  $inc: arithmetic('$inc', add, (by) => add({ type: 'int', value: 0 }, by)),
  $mul: arithmetic('$mul', multiply, (by) => multiply({ type: 'int', value: 0 }, by)),
  $min: extreme(-1),
  $max: extreme(1),
  $currentDate,
  $bit,
};
