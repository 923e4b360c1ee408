import { badInput } from '../../errors.ts';
import { type Document, fromExtendedJson } from '../../mql/formats.ts';
import { isDocument } from '../../mql/values/fields.ts';
import { guardQuery } from '../../policy/query-guard.ts';

/**
 * Checks a query argument with the guard, then converts its Extended JSON to values.
 * @throws HydrogenError `bad_input` naming the argument, or `not_allowed` from the guard.
 */
export function queryArgument(name: string, value: Record<string, unknown>): Document {
  guardQuery(value);
  const converted = convertedArgument(name, value);
  if (isDocument(converted)) return converted;
  throw badInput(
    `argument "${name}" must be an object of names, not the single value that ${Object.keys(value)[0]} stands for.`,
  );
}

function convertedArgument(name: string, value: Record<string, unknown>): unknown {
  try {
    return fromExtendedJson(value);
  } catch (error) {
    throw badInput(
      `argument "${name}" is not valid Extended JSON: ${error instanceof Error ? error.message : error}`,
    );
  }
}

/** The requested collation as part of a query. */
export function collated(given: Record<string, unknown> | undefined): { readonly collation?: Document } {
  return given ? { collation: queryArgument('collation', given) } : {};
}

export function pipelineArgument(stages: readonly Record<string, unknown>[]): Document[] {
  return stages.map((stage, i) => queryArgument(`pipeline.${i}`, stage));
}

export function plural(count: number, singular: string, pluralForm = `${singular}s`): string {
  return `${count.toLocaleString('en')} ${count === 1 ? singular : pluralForm}`;
}
