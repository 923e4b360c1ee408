import { notSupported } from '../../../errors.ts';
import type { Document } from '../../../mql/index.ts';
import type { CollectionRule } from '../../../policy/data-rules.ts';
import { dependsOnCollation, namesIn, widest } from './paths.ts';

/** A rule that narrows nothing. */
export const plainRule: CollectionRule = { hidden: [] };

export const isPlain = ({ rows, hidden }: CollectionRule): boolean =>
  rows === undefined && hidden.length === 0;

/**
 * Ends what a server may put in front of a `$match`: it joins conditions that follow each other and evaluates them in an
 * order of its own, so that an expression of the caller's could fail on the value of another row and show it. As a limit,
 * more than any collection holds.
 */
export const barrier: Document = { $limit: Number.MAX_SAFE_INTEGER };

/** Operators whose conditions may fail on a value, with a message that shows it. */
const failing: ReadonlySet<string> = new Set(['$expr']);

export function mayFail(...parts: readonly unknown[]): boolean {
  for (const name of namesIn(parts)) if (failing.has(name)) return true;
  return false;
}

/** Stages that compute something of each document, which may fail on its values. */
const computing: ReadonlySet<string> = new Set([
  '$addFields',
  '$project',
  '$redact',
  '$replaceRoot',
  '$replaceWith',
  '$set',
]);

/**
 * Whether a condition of a pipeline, or of one within it, may fail: an expression, or what is asked of something computed,
 * since a server may put what is computed in its place, and then evaluate the condition where it seems to cost the least.
 */
export function anyConditionMayFail(pipeline: readonly unknown[]): boolean {
  let isComputed = false;
  for (const name of namesIn(pipeline)) {
    if (failing.has(name) || (isComputed && name === '$match')) return true;
    isComputed ||= computing.has(name);
  }
  return false;
}

/**
 * The stages after which only what exists for the caller is left.
 * @param isFailing whether a condition of what the caller asks may fail (`mayFail`)
 */
export function narrowing({ rows, hidden }: CollectionRule, isFailing: boolean): Document[] {
  return [
    ...(rows === undefined ? [] : [{ $match: rows }]),
    ...(rows !== undefined && isFailing ? [barrier] : []),
    ...(hidden.length === 0 ? [] : [{ $unset: widest(hidden) }]),
  ];
}

/** Rows first: a store that evaluates in order finds out nothing of others. */
export function both(rows: Document | undefined, filter: Document): Document {
  if (rows === undefined) return filter;
  return Object.keys(filter).length === 0 ? rows : { $and: [rows, filter] };
}

/** Names by which an answer could depend on more than the rows and fields that exist for the caller. */
const refused: Readonly<Record<'rows' | 'fields', ReadonlySet<string>>> = {
  rows: new Set(['$where', '$function', '$accumulator']),
  // A text index may hold hidden fields, an index key is shown by $meta, and a distance tells a place.
  fields: new Set(['$where', '$function', '$accumulator', '$text', '$meta', '$near', '$nearSphere']),
};

/** @throws HydrogenError `not_supported` for an operator that could reveal what a rule hides */
export function assertSafe(rule: CollectionRule, ...asked: readonly unknown[]): void {
  if (isPlain(rule)) return;
  const kind = rule.hidden.length > 0 ? 'fields' : 'rows';
  for (const name of namesIn(asked)) {
    // Operators that servers keep for themselves begin so.
    if (refused[kind].has(name) || name.startsWith('$_'))
      throw notSupported(`${name} with the rules for this collection`);
  }
}

/**
 * A collation also says which texts of the rows' filter are equal.
 * @throws HydrogenError `not_supported`
 */
export function assertCollation({ rows }: CollectionRule, collation: Document | undefined): void {
  if (collation === undefined || rows === undefined || !dependsOnCollation(rows)) return;
  throw notSupported('A collation with the rules for this collection', 'leave "collation" out');
}
