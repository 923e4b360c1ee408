import { badInput } from '../../errors.ts';
import { toInteger, toNumber } from '../values/numbers.ts';
import { truthy } from '../values/truthy.ts';
import { isNumeric, isTypeNumber, typeFromName, typeNumber } from '../values/types.ts';
import { leaf, negation } from './condition.ts';
import type { FieldOperator } from './context.ts';

const $exists: FieldOperator = (operand) => {
  const present = leaf((value) => value !== undefined, false);
  return truthy(operand) ? present : negation(present);
};

/** A test for one type name or number of `$type`. */
export function bsonTypeTest(wanted: unknown): (value: unknown) => boolean {
  if (wanted === 'number') return isNumeric;
  if (typeof wanted === 'string') {
    const number = typeFromName(wanted);
    if (number === undefined) throw badInput(`There is no BSON type named "${wanted}".`);
    return (value) => typeNumber(value) === number;
  }
  const number = toNumber(wanted);
  if (toInteger(wanted) === undefined || !isTypeNumber(number)) {
    throw badInput('$type needs the name or number of a BSON type, or an array of them.');
  }
  return (value) => value !== undefined && typeNumber(value) === number;
}

const $type: FieldOperator = (operand) => {
  const wanted = Array.isArray(operand) ? operand : [operand];
  if (wanted.length === 0) throw badInput('$type needs at least one type.');
  const tests = wanted.map(bsonTypeTest);
  return leaf((value) => tests.some((test) => test(value)), true);
};

export const element: { [name: string]: FieldOperator } = { $exists, $type };
