import { createHash } from 'node:crypto';
import type { Long } from 'bson';
import { type Document, stringifyExtendedJson } from '../../../mql/formats.ts';
import { typeName } from '../../../mql/values/types.ts';
import type { FieldDescription } from '../document-store.ts';

/** How many documents a sample should have, and its maximum size in bytes of BSON. */
export const sampleSize = 500;
export const sampleBytes = 32 * 2 ** 20;

const maxFields = 100;
const maxDepth = 6;
/** Of each array, so that a long one costs no more than a document. */
export const maxElements = 100;
const maxExamples = 3;
const maxText = 60;
/** A field with more values than this has too many to list. */
const maxListed = 24;
const maxValues = 10;
/** Distinct values are counted up to here. */
const maxDistinct = 1_000;
/** A longer value is told apart by its hash. */
const maxKey = 200;

interface Seen {
  readonly value: unknown;
  count: number;
}

interface Extreme {
  readonly value: unknown;
  readonly order: number;
}

interface Field {
  readonly types: Record<string, number>;
  present: number;
  /** The number of documents that have it, and the last one of them. */
  documents: number;
  last: number;
  /** By Extended JSON; it stops growing at one more than is listed. */
  readonly listed: Map<string, Seen>;
  readonly distinct: Set<string>;
  scalars: number;
  min?: Extreme;
  max?: Extreme;
  elements?: { min: number; max: number };
}

interface Sample {
  readonly fields: Map<string, Field>;
  documents: number;
  elementsLeftOut: boolean;
  deeperLeftOut: boolean;
}

const ordered: readonly string[] = ['int', 'long', 'double', 'decimal', 'date'];
const compound: readonly string[] = ['object', 'array', 'null', 'binData', 'missing', 'undefined'];

/** The number by which values are compared for the range. */
function orderOf(value: unknown, type: string): number {
  if (type === 'date') return (value as Date).getTime();
  return type === 'long' ? (value as Long).toNumber() : Number(String(value));
}

function keyOf(value: unknown): string {
  const text = stringifyExtendedJson(value, { relaxed: false });
  return text.length > maxKey ? createHash('sha256').update(text).digest('base64') : text;
}

function noteScalar(field: Field, value: unknown, type: string): void {
  field.scalars++;
  const key = keyOf(value);
  const seen = field.listed.get(key);
  if (seen) seen.count++;
  else if (field.listed.size <= maxListed) field.listed.set(key, { value, count: 1 });
  if (field.distinct.size <= maxDistinct) field.distinct.add(key);
  if (!ordered.includes(type)) return;
  const order = orderOf(value, type);
  if (Number.isNaN(order)) return;
  if (!field.min || order < field.min.order) field.min = { value, order };
  if (!field.max || order > field.max.order) field.max = { value, order };
}

const newField = (): Field => ({
  types: {},
  present: 0,
  documents: 0,
  last: -1,
  listed: new Map(),
  distinct: new Set(),
  scalars: 0,
});

/** Each path occurs at most once in what it is counted in: a document, or an element of the nearest array. */
function visit(sample: Sample, path: string, value: unknown, depth: number): void {
  const { fields, documents } = sample;
  const type = typeName(value);
  const field = fields.get(path) ?? newField();
  fields.set(path, field);
  field.present++;
  field.types[type] = (field.types[type] ?? 0) + 1;
  if (field.last !== documents) field.documents++;
  field.last = documents;
  if (!compound.includes(type)) noteScalar(field, value, type);
  else if (Array.isArray(value)) {
    const { min, max } = field.elements ?? { min: value.length, max: value.length };
    field.elements = { min: Math.min(min, value.length), max: Math.max(max, value.length) };
    if (value.length > maxElements) sample.elementsLeftOut = true;
    descend(
      sample,
      value.slice(0, maxElements).map((item) => [`${path}[]`, item]),
      depth,
    );
  } else if (type === 'object') {
    const inner = Object.entries(value as Document).map(([name, item]) => [`${path}.${name}`, item] as const);
    descend(sample, inner, depth);
  }
}

function descend(sample: Sample, inner: readonly (readonly [string, unknown])[], depth: number): void {
  if (inner.length > 0 && depth >= maxDepth) {
    sample.deeperLeftOut = true;
    return;
  }
  for (const [path, item] of inner) visit(sample, path, item, depth + 1);
}

const short = (value: unknown): unknown =>
  typeof value === 'string' && value.length > maxText ? `${value.slice(0, maxText)}…` : value;

/** Few values that recur often: a category, not a measurement or a name. */
function valuesOf(field: Field): FieldDescription['values'] {
  const all = [...field.listed.values()];
  const typed = Object.keys(field.types).filter((type) => !compound.includes(type));
  if (all.length === 0 || all.length > maxListed || field.scalars < 2 * all.length) return undefined;
  if (typed.length !== 1 || ['date', 'objectId', 'double', 'decimal'].includes(typed[0] ?? ''))
    return undefined;
  return all
    .sort((a, b) => b.count - a.count)
    .slice(0, maxValues)
    .map(({ value, count }) => ({ value: short(value), count }));
}

/** Numbers and dates are not on one scale. */
function rangeOf({ types, min, max }: Field): FieldDescription['range'] {
  const mixed = types['date'] !== undefined && ordered.some((type) => type !== 'date' && types[type]);
  return min && max && !mixed ? { min: min.value, max: max.value, exact: false } : undefined;
}

/** What a field is counted in: the documents, or the elements of the nearest array around it. */
function unitsOf(path: string, { fields, documents }: Sample): number {
  const end = path.lastIndexOf('[]');
  return end < 0 ? documents : (fields.get(path.slice(0, end + 2))?.present ?? 0);
}

function described(path: string, field: Field, sample: Sample): FieldDescription {
  const { types, present, listed, distinct, elements } = field;
  const values = valuesOf(field);
  const range = rangeOf(field);
  const examples = [...listed.values()].slice(0, maxExamples).map(({ value }) => short(value));
  return {
    path,
    types,
    present,
    of: unitsOf(path, sample),
    examples,
    distinct: Math.min(distinct.size, maxDistinct),
    ...(distinct.size > maxDistinct && { moreDistinct: true as const }),
    ...(range && { range }),
    ...(values && { values }),
    ...(elements && { elements }),
  };
}

export interface SampleDescription {
  readonly sampled: number;
  readonly fields: readonly FieldDescription[];
  readonly fieldsLeftOut: number;
  /** Whether arrays have more elements than were looked at. */
  readonly elementsLeftOut: boolean;
  /** Whether there are fields too deep to be listed. */
  readonly deeperLeftOut: boolean;
  /** Several distinct values of each field, untruncated, for `references.ts`. */
  readonly values: ReadonlyMap<string, readonly unknown[]>;
}

/**
 * What documents look like: each dotted path with its types, how often it is present, its range, and its values where
 * there are few. Of more than 100 fields, the most frequent are reported.
 * @param documents a sample of at most `sampleSize` documents and `sampleBytes`
 */
export function describeSample(documents: Iterable<Document>): SampleDescription {
  const fields = new Map<string, Field>();
  const sample: Sample = { fields, documents: 0, elementsLeftOut: false, deeperLeftOut: false };
  for (const document of documents) {
    for (const [name, value] of Object.entries(document)) visit(sample, name, value, 0);
    sample.documents++;
  }
  const counts = [...fields.values()].map((field) => field.documents).sort((a, b) => b - a);
  const threshold = counts[maxFields - 1] ?? 0;
  const often = [...fields].filter((entry) => entry[1].documents >= threshold).slice(0, maxFields);
  return {
    sampled: sample.documents,
    fields: often.map(([path, field]) => described(path, field, sample)),
    fieldsLeftOut: Math.max(0, fields.size - maxFields),
    elementsLeftOut: sample.elementsLeftOut,
    deeperLeftOut: sample.deeperLeftOut,
    values: new Map(
      often.map(([path, { listed }]) => [path, [...listed.values()].map(({ value }) => value)]),
    ),
  };
}
