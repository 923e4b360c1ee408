import type { Document, Limits } from '../types.ts';
import type { Ordering } from '../values/collation.ts';

/** Holds a variable's value; expressions capture the cell when they are compiled. */
export interface Cell {
  value: unknown;
}

/** A compiled expression: returns its value for a document, `undefined` if missing. */
export type Expression = (doc: Document) => unknown;

/** The variables and limits that expressions are compiled with. */
export interface Scope {
  readonly now: Date;
  readonly limits: Limits;
  readonly depth: number;
  /**
   * Whether operators on constants are computed at once, so that their errors show even where no document gets to them,
   * as in MongoDB; false where MongoDB drops the expression before.
   */
  readonly folds: boolean;
  /** How strings compare, by the collation of the query. */
  readonly ordering: Ordering;
  /** User variables and CURRENT; ROOT, NOW and REMOVE are built in. */
  readonly variables: ReadonlyMap<string, Cell>;
  /** Compiles an operand. A member to avoid an import cycle between the compiler and the operators. */
  compile(value: unknown, scope: Scope): Expression;
}

/** The scope with additional variables, which shadow those of the same name. */
export function withVariables(scope: Scope, added: Iterable<readonly [string, Cell]>): Scope {
  return { ...scope, variables: new Map([...scope.variables, ...added]) };
}
