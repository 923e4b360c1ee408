import { badInput, notSupported } from '../../errors.ts';
import { compileExpression } from '../expressions/compile.ts';
import { isConstant } from '../expressions/constant.ts';
import { isDocument } from '../values/fields.ts';
import { toNumber } from '../values/numbers.ts';
import { compileRegexValue } from '../values/regex.ts';
import { truthy } from '../values/truthy.ts';
import { isOperatorDocument, isRegex } from './array.ts';
import { every, type Matcher, negation } from './condition.ts';
import type { FieldOperator, QueryContext, TopOperator } from './context.ts';
import { matchRegex } from './evaluation.ts';
import { $jsonSchema } from './json-schema.ts';

function branches(name: string, operand: unknown, context: QueryContext): Matcher[] {
  if (!Array.isArray(operand) || operand.length === 0) throw badInput(`${name} needs a non-empty array.`);
  return operand.map((branch) => {
    if (!isDocument(branch)) throw badInput(`${name} takes an array of documents.`);
    return context.filter(branch);
  });
}

const $not: FieldOperator = (operand, context) => {
  if (isRegex(operand)) return negation(matchRegex(compileRegexValue(operand), operand));
  if (!isDocument(operand) || !isOperatorDocument(operand)) {
    throw badInput('$not needs a document of operators, as in {$not: {$gt: 5}}, or a regular expression.');
  }
  return negation(context.operators(operand));
};

const any =
  (matchers: Matcher[]): Matcher =>
  (doc) =>
    matchers.some((matches) => matches(doc, undefined));

const $sampleRate: TopOperator = (operand) => {
  const rate = toNumber(operand);
  if (!(rate >= 0 && rate <= 1)) throw badInput('$sampleRate needs a number from 0 to 1.');
  return () => Math.random() < rate;
};

const constant =
  (name: string, result: boolean): TopOperator =>
  (operand) => {
    if (toNumber(operand) !== 1) throw badInput(`${name} takes 1.`);
    return () => result;
  };

/**
 * MongoDB looks for a field in a list twice, once without the collation, where the $in is the whole of $expr or a branch
 * of it.
 */
function refuseInOfField(expression: unknown): void {
  if (!isDocument(expression)) return;
  for (const name of ['$and', '$or']) {
    const operands = expression[name];
    if (Array.isArray(operands)) operands.forEach(refuseInOfField);
  }
  const operands = expression['$in'];
  if (!Array.isArray(operands) || typeof operands[0] !== 'string' || !/^\$[^$]/.test(operands[0])) return;
  if (isConstant(operands[1])) {
    throw notSupported(
      '$in of a field in $expr with a collation',
      `write {${operands[0].slice(1)}: {$in: […]}}`,
    );
  }
}

export const fieldLogical: { [name: string]: FieldOperator } = { $not };

export const topLogical: { [name: string]: TopOperator } = {
  $and: (operand, context) => every(branches('$and', operand, context)),
  $or: (operand, context) => any(branches('$or', operand, context)),
  $nor: (operand, context) => {
    const matches = any(branches('$nor', operand, context));
    return (doc) => !matches(doc, undefined);
  },
  $expr: (operand, context) => {
    if (context.inElement)
      throw badInput('$expr compares fields of the document: it cannot be in $elemMatch.');
    if (!context.scope.ordering.binary) refuseInOfField(operand);
    const evaluate = compileExpression(operand, context.scope);
    return (doc) => truthy(evaluate(doc));
  },
  $comment: () => () => true,
  $jsonSchema,
  $sampleRate,
  $alwaysTrue: constant('$alwaysTrue', true),
  $alwaysFalse: constant('$alwaysFalse', false),
};
