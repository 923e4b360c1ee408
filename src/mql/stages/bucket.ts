import { badInput } from '../../errors.ts';
import { compileExpression } from '../expressions/compile.ts';
import { readsFields } from '../expressions/constant.ts';
import { namedArguments } from '../expressions/operator.ts';
import type { Document } from '../types.ts';
import type { Ordering } from '../values/collation.ts';
import { isDocument } from '../values/fields.ts';
import { toNumber } from '../values/numbers.ts';
import { approximateSize, createBudget } from '../values/size.ts';
import { isNullish, typeRank } from '../values/types.ts';
import { findGranularity } from './granularity.ts';
import { compileOutput, type Group, groupBy, type Output, startGroup } from './group.ts';
import { compileSortStage } from './sort.ts';
import { type StageContext, type StageFamily, type StageOperator, wholeNumber } from './stage.ts';

function bucketOutput(spec: unknown, context: StageContext, name: string): Output {
  const isEmpty = isDocument(spec) && Object.keys(spec).length === 0 && name === '$bucketAuto';
  if (spec === undefined || isEmpty) return compileOutput({ count: { $sum: 1 } }, context.scope);
  if (!isDocument(spec)) throw badInput(`"output" of ${name} must be a document of accumulators.`);
  if (name === '$bucketAuto') Object.values(spec).forEach(checkConstantSize);
  return compileOutput(spec, context.scope);
}

/** The _id of a bucket is known only when it is full, so how many values its accumulators keep cannot depend on it. */
function checkConstantSize(accumulator: unknown): void {
  for (const argument of isDocument(accumulator) ? Object.values(accumulator) : []) {
    if (!isDocument(argument) || !readsFields(argument['n'])) continue;
    throw badInput('"n" of an accumulator of $bucketAuto must be a constant.');
  }
}

function groupByExpression(value: unknown, context: StageContext, name: string) {
  const isPath = typeof value === 'string' && value.startsWith('$');
  if (!isPath && !isDocument(value))
    throw badInput(`"groupBy" of ${name} must be an expression, as in "$price".`);
  return compileExpression(value, context.scope);
}

const $bucket: StageOperator = (argument, context, name) => {
  const args = namedArguments(name, argument, ['groupBy', 'boundaries'], ['default', 'output']);
  const value = groupByExpression(args.get('groupBy'), context, name);
  const boundaries = compileExpression(args.get('boundaries'), context.scope)({});
  if (!Array.isArray(boundaries) || boundaries.length < 2) {
    throw badInput('"boundaries" of $bucket must be an array of at least two values.');
  }
  const { compare } = context.scope.ordering;
  checkBoundaries(boundaries, context.scope.ordering);
  const hasDefault = args.has('default');
  const fallback = hasDefault ? compileExpression(args.get('default'), context.scope)({}) : undefined;
  const [low, high] = [boundaries[0], boundaries.at(-1)];
  if (
    hasDefault &&
    typeRank(fallback) === typeRank(low) &&
    compare(fallback, low) >= 0 &&
    compare(fallback, high) < 0
  ) {
    throw badInput('"default" of $bucket must lie outside its boundaries.');
  }
  const output = bucketOutput(args.get('output'), context, name);
  const sort = compileSortStage({ _id: 1 }, context);
  const bucketOf = (doc: Document): unknown => {
    const found = value(doc);
    const above = boundaries.findIndex((boundary) => compare(found, boundary) < 0);
    if (above > 0 && !isNullish(found)) return boundaries[above - 1];
    if (hasDefault) return fallback;
    throw badInput('$bucket met a value outside its boundaries. Give it a "default" or other boundaries.');
  };
  return (input) => sort(groupBy(input, bucketOf, output, name, context));
};

function checkBoundaries(boundaries: readonly unknown[], { compare }: Ordering): void {
  for (let i = 1; i < boundaries.length; i++) {
    const [lower, upper] = [boundaries[i - 1], boundaries[i]];
    if (typeRank(lower) !== typeRank(upper)) throw badInput('"boundaries" of $bucket must be of one type.');
    if (compare(lower, upper) >= 0) throw badInput('"boundaries" of $bucket must ascend.');
  }
}

interface Item {
  readonly key: unknown;
  readonly doc: Document;
}

/**
 * The end of a bucket that contains at least the items up to `end`: equal values stay together, with everything below
 * the border.
 */
function endOfBucket(
  items: readonly Item[],
  end: number,
  border: unknown,
  compare: Ordering['compare'],
): number {
  for (let at = end; at < items.length; at++) {
    const next = items[at]?.key;
    const isBelow = border !== undefined && compare(border, next) > 0;
    if (!isBelow && compare(next, items[at - 1]?.key) !== 0) return at;
  }
  return items.length;
}

/** Buckets with about the same number of documents; equal values stay together. */
const $bucketAuto: StageOperator = (argument, context, name) => {
  const args = namedArguments(name, argument, ['groupBy', 'buckets'], ['output', 'granularity']);
  const series = args.has('granularity') ? findGranularity(args.get('granularity')) : undefined;
  const value = groupByExpression(args.get('groupBy'), context, name);
  const buckets = wholeNumber(args.get('buckets'), '"buckets" of $bucketAuto', 1);
  if (buckets > 2147483647) throw badInput('"buckets" of $bucketAuto must be a 32-bit integer.');
  const output = bucketOutput(args.get('output'), context, name);
  const { limits } = context.scope;
  const { compare } = context.scope.ordering;
  return function* (input) {
    const budget = createBudget(name, limits);
    const items: Item[] = [];
    for (const doc of input) {
      budget.add(32 + approximateSize(doc));
      items.push({ key: value(doc) ?? null, doc });
    }
    items.sort((a, b) => compare(a.key, b.key));
    const size = Math.max(1, Math.round(items.length / buckets));
    let at = 0;
    let min = series?.down(items[0]?.key ?? 0) ?? items[0]?.key;
    for (let bucket = 1; at < items.length; bucket++) {
      const group: Group = startGroup(output, budget, undefined);
      const minEnd = bucket === buckets ? items.length : Math.min(items.length, at + size);
      let border = series?.up(items[minEnd - 1]?.key);
      const end = endOfBucket(items, minEnd, border, compare);
      for (; at < end; at++) group.add(items[at]?.doc ?? {});
      // Nothing rounds up from 0, so the next bucket's values round down.
      if (series !== undefined && toNumber(border) === 0 && at < items.length) {
        border = series.down(items[at]?.key);
      }
      const max = border ?? items[Math.min(at, items.length - 1)]?.key;
      yield group.finish({ min, max });
      min = max;
    }
  };
};

export const buckets: StageFamily = { $bucket, $bucketAuto };
