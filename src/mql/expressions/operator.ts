import { badInput } from '../../errors.ts';
import { getField, isDocument } from '../values/fields.ts';
import { isNullish, typeName } from '../values/types.ts';
import type { Expression, Scope } from './scope.ts';

/** Compiles one operator: `argument` as it was written, in the scope of the expression. */
export type ExpressionOperator = (argument: unknown, scope: Scope, name: string) => Expression;
export type ExpressionFamily = { readonly [name: string]: ExpressionOperator };

/** The operands as written: an array, or a single operand without one. */
export function operandList(argument: unknown): unknown[] {
  return Array.isArray(argument) ? argument : [argument];
}

function checkCount(name: string, count: number, min: number, max: number): void {
  if (count >= min && count <= max) return;
  const wanted = min === max ? `exactly ${min}` : max === Infinity ? `at least ${min}` : `${min} to ${max}`;
  throw badInput(`${name} takes ${wanted} operand${wanted.endsWith(' 1') ? '' : 's'}, not ${count}.`);
}

/** One operand. */
export function unary(apply: (value: unknown, name: string, scope: Scope) => unknown): ExpressionOperator {
  return (argument, scope, name) => {
    const operands = operandList(argument);
    checkCount(name, operands.length, 1, 1);
    const operand = scope.compile(operands[0], scope);
    return (doc) => apply(operand(doc), name, scope);
  };
}

/** Two operands. */
export function binary(
  apply: (a: unknown, b: unknown, name: string, scope: Scope) => unknown,
): ExpressionOperator {
  return (argument, scope, name) => {
    const operands = operandList(argument);
    checkCount(name, operands.length, 2, 2);
    const first = scope.compile(operands[0], scope);
    const second = scope.compile(operands[1], scope);
    return (doc) => apply(first(doc), second(doc), name, scope);
  };
}

/** Between `min` and `max` operands in an array. */
export function several(
  min: number,
  max: number,
  apply: (values: unknown[], name: string, scope: Scope) => unknown,
): ExpressionOperator {
  return (argument, scope, name) => {
    const list = operandList(argument);
    checkCount(name, list.length, min, max);
    const operands = list.map((operand) => scope.compile(operand, scope));
    return (doc) =>
      apply(
        operands.map((operand) => operand(doc)),
        name,
        scope,
      );
  };
}

/** One operand, null when it is null or missing. */
export function unaryOrNull(apply: (value: unknown, name: string) => unknown): ExpressionOperator {
  return unary((value, name) => (isNullish(value) ? null : apply(value, name)));
}

/** The fields of an operator that takes a document, checked against its argument names. */
export function namedArguments(
  name: string,
  argument: unknown,
  required: readonly string[],
  optional: readonly string[] = [],
): Map<string, unknown> {
  if (!isDocument(argument)) {
    throw badInput(`${name} takes a document with ${required.join(', ') || optional.join(', ')}.`);
  }
  for (const field of Object.keys(argument)) {
    if (required.includes(field) || optional.includes(field)) continue;
    throw badInput(`${name} has no argument "${field}". It takes ${[...required, ...optional].join(', ')}.`);
  }
  for (const field of required) {
    if (!Object.hasOwn(argument, field)) throw badInput(`${name} needs the argument "${field}".`);
  }
  return new Map(Object.keys(argument).map((field) => [field, getField(argument, field)]));
}

/** The evaluated arguments of a document-style operator; missing arguments are `undefined`. */
export function named(
  required: readonly string[],
  optional: readonly string[],
  apply: (values: { readonly [field: string]: unknown }, name: string, scope: Scope) => unknown,
): ExpressionOperator {
  return (argument, scope, name) => {
    const args = [...namedArguments(name, argument, required, optional)];
    const compiled = args.map(([field, value]) => [field, scope.compile(value, scope)] as const);
    return (doc) => {
      const values: { [field: string]: unknown } = {};
      for (const [field, expression] of compiled) values[field] = expression(doc);
      return apply(values, name, scope);
    };
  };
}

/**
 * Checks operands one after another, as MongoDB evaluates them: `undefined` where one is null or missing before any
 * that `read` refuses.
 */
export function untilNull<T>(values: readonly unknown[], read: (value: unknown) => T): T[] | undefined {
  const found: T[] = [];
  for (const value of values) {
    if (isNullish(value)) return undefined;
    found.push(read(value));
  }
  return found;
}

/** The error for an operand of a type that the operator cannot take. */
export function wrongType(name: string, wanted: string, value: unknown) {
  return badInput(`${name} needs ${wanted}, not ${typeName(value)}.`);
}
