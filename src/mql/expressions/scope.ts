import type { Document, Limits } from '../types.ts';
import type { Ordering } from '../values/collation.ts';

/** Where a variable's value is kept; expressions capture it when they are compiled. */
export interface Cell {
  value: unknown;
}

/** A compiled expression: its value for a document, `undefined` when missing. */
export type Expression = (doc: Document) => unknown;

/** The variables and limits that expressions are compiled in. */
export interface Scope {
  readonly now: Date;
  readonly limits: Limits;
  readonly depth: number;
  /** How strings compare: by the collation of the query. */
  readonly ordering: Ordering;
  /** User variables and CURRENT; ROOT, NOW and REMOVE are built in. */
  readonly variables: ReadonlyMap<string, Cell>;
  /** Compiles an operand; a member, so that operator files need not import the compiler that imports them. */
  compile(value: unknown, scope: Scope): Expression;
}

/** The scope with more variables, which hide those of the same name. */
export function withVariables(scope: Scope, added: Iterable<readonly [string, Cell]>): Scope {
  return { ...scope, variables: new Map([...scope.variables, ...added]) };
}
