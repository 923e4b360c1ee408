import { type HydrogenError, notSupported } from '../../../errors.ts';
import type { Document } from '../../../mql/index.ts';
import { isDocument } from '../../../mql/values/fields.ts';
import { truthy } from '../../../mql/values/truthy.ts';
import { isNumeric } from '../../../mql/values/types.ts';
import { mayReadAnything, touches, widest } from './paths.ts';

const isFlag = (value: unknown): boolean => typeof value === 'boolean' || isNumeric(value);

/**
 * The operator of a value that only `find` has. A `$slice` of anything but one or two numbers is the expression of that
 * name, which may read any field.
 */
function ofFind(value: unknown): '$slice' | '$elemMatch' | undefined {
  if (!isDocument(value)) return undefined;
  if (Object.hasOwn(value, '$elemMatch')) return '$elemMatch';
  const { $slice } = value;
  const isPair = Array.isArray($slice) && $slice.length === 2 && $slice.every(isNumeric);
  return isNumeric($slice) || isPair ? '$slice' : undefined;
}

/** @throws HydrogenError `not_supported` for a projection that no stage can make */
export function assertStage(projection: Document): void {
  for (const [path, value] of Object.entries(projection)) {
    const operator = ofFind(value);
    if (operator !== undefined) throw withoutOperator(operator, path);
  }
}

const withoutOperator = (operator: string, path: string): HydrogenError =>
  notSupported(`${operator} of "${path}" with the rules for this collection`, 'compute it in a pipeline');

/** How a projection leaves hidden fields out. */
export type NarrowedProjection =
  /** By itself: the projection to ask for. */
  | { readonly form: 'find'; readonly projection: Document }
  /** As a `$project` after the hidden fields are gone. */
  | { readonly form: 'stage' };

/** Flags that exclude, and the hidden fields; `_id` may be said beside them. */
function excluding(entries: readonly (readonly [string, unknown])[], hidden: readonly string[]): Document {
  const { _id, ...rest } = Object.fromEntries(entries);
  const kept = Object.entries(rest).filter(([path]) => !hidden.some((field) => isBelow(path, field)));
  const names = widest([...kept.map(([path]) => path), ...hidden]);
  const flags = names.map((path) => [path, Object.hasOwn(rest, path) ? rest[path] : 0] as const);
  return { ...(_id !== undefined && !hidden.includes('_id') && { _id }), ...Object.fromEntries(flags) };
}

const isBelow = (path: string, field: string): boolean => path !== field && path.startsWith(`${field}.`);

/**
 * A projection of `find` that shows no hidden field.
 * @throws HydrogenError `not_supported` for an operator of `find` on a field with hidden ones in it
 */
export function narrowedProjection(requested: Document, hidden: readonly string[]): NarrowedProjection {
  const entries = Object.entries(requested);
  const special = entries.find(([, value]) => ofFind(value) !== undefined);
  if (special !== undefined) return withOperators(entries, special[0], hidden);
  const fields = entries.filter(([path]) => path !== '_id');
  if (!entries.every(([path, value]) => isFlag(value) && !path.includes('$'))) return { form: 'stage' };
  const includes = fields.length > 0 ? truthy(fields[0]?.[1]) : truthy(requested['_id'] ?? 0);
  const paths = fields.map(([path]) => path);
  // What is wrong with it by itself is told by the stage.
  const isInvalid =
    fields.some(([, value]) => truthy(value) !== includes) || widest(paths).length < paths.length;
  if (isInvalid) return { form: 'stage' };
  if (!includes) return { form: 'find', projection: excluding(entries, hidden) };
  const isApart = !touches([...paths, '_id'], hidden);
  return isApart ? { form: 'find', projection: requested } : { form: 'stage' };
}

/** With `$slice` or `$elemMatch`, which no stage has. */
function withOperators(
  entries: readonly (readonly [string, unknown])[],
  path: string,
  hidden: readonly string[],
): NarrowedProjection {
  const isApart = entries.every(
    ([name, value]) =>
      !touches([name], hidden) &&
      !mayReadAnything(value) &&
      (isFlag(value) || ofFind(value) !== undefined) &&
      !name.includes('$'),
  );
  const operators = new Set(entries.flatMap(([, value]) => ofFind(value) ?? []));
  const flags = entries.filter(([name, value]) => name !== '_id' && isFlag(value));
  const includes = flags.some(([, value]) => truthy(value));
  const excludes = flags.some(([, value]) => !truthy(value));
  const isIdNamed = entries.some(([name]) => name === '_id');
  const asItIs = !excludes && (includes || (operators.has('$elemMatch') && operators.size === 1));
  if (isApart && asItIs) return { form: 'find', projection: Object.fromEntries(entries) };
  if (isApart && !includes && operators.size === 1 && operators.has('$slice') && !isIdNamed) {
    const without = excluding(
      entries.filter(([, value]) => isFlag(value)),
      hidden,
    );
    const slices = entries.filter(([, value]) => !isFlag(value));
    return { form: 'find', projection: { ...Object.fromEntries(slices), ...without } };
  }
  throw withoutOperator(ofFind(Object.fromEntries(entries)[path]) ?? '', path);
}
