import { badInput, HydrogenError } from '../../errors.ts';
import { addUnits, parseUnit, type Unit } from '../dates/calendar.ts';
import { UTC } from '../dates/zones.ts';
import { namedArguments, wrongType } from '../expressions/operator.ts';
import type { Document } from '../types.ts';
import { add, numericOperand, subtract } from '../values/arithmetic.ts';
import { compareValues } from '../values/compare.ts';
import { getField, isDocument } from '../values/fields.ts';
import { type Numeric, toInteger, toNumber } from '../values/numbers.ts';
import { isNullish, isNumeric, typeName } from '../values/types.ts';
import { fieldPath } from './lookup.ts';
import { compileSortStage } from './sort.ts';
import type { StageFamily, StageOperator } from './stage.ts';
import { withValue } from './unwind.ts';

/** MongoDB's cap of the documents that one $densify makes. */
const MOST_MADE = 500_000;

interface Range {
  readonly bounds: 'full' | 'partition' | { readonly lower: unknown; readonly upper: unknown };
  /** The value so many steps further. @throws HydrogenError bad_input for a value of another type */
  next(value: unknown, steps: 1 | -1): unknown;
  check(value: unknown): void;
}

function parseRange(spec: unknown): Range {
  const given = namedArguments('"range" of $densify', spec, ['step', 'bounds'], ['unit']);
  const step = given.get('step');
  if (!isNumeric(step) || !(toNumber(step) > 0)) {
    throw badInput('"step" of $densify must be a positive number.');
  }
  const unit = given.has('unit') ? parseUnit(given.get('unit'), '$densify') : undefined;
  if (unit !== undefined && toInteger(step) === undefined) {
    throw badInput('"step" of $densify must be a whole number when there is a "unit".');
  }
  return { bounds: parseBounds(given.get('bounds'), step, unit), ...stepper(step, unit) };
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
  /** The last value on the steps of the series. */
  last: unknown;
  /** What its made documents have beside the value. */
  readonly fields: Document;
}

/** Adds the documents that are missing in a series of numbers or dates, by partitions. */
const $densify: StageOperator = (argument, context, name) => {
  const given = namedArguments(name, argument, ['field', 'range'], ['partitionByFields']);
  const field = fieldPath(given.get('field'), 'field', name);
  const path = field.split('.');
  const partitions = partitionFields(given.get('partitionByFields') ?? [], field, name);
  const range = parseRange(given.get('range'));
  const { bounds } = range;
  if (bounds === 'partition' && partitions.length === 0) {
    throw badInput('"bounds: partition" of $densify needs "partitionByFields"; "full" does without.');
  }
  const sortFields = [...(bounds === 'full' ? [] : partitions), field];
  const sort = compileSortStage(Object.fromEntries(sortFields.map((key) => [key, 1])), context);
  const { ordering, limits } = context.scope;

  return function* (input) {
    const series = new Map<string | number, Series>();
    const start = typeof bounds === 'object' ? bounds.lower : undefined;
    const end = typeof bounds === 'object' ? bounds.upper : undefined;
    let least: unknown;
    let greatest: unknown;
    let made = 0;
    const beforeStart = (): unknown => range.next(start, -1);
    function* make(from: unknown, to: unknown, inclusive: boolean, fields: Document) {
      for (let value = from; ; value = range.next(value, 1)) {
        const order = compareValues(value, to);
        if (order > 0 || (order === 0 && !inclusive)) return;
        limits.tick();
        if (++made > MOST_MADE) {
          const most = MOST_MADE.toLocaleString('en');
          throw new HydrogenError('too_large', `$densify would make more than ${most} documents.`);
        }
        yield { value, doc: withValue(fields, path, value) };
      }
    }
    /** The documents that are missing before one whose value is `value`. */
    function* gap(one: Series, value: unknown) {
      let next = range.next(one.last, 1);
      if (start !== undefined && compareValues(next, start) < 0) next = start;
      if (compareValues(value, next) <= 0 || (end !== undefined && compareValues(next, end) >= 0)) {
        if (compareValues(value, next) === 0) one.last = value;
        return;
      }
      const to = end !== undefined && compareValues(end, value) <= 0 ? end : value;
      for (const { value: last, doc } of make(next, to, false, one.fields)) {
        one.last = last;
        yield doc;
      }
      if (compareValues(value, range.next(one.last, 1)) === 0) one.last = value;
    }
    if (start !== undefined && partitions.length === 0) {
      series.set(ordering.hash({}), { last: beforeStart(), fields: {} });
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
      let one = series.get(key);
      if (one === undefined) {
        one = { last: value, fields };
        series.set(key, one);
        const from = start ?? least;
        // A partition that begins above the lower end is filled from there.
        if (from !== undefined && compareValues(value, from) > 0) {
          one.last = range.next(from, -1);
          yield* gap(one, value);
        }
      } else if (end === undefined || compareValues(one.last, end) < 0) {
        if (start !== undefined && compareValues(start, one.last) > 0) one.last = beforeStart();
        if (compareValues(one.last, value) <= 0) yield* gap(one, value);
      }
      yield doc;
    }
    const lower = start ?? least;
    const upper = end ?? greatest;
    if (bounds === 'partition' || upper === undefined) return;
    for (const one of series.values()) {
      const from = compareValues(lower, one.last) > 0 ? lower : range.next(one.last, 1);
      // The greatest value was seen in some partition, so the others get it too; an upper bound is left out.
      for (const { doc } of make(from, upper, bounds === 'full', one.fields)) yield doc;
    }
  };
};

function partitionFields(given: unknown, field: string, name: string): string[] {
  if (!Array.isArray(given)) throw badInput('"partitionByFields" of $densify must be an array of fields.');
  const fields = given.map((path) => fieldPath(path, 'partitionByFields', name));
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
    if (Array.isArray(value)) throw badInput('$densify cannot go through arrays.');
    value = isDocument(value) ? getField(value, part) : undefined;
  }
  return value;
}

export const densify: StageFamily = { $densify };
