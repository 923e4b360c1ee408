import { badInput, HydrogenError } from '../../errors.ts';
import { addUnits, parseUnit, type Unit } from '../dates/calendar.ts';
import { UTC } from '../dates/zones.ts';
import { namedArguments, wrongType } from '../expressions/operator.ts';
import type { Document, Limits } from '../types.ts';
import { add, numericOperand, subtract } from '../values/arithmetic.ts';
import { compareValues } from '../values/compare.ts';
import { getField, isDocument } from '../values/fields.ts';
import { type Numeric, toInteger, toNumber } from '../values/numbers.ts';
import { isNullish, isNumeric, typeName } from '../values/types.ts';
import { fieldPath } from './lookup.ts';
import { compileSortStage } from './sort.ts';
import type { StageFamily, StageOperator } from './stage.ts';
import { withValue } from './unwind.ts';

/** MongoDB's limit on the documents one $densify adds. */
const MAX_ADDED = 500_000;

interface Range {
  readonly bounds: 'full' | 'partition' | { readonly lower: unknown; readonly upper: unknown };
  /** The value a number of steps further. @throws HydrogenError bad_input for a value of another type */
  next(value: unknown, steps: 1 | -1): unknown;
  check(value: unknown): void;
}

function parseRange(spec: unknown): Range {
  const args = namedArguments('"range" of $densify', spec, ['step', 'bounds'], ['unit']);
  const step = args.get('step');
  if (!isNumeric(step) || !(toNumber(step) > 0)) {
    throw badInput('"step" of $densify must be a positive number.');
  }
  const unit = args.has('unit') ? parseUnit(args.get('unit'), '$densify') : undefined;
  if (unit !== undefined && toInteger(step) === undefined) {
    throw badInput('"step" of $densify must be a whole number when there is a "unit".');
  }
  return { bounds: parseBounds(args.get('bounds'), step, unit), ...stepper(step, unit) };
}

function parseBounds(bounds: unknown, step: unknown, unit: Unit | undefined): Range['bounds'] {
  if (bounds === 'full' || bounds === 'partition') return bounds;
  if (!Array.isArray(bounds) || bounds.length !== 2) {
    throw badInput('"bounds" of $densify must be "full", "partition" or [lower, upper].');
  }
  const [lower, upper] = bounds;
  if (lower instanceof Date && upper instanceof Date) {
    if (unit === undefined) throw badInput('"bounds" of dates need a "unit" in "range" of $densify.');
  } else if (isNumeric(lower) && isNumeric(upper)) {
    if (unit !== undefined) throw badInput('"bounds" of numbers take no "unit" in "range" of $densify.');
    if (new Set([lower, upper, step].map(typeName)).size > 1) {
      throw badInput('"bounds" and "step" of $densify must be numbers of the same type.');
    }
  } else throw badInput('"bounds" of $densify must be two numbers or two dates.');
  if (compareValues(lower, upper) > 0) throw badInput('"bounds" of $densify must ascend.');
  return { lower, upper };
}

function stepper(step: unknown, unit: Unit | undefined): Pick<Range, 'next' | 'check'> {
  const by = numericOperand(step, '$densify');
  const number = (value: unknown): Numeric => numericOperand(value, '$densify');
  return {
    check(value) {
      if (value instanceof Date) {
        if (unit === undefined) throw badInput('$densify of dates needs a "unit" in "range".');
      } else if (!isNumeric(value)) throw wrongType('$densify', 'numbers or dates in its field', value);
      else if (unit !== undefined) throw badInput('$densify of numbers takes no "unit" in "range".');
    },
    next(value, steps) {
      if (!(value instanceof Date)) return (steps === 1 ? add : subtract)(number(value), by);
      return new Date(addUnits(value.getTime(), unit ?? 'millisecond', steps * toNumber(step), UTC));
    },
  };
}

interface Series {
  /** The last value on the grid of the series. */
  last: unknown;
  /** Fields of the added documents besides the value. */
  readonly fields: Document;
}

/** The state of one run of the stage. */
interface Filling {
  readonly range: Range;
  /** The field to fill. */
  readonly path: readonly string[];
  /** Start and end of every series, if the bounds set them. */
  readonly start: unknown;
  readonly end: unknown;
  readonly limits: Limits;
  made: number;
}

function* makeDocuments(filling: Filling, from: unknown, to: unknown, inclusive: boolean, fields: Document) {
  const { range, path, limits } = filling;
  for (let value = from; ; value = range.next(value, 1)) {
    const order = compareValues(value, to);
    if (order > 0 || (order === 0 && !inclusive)) return;
    limits.tick();
    if (++filling.made > MAX_ADDED) {
      const max = MAX_ADDED.toLocaleString('en');
      throw new HydrogenError('too_large', `$densify would make more than ${max} documents.`);
    }
    yield { value, doc: withValue(fields, path, value) };
  }
}

/** The documents missing before one whose value is `value`; they have the partition fields of that document. */
function* gapBefore(filling: Filling, series: Series, value: unknown, fields: Document) {
  const { range, start, end } = filling;
  let next = range.next(series.last, 1);
  if (start !== undefined && compareValues(next, start) < 0) next = start;
  if (compareValues(value, next) <= 0 || (end !== undefined && compareValues(next, end) >= 0)) {
    if (compareValues(value, next) === 0) series.last = value;
    return;
  }
  const to = end !== undefined && compareValues(end, value) <= 0 ? end : value;
  for (const { value: last, doc } of makeDocuments(filling, next, to, false, fields)) {
    series.last = last;
    yield doc;
  }
  if (compareValues(value, range.next(series.last, 1)) === 0) series.last = value;
}

/** Fills a series that begins above the lower bound, starting from the bound. */
function* beginSeries(filling: Filling, series: Series, from: unknown) {
  const { last: value } = series;
  if (from === undefined || compareValues(value, from) <= 0) return;
  series.last = filling.range.next(from, -1);
  yield* gapBefore(filling, series, value, series.fields);
}

function* continueSeries(filling: Filling, series: Series, value: unknown, fields: Document) {
  const { range, start, end } = filling;
  if (end !== undefined && compareValues(series.last, end) >= 0) return;
  if (start !== undefined && compareValues(start, series.last) > 0) series.last = range.next(start, -1);
  if (compareValues(series.last, value) <= 0) yield* gapBefore(filling, series, value, fields);
}

function* endSeries(filling: Filling, series: Series, least: unknown, to: unknown, inclusive: boolean) {
  const { last, fields } = series;
  const from = compareValues(least, last) > 0 ? least : filling.range.next(last, 1);
  for (const { doc } of makeDocuments(filling, from, to, inclusive, fields)) yield doc;
}

/** Adds the documents missing in a series of numbers or dates, by partition. */
const $densify: StageOperator = (argument, context, name) => {
  const args = namedArguments(name, argument, ['field', 'range'], ['partitionByFields']);
  const field = fieldPath(args.get('field'), 'field', name);
  const path = field.split('.');
  const partitions = partitionFields(args.get('partitionByFields') ?? [], field, name);
  const range = parseRange(args.get('range'));
  const { bounds } = range;
  if (bounds === 'partition' && partitions.length === 0) {
    throw badInput('"bounds: partition" of $densify needs "partitionByFields"; "full" does without.');
  }
  const sortFields = [...(bounds === 'full' ? [] : partitions), field];
  const sort = compileSortStage(Object.fromEntries(sortFields.map((key) => [key, 1])), context);
  const { ordering, limits } = context.scope;
  const { lower: start, upper: end } = typeof bounds === 'object' ? bounds : {};

  return function* (input) {
    const filling: Filling = { range, path, start, end, limits, made: 0 };
    const all = new Map<string | number, Series>();
    let least = start;
    let greatest = end;
    if (start !== undefined && partitions.length === 0) {
      all.set(ordering.hash({}), { last: range.next(start, -1), fields: {} });
    }
    for (const doc of sort(input)) {
      const value = valueAt(doc, path);
      if (isNullish(value)) {
        yield doc;
        continue;
      }
      range.check(value);
      if (bounds === 'full') {
        greatest = value;
        least ??= value;
      }
      const fields = partitionOf(doc, partitions);
      const key = ordering.hash(fields);
      const known = all.get(key);
      if (known === undefined) {
        const series: Series = { last: value, fields };
        all.set(key, series);
        yield* beginSeries(filling, series, least);
      } else yield* continueSeries(filling, known, value, fields);
      yield doc;
    }
    if (bounds === 'partition' || greatest === undefined) return;
    // The greatest value occurs in some partition, so the others include it too; an upper bound is exclusive.
    for (const series of all.values()) yield* endSeries(filling, series, least, greatest, bounds === 'full');
  };
};

function partitionFields(value: unknown, field: string, name: string): string[] {
  if (!Array.isArray(value)) throw badInput('"partitionByFields" of $densify must be an array of fields.');
  const fields = value.map((path) => fieldPath(path, 'partitionByFields', name));
  const clash = fields.find(
    (path) => path === field || path.startsWith(`${field}.`) || field.startsWith(`${path}.`),
  );
  if (clash !== undefined) throw badInput(`$densify cannot fill "${field}" and partition by "${clash}".`);
  return fields;
}

function partitionOf(doc: Document, partitions: readonly string[]): Document {
  return partitions.reduce<Document>((found, partition) => {
    const path = partition.split('.');
    const value = valueAt(doc, path);
    return value === undefined ? found : withValue(found, path, value);
  }, {});
}

function valueAt(doc: Document, path: readonly string[]): unknown {
  let value: unknown = doc;
  for (const part of path) {
    if (Array.isArray(value)) throw badInput('$densify cannot traverse arrays.');
    value = isDocument(value) ? getField(value, part) : undefined;
  }
  return value;
}

export const densify: StageFamily = { $densify };
