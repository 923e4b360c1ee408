import { badInput } from '../../errors.ts';
import { isDocument } from '../values/fields.ts';
import { truthy } from '../values/truthy.ts';
import { isNullish } from '../values/types.ts';
import { isFoldable } from './constant.ts';
import {
  binary,
  type ExpressionFamily,
  type ExpressionOperator,
  namedArguments,
  operandList,
  unary,
} from './operator.ts';

function comparison(holds: (order: number) => unknown): ExpressionOperator {
  return binary((a, b, _name, { ordering }) => holds(ordering.compare(a, b)));
}

const $cond: ExpressionOperator = (argument, scope, name) => {
  const parts = isDocument(argument)
    ? (() => {
        const args = namedArguments(name, argument, ['if', 'then', 'else']);
        return [args.get('if'), args.get('then'), args.get('else')];
      })()
    : operandList(argument);
  if (parts.length !== 3) throw badInput('$cond takes three operands: [if, then, else].');
  const test = scope.compile(parts[0], scope);
  // Of a constant condition, MongoDB drops the other branch before it looks at it.
  const chosen = isFoldable(parts[0]) ? truthy(test({})) : undefined;
  const unread = { ...scope, folds: false };
  const then = scope.compile(parts[1], chosen === false ? unread : scope);
  const otherwise = scope.compile(parts[2], chosen === true ? unread : scope);
  return (doc) => (truthy(test(doc)) ? then(doc) : otherwise(doc));
};

const $ifNull: ExpressionOperator = (argument, scope) => {
  const operands = operandList(argument);
  if (operands.length < 2) throw badInput('$ifNull takes at least two operands.');
  const compiled = operands.map((operand) => scope.compile(operand, scope));
  const last = compiled.pop();
  return (doc) => {
    for (const operand of compiled) {
      const value = operand(doc);
      if (!isNullish(value)) return value;
    }
    return last?.(doc);
  };
};

const $switch: ExpressionOperator = (argument, scope, name) => {
  const args = namedArguments(name, argument, ['branches'], ['default']);
  const list = args.get('branches');
  if (!Array.isArray(list) || list.length === 0)
    throw badInput('$switch needs a non-empty array "branches".');
  const unread = { ...scope, folds: false };
  let decided = false;
  const branches = list.map((branch) => {
    const parts = namedArguments('A branch of $switch', branch, ['case', 'then']);
    const test = scope.compile(parts.get('case'), decided ? unread : scope);
    const constant = !decided && isFoldable(parts.get('case')) ? truthy(test({})) : undefined;
    const then = scope.compile(parts.get('then'), decided || constant === false ? unread : scope);
    decided ||= constant === true;
    return [test, then] as const;
  });
  const fallback = args.has('default') ? scope.compile(args.get('default'), scope) : undefined;
  return (doc) => {
    for (const [test, then] of branches) if (truthy(test(doc))) return then(doc);
    if (fallback === undefined) throw badInput('No branch of $switch applies and it has no "default".');
    return fallback(doc);
  };
};

/** $and and $or; a constant operand that decides is found before any other is evaluated. */
function junction(decisive: boolean): ExpressionOperator {
  return (argument, scope) => {
    const list = operandList(argument);
    const operands = list.map((operand) => scope.compile(operand, scope));
    const decided =
      scope.folds && list.some((operand, i) => isFoldable(operand) && truthy(operands[i]?.({})) === decisive);
    if (decided) return () => decisive;
    return (doc) => operands.some((operand) => truthy(operand(doc)) === decisive) === decisive;
  };
}

export const conditional: ExpressionFamily = {
  $cond,
  $ifNull,
  $switch,
  $and: junction(false),
  $or: junction(true),
  $not: unary((value) => !truthy(value)),
  $eq: comparison((order) => order === 0),
  $ne: comparison((order) => order !== 0),
  $gt: comparison((order) => order > 0),
  $gte: comparison((order) => order >= 0),
  $lt: comparison((order) => order < 0),
  $lte: comparison((order) => order <= 0),
  $cmp: comparison(Math.sign),
};
