import type { Scope } from '../expressions/scope.ts';
import type { SortField } from '../sort/comparator.ts';
import type { Document } from '../types.ts';
import type { Budget } from '../values/size.ts';

/** The documents of one partition in order, and what they are sorted by. */
export interface Partition {
  readonly docs: readonly Document[];
  readonly keys: readonly (readonly unknown[])[];
  readonly budget: Budget;
}

/** The first and last index (inclusive) of a document's window; empty when first > last. */
type Window = readonly [first: number, last: number];

/** Finds the window of the document at an index. */
export interface WindowBounds {
  readonly kind: 'documents' | 'range';
  /** True if the window always starts at the start of the partition, so that it only grows. */
  readonly growing: boolean;
  /** True if the window of every document holds the document itself. */
  readonly holdsItself: boolean;
  at(partition: Partition, index: number): Window;
}

/** Computes the output of a window function for every document of a partition. */
export type WindowFunction = (partition: Partition) => Iterable<unknown>;

export interface WindowContext {
  readonly scope: Scope;
  readonly sort: readonly SortField[];
  readonly bounds: WindowBounds | undefined;
}

/** Compiles the argument of a window function. */
export type WindowOperator = (argument: unknown, context: WindowContext, name: string) => WindowFunction;
export type WindowFamily = { readonly [name: string]: WindowOperator };
