import { HydrogenError } from '../../../errors.ts';
import { regexParts } from '../../../mql/values/compare.ts';
import { exponentialPart } from '../../../mql/values/regex-safety.ts';
import { assertPatternSize } from '../../../mql/values/regex-size.ts';
import { T, typeNumber } from '../../../mql/values/types.ts';

// A server that backtracks does not check its time limit within a match: expressions known to take minutes on some text
// are not sent to it. The embedded store can stop its own matches and refuses none.

const byExpression: ReadonlySet<string> = new Set(['$regexMatch', '$regexFind', '$regexFindAll']);

function check(pattern: unknown, options: unknown): void {
  if (typeof pattern !== 'string') return;
  assertPatternSize(pattern);
  const part = exponentialPart(pattern, typeof options === 'string' ? options : '');
  if (part === undefined) return;
  throw new HydrogenError(
    'not_allowed',
    `The regular expression was not sent to the server: "${part.slice(0, 100)}" can match a text in so many ways that a single document may take minutes. Rewrite it so that there is one way, without nested repetitions or many in a row.`,
  );
}

function checkExpression(argument: unknown): void {
  if (typeof argument !== 'object' || argument === null) return;
  const { regex, options } = argument as Record<string, unknown>;
  check(regex, options);
}

function checkSchema(schema: unknown): void {
  if (typeof schema !== 'object' || schema === null) return;
  for (const [key, inner] of Object.entries(schema)) {
    if (key === 'pattern') check(inner, '');
    if (key === 'patternProperties') for (const name of Object.keys(inner ?? {})) check(name, '');
    checkSchema(inner);
  }
}

function walk(value: unknown): void {
  if (typeof value !== 'object' || value === null) return;
  if (typeNumber(value) === T.regex) {
    const { pattern, options } = regexParts(value);
    check(pattern, options);
    return;
  }
  if ('_bsontype' in value || value instanceof Date || ArrayBuffer.isView(value)) return;
  if (Array.isArray(value)) {
    for (const item of value) walk(item);
    return;
  }
  for (const [key, inner] of Object.entries(value)) {
    if (key === '$regex') check(inner, (value as Record<string, unknown>)['$options']);
    if (byExpression.has(key)) checkExpression(inner);
    if (key === '$jsonSchema') checkSchema(inner);
    walk(inner);
  }
}

/** The parts of a request that a server evaluates. */
interface Evaluated {
  readonly filter?: unknown;
  readonly projection?: unknown;
  readonly pipeline?: unknown;
  readonly arrayFilters?: unknown;
  readonly update?: unknown;
}

/**
 * @throws HydrogenError `not_allowed` for a regular expression that takes exponential time on some texts
 */
export function refuseRunaways({ filter, projection, pipeline, arrayFilters, update }: Evaluated): void {
  // Patterns in update operators are values to store.
  for (const part of [
    filter,
    projection,
    pipeline,
    arrayFilters,
    Array.isArray(update) ? update : undefined,
  ]) {
    walk(part);
  }
}
