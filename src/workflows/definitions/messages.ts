/** A definition to check: the text of its file. */
export interface DefinitionJob {
  readonly text: string;
}

/** What checking gave: the definition as JSON text in the order of its file, or why it cannot be run. */
export interface Verdict {
  readonly name?: string;
  readonly definition?: string;
  readonly problem?: string;
  /** The functions it calls and where. */
  readonly calls: readonly { readonly place: string; readonly name: string }[];
}

/** Grows with every change of what is accepted, so that kept verdicts are not used any more. */
export const rulesVersion = 2;

/** A value to check against a JSON Schema. */
export interface SchemaJob {
  readonly schema: unknown;
  readonly value: unknown;
}

/** The value with the defaults of the schema, or why it does not fit. */
export type SchemaAnswer = { readonly value: unknown } | { readonly problem: string };
