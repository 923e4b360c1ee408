import { badInput } from '../../errors.ts';
import { getField, isDocument } from '../values/fields.ts';
import { toInteger } from '../values/numbers.ts';
import { approximateSize, createBudget } from '../values/size.ts';
import { truthy } from '../values/truthy.ts';
import { isNullish } from '../values/types.ts';
import { type ExpressionFamily, type ExpressionOperator, namedArguments, wrongType } from './operator.ts';
import { type Cell, withVariables } from './scope.ts';

/** Checks a variable's name: a letter or non-ASCII first, or CURRENT. */
export function checkVariableName(name: string): void {
  if (name === 'CURRENT' || /^[a-z\u0080-\uffff][\w\u0080-\uffff]*$/.test(name)) return;
  throw badInput(
    `"${name}" cannot be a variable: names begin with a lower-case letter and contain no symbols but _.`,
  );
}

const $let: ExpressionOperator = (argument, scope, name) => {
  const args = namedArguments(name, argument, ['vars', 'in']);
  const vars = args.get('vars');
  if (!isDocument(vars)) throw badInput('The "vars" of $let must be a document.');
  const bindings = Object.keys(vars).map((variable) => {
    checkVariableName(variable);
    const cell: Cell = { value: undefined };
    return { variable, cell, value: scope.compile(getField(vars, variable), scope) };
  });
  const inner = withVariables(
    scope,
    bindings.map(({ variable, cell }) => [variable, cell] as const),
  );
  const body = scope.compile(args.get('in'), inner);
  return (doc) => {
    const values = bindings.map(({ value }) => value(doc));
    bindings.forEach(({ cell }, i) => {
      cell.value = values[i];
    });
    return body(doc);
  };
};

/** The name of the current element, from `as`; `this` by default. */
function elementName(args: ReadonlyMap<string, unknown>): string {
  const name = args.has('as') ? args.get('as') : 'this';
  if (typeof name !== 'string') throw badInput('"as" must be a string.');
  checkVariableName(name);
  return name;
}

const $map: ExpressionOperator = (argument, scope, name) => {
  const args = namedArguments(name, argument, ['input', 'in'], ['as']);
  const input = scope.compile(args.get('input'), scope);
  const cell: Cell = { value: undefined };
  const body = scope.compile(args.get('in'), withVariables(scope, [[elementName(args), cell]]));
  return (doc) => {
    const items = input(doc);
    if (isNullish(items)) return null;
    if (!Array.isArray(items)) throw wrongType(name, 'an array as "input"', items);
    const budget = createBudget(name, scope.limits);
    return items.map((item) => {
      scope.limits.tick();
      cell.value = item;
      const made = body(doc) ?? null;
      budget.add(8 + (made === item ? 0 : approximateSize(made)));
      return made;
    });
  };
};

const $filter: ExpressionOperator = (argument, scope, name) => {
  const args = namedArguments(name, argument, ['input', 'cond'], ['as', 'limit']);
  const input = scope.compile(args.get('input'), scope);
  const cell: Cell = { value: undefined };
  const test = scope.compile(args.get('cond'), withVariables(scope, [[elementName(args), cell]]));
  const maxItems = args.has('limit') ? scope.compile(args.get('limit'), scope) : undefined;
  return (doc) => {
    const items = input(doc);
    if (isNullish(items)) return null;
    if (!Array.isArray(items)) throw wrongType(name, 'an array as "input"', items);
    const wanted = maxItems?.(doc);
    const limit = isNullish(wanted) ? Number.POSITIVE_INFINITY : Number(toInteger(wanted) ?? 0n);
    if (limit < 1) throw badInput('The "limit" of $filter must be a positive integer.');
    const matches: unknown[] = [];
    for (const item of items) {
      scope.limits.tick();
      cell.value = item;
      if (truthy(test(doc)) && matches.push(item) >= limit) break;
    }
    return matches;
  };
};

const $reduce: ExpressionOperator = (argument, scope, name) => {
  const args = namedArguments(name, argument, ['input', 'initialValue', 'in']);
  const input = scope.compile(args.get('input'), scope);
  const initial = scope.compile(args.get('initialValue'), scope);
  const item: Cell = { value: undefined };
  const value: Cell = { value: undefined };
  const inner = withVariables(scope, [
    ['this', item],
    ['value', value],
  ]);
  const body = scope.compile(args.get('in'), inner);
  return (doc) => {
    const items = input(doc);
    if (isNullish(items)) return null;
    if (!Array.isArray(items)) throw wrongType(name, 'an array as "input"', items);
    let result = initial(doc);
    for (const next of items) {
      scope.limits.tick();
      item.value = next;
      value.value = result;
      result = body(doc);
    }
    return result;
  };
};

/** A literal: nothing in it is evaluated. */
const $literal: ExpressionOperator = (argument) => () => argument;

export const variables: ExpressionFamily = {
  $let,
  $map,
  $filter,
  $reduce,
  $literal,
  $const: $literal,
  $expr: (argument, scope) => scope.compile(argument, scope),
};
