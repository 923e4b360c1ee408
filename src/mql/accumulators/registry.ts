import { badInput } from '../../errors.ts';
import type { Scope } from '../expressions/scope.ts';
import { refusedOrUnknown } from '../names.ts';
import { getField, isDocument } from '../values/fields.ts';
import type { AccumulatorFactory, AccumulatorFamily } from './accumulator.ts';
import { basic } from './basic.ts';
import { ranked } from './ranked.ts';

/** All accumulators of $group, $bucket and $setWindowFields by name. */
export const ACCUMULATORS: AccumulatorFamily = { ...basic, ...ranked };

/** MongoDB accumulators that are not implemented, with what to do instead. */
export const REFUSED_ACCUMULATORS = {
  $accumulator: 'JavaScript is never run; use the other accumulators',
  $function: 'JavaScript is never run; use expression operators',
};

/** Compiles `{$sum: "$price"}` for the field `field` of a $group. */
export function compileAccumulator(field: string, spec: unknown, scope: Scope): AccumulatorFactory {
  if (field.includes('.')) throw badInput(`"${field}" of the group must not contain a dot.`);
  if (field.startsWith('$')) throw badInput(`"${field}" of the group must not start with $.`);
  const names = isDocument(spec) ? Object.keys(spec) : [];
  const [name] = names;
  if (!isDocument(spec) || name === undefined || !name.startsWith('$')) {
    throw badInput(`"${field}" must be an accumulator, as in {${field}: {$sum: 1}}.`);
  }
  if (names.length > 1) throw badInput(`"${field}" must have exactly one accumulator.`);
  const operator = Object.hasOwn(ACCUMULATORS, name) ? ACCUMULATORS[name] : undefined;
  if (operator === undefined)
    throw refusedOrUnknown('accumulator', name, Object.keys(ACCUMULATORS), REFUSED_ACCUMULATORS);
  const operand = getField(spec, name);
  if (Array.isArray(operand))
    throw badInput(`${name} of "${field}" takes one operand, not an array of them.`);
  return operator(operand, scope, name);
}
