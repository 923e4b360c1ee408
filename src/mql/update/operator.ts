import type { FilterOptions } from '../query/filter.ts';
import type { Ordering } from '../values/collation.ts';
import type { ValueChange } from './location.ts';

/** Shared by the compilers of update operators. */
export interface UpdateContext {
  readonly now: Date;
  readonly filterOptions: FilterOptions;
  readonly ordering: Ordering;
}

/** One operator on one path. */
export interface Modifier {
  readonly change: ValueChange;
  /** Whether a missing field and the documents on the path to it are created. */
  readonly create: boolean;
  /** Without `create`: whether a path through a scalar, or a name in an array, changes nothing instead of failing. */
  readonly lenient?: boolean;
}

/** Compiles an operator's operand for a path. */
export type UpdateOperator = (operand: unknown, path: string, context: UpdateContext) => Modifier;
export type UpdateFamily = { readonly [name: string]: UpdateOperator };
