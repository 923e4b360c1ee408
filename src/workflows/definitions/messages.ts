import { taskKindNames } from '../tasks/registry.ts';
import type { FunctionCall } from './dsl.ts';

/** A definition to check: the text of its file. */
export interface DefinitionJob {
  readonly text: string;
}

/** The result of a check: the definition as JSON text in the key order of its file, or why it cannot be run. */
export interface Verdict {
  readonly name?: string;
  readonly definition?: string;
  readonly problems?: readonly string[];
  readonly calls: readonly FunctionCall[];
}

/**
 * The rules by which verdicts were made: stored ones by others count no more. A new kind of task changes them by itself;
 * bump the number with every other change of what is accepted.
 */
export const rules = ['7', ...taskKindNames].join(' ');

/** A value to check against a JSON Schema. */
export interface SchemaJob {
  readonly schema: unknown;
  readonly value: unknown;
  /** What the value is, such as "the input". */
  readonly what: string;
}

/** The value with the schema's defaults, or why it is not valid. */
export type SchemaAnswer = { readonly value: unknown } | { readonly problem: string };
