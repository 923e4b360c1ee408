import { badInput } from '../../errors.ts';
import type { Accumulator, AccumulatorFactory } from '../accumulators/accumulator.ts';
import { compileAccumulator } from '../accumulators/registry.ts';
import { compileExpression } from '../expressions/compile.ts';
import type { Expression, Scope } from '../expressions/scope.ts';
import type { Document } from '../types.ts';
import { getField, isDocument, setField } from '../values/fields.ts';
import { approximateSize, type Budget, createBudget } from '../values/size.ts';
import { isNumeric } from '../values/types.ts';
import { compileSortStage } from './sort.ts';
import type { StageContext, StageFamily, StageOperator } from './stage.ts';

/** The accumulators of a group by output field. */
export type Output = readonly (readonly [field: string, factory: AccumulatorFactory])[];

export function compileOutput(spec: Document, scope: Scope): Output {
  return Object.keys(spec).map((field) => [field, compileAccumulator(field, getField(spec, field), scope)]);
}

/** A group being built. */
export interface Group {
  add(doc: Document): void;
  finish(id: unknown): Document;
}

export function startGroup(output: Output, budget: Budget, id: unknown): Group {
  const running: [string, Accumulator][] = output.map(([field, factory]) => [field, factory(budget, id)]);
  return {
    add(doc) {
      for (const [, accumulator] of running) accumulator.add(doc);
    },
    finish(id) {
      const result: Document = { _id: id };
      for (const [field, accumulator] of running) setField(result, field, accumulator.result());
      return result;
    },
  };
}

/** Groups documents by a key; the groups are in order of first appearance. */
export function* groupBy(
  input: Iterable<Document>,
  key: Expression,
  output: Output,
  name: string,
  { scope }: StageContext,
): Generator<Document> {
  const budget = createBudget(name, scope.limits);
  const groups = new Map<string | number, { readonly id: unknown; readonly group: Group }>();
  for (const doc of input) {
    const id = key(doc) ?? null;
    const hash = scope.ordering.hash(id);
    let entry = groups.get(hash);
    if (entry === undefined) {
      budget.add(128 + approximateSize(id) + 64 * output.length);
      entry = { id, group: startGroup(output, budget, id) };
      groups.set(hash, entry);
    }
    entry.group.add(doc);
  }
  for (const { id, group } of groups.values()) {
    scope.limits.tick();
    yield group.finish(id);
  }
}

const isFlag = (value: unknown): boolean => typeof value === 'boolean' || isNumeric(value);

/** The group key. In a document with one field a missing value is null; with several it is omitted. */
function compileKey(id: unknown, scope: Scope): Expression {
  const key = compileExpression(id, scope);
  const names = isDocument(id) ? Object.keys(id) : [];
  const [only] = names;
  const flag = names.find((name) => !name.startsWith('$') && isFlag(getField(id as Document, name)));
  if (flag !== undefined) {
    throw badInput(
      `"${flag}" of the group's _id is a number or a boolean, which $group does not include fields by.`,
    );
  }
  if (names.length !== 1 || only === undefined || only.startsWith('$')) return key;
  return (doc) => {
    const value = key(doc);
    return isDocument(value) && Object.keys(value).length === 0 ? { [only]: null } : value;
  };
}

const $group: StageOperator = (argument, context, name) => {
  if (!isDocument(argument)) throw badInput('$group needs a document.');
  if (!Object.hasOwn(argument, '_id'))
    throw badInput('$group needs "_id", the key to group by (null for one group).');
  const { _id, ...rest } = argument;
  const key = compileKey(_id, context.scope);
  const output = compileOutput(rest, context.scope);
  return (input) => groupBy(input, key, output, name, context);
};

const $sortByCount: StageOperator = (argument, context, name) => {
  const isPath = typeof argument === 'string' && argument.startsWith('$');
  const isOperator = isDocument(argument) && Object.keys(argument)[0]?.startsWith('$');
  if (!isPath && !isOperator) throw badInput('$sortByCount needs an expression, as in "$status".');
  const key = compileExpression(argument, context.scope);
  const output = compileOutput({ count: { $sum: 1 } }, context.scope);
  const sort = compileSortStage({ count: -1 }, context);
  return (input) => sort(groupBy(input, key, output, name, context));
};

export const grouping: StageFamily = { $group, $sortByCount };
