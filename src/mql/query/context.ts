import type { Scope } from '../expressions/scope.ts';
import type { Document } from '../types.ts';
import type { Ordering } from '../values/collation.ts';
import type { Condition, Matcher } from './condition.ts';

/** Shared by the compilers of query operators. */
export interface QueryContext {
  readonly ordering: Ordering;
  /** Variables that `$expr` sees. */
  readonly scope: Scope;
  /** True within $elemMatch, whose filter is not one on whole documents. */
  readonly inElement: boolean;
  /** Compiles a whole filter one level down. */
  filter(filter: Document): Matcher;
  /** Compiles the filter of $elemMatch. */
  elementFilter(filter: Document): Matcher;
  /** Compiles the operators of one field, `{$gt: 1, $lt: 5}`, one level down. */
  operators(operators: Document): Condition;
}

/** Compiles the operand of a field operator; `siblings` is the document that contains the operator. */
export type FieldOperator = (operand: unknown, context: QueryContext, siblings: Document) => Condition;

/** Compiles an operator at the top level of a filter. */
export type TopOperator = (operand: unknown, context: QueryContext) => Matcher;
