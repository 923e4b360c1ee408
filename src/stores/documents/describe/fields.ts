import type { Long } from 'bson';
import { type Document, stringifyExtendedJson } from '../../../mql/formats.ts';
import { typeName } from '../../../mql/values/types.ts';
import type { FieldDescription } from '../document-store.ts';

/** How many documents a sample should have, and its maximum size in bytes of BSON. */
export const sampleSize = 500;
export const sampleBytes = 32 * 2 ** 20;

const maxFields = 100;
const maxDepth = 6;
/** Per array, so that a long one costs no more than a document. */
const maxItems = 100;
const maxExamples = 3;
const maxText = 60;
/** A field with more values than this has too many to list. */
const maxDistinct = 24;
const maxValues = 10;

interface Seen {
  readonly value: unknown;
  count: number;
}

interface Field {
  readonly types: Record<string, number>;
  present: number;
  /** By Extended JSON; it stops growing at one more than is listed. */
  readonly distinct: Map<string, Seen>;
  scalars: number;
  min?: { readonly value: unknown; readonly order: number };
  max?: { readonly value: unknown; readonly order: number };
}

const ordered: readonly string[] = ['int', 'long', 'double', 'decimal', 'date'];
const compound: readonly string[] = ['object', 'array', 'null', 'binData', 'missing', 'undefined'];

/** The number by which values are compared for the range. */
function orderOf(value: unknown, type: string): number {
  if (type === 'date') return (value as Date).getTime();
  return type === 'long' ? (value as Long).toNumber() : Number(String(value));
}

function noteScalar(field: Field, value: unknown, type: string): void {
  field.scalars++;
  const key = stringifyExtendedJson(value, { relaxed: false });
  const seen = field.distinct.get(key);
  if (seen) seen.count++;
  else if (field.distinct.size <= maxDistinct) field.distinct.set(key, { value, count: 1 });
  if (!ordered.includes(type)) return;
  const order = orderOf(value, type);
  if (Number.isNaN(order)) return;
  if (!field.min || order < field.min.order) field.min = { value, order };
  if (!field.max || order > field.max.order) field.max = { value, order };
}

/** The types that a single document has at each path. */
type Met = Map<string, Set<string>>;

function visit(fields: Map<string, Field>, met: Met, path: string, value: unknown, depth: number): void {
  const type = typeName(value);
  const types = met.get(path) ?? new Set();
  const field: Field = fields.get(path) ?? { types: {}, present: 0, distinct: new Map(), scalars: 0 };
  fields.set(path, field);
  met.set(path, types);
  if (types.size === 0) field.present++;
  if (!types.has(type)) field.types[type] = (field.types[type] ?? 0) + 1;
  types.add(type);
  if (!compound.includes(type)) noteScalar(field, value, type);
  else if (depth >= maxDepth) return;
  else if (Array.isArray(value)) {
    for (const item of value.slice(0, maxItems)) visit(fields, met, `${path}[]`, item, depth + 1);
  } else if (type === 'object') {
    for (const [name, item] of Object.entries(value as Document))
      visit(fields, met, `${path}.${name}`, item, depth + 1);
  }
}

/** Records each path of a document once, however often it occurs in arrays. */
function note(fields: Map<string, Field>, document: Document): void {
  const met: Met = new Map();
  for (const [name, value] of Object.entries(document)) visit(fields, met, name, value, 0);
}

const short = (value: unknown): unknown =>
  typeof value === 'string' && value.length > maxText ? `${value.slice(0, maxText)}…` : value;

/** Few values that recur often: a category, not a measurement or a name. */
function valuesOf(field: Field): FieldDescription['values'] {
  const all = [...field.distinct.values()];
  const typed = Object.keys(field.types).filter((type) => !compound.includes(type));
  if (all.length === 0 || all.length > maxDistinct || field.scalars < 2 * all.length) return undefined;
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
  return min && max && !mixed ? { min: min.value, max: max.value } : undefined;
}

function described(path: string, field: Field): FieldDescription {
  const { types, present, distinct } = field;
  const values = valuesOf(field);
  const range = rangeOf(field);
  const examples = [...distinct.values()].slice(0, maxExamples).map(({ value }) => short(value));
  return { path, types, present, examples, ...(range && { range }), ...(values && { values }) };
}

export interface SampleDescription {
  readonly sampled: number;
  readonly fields: readonly FieldDescription[];
  readonly fieldsLeftOut: boolean;
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
  let sampled = 0;
  for (const document of documents) {
    note(fields, document);
    sampled++;
  }
  const counts = [...fields.values()].map(({ present }) => present).sort((a, b) => b - a);
  const threshold = counts[maxFields - 1] ?? 0;
  const often = [...fields].filter(([, { present }]) => present >= threshold).slice(0, maxFields);
  return {
    sampled,
    fields: often.map(([path, field]) => described(path, field)),
    fieldsLeftOut: fields.size > maxFields,
    values: new Map(
      often.map(([path, { distinct }]) => [path, [...distinct.values()].map(({ value }) => value)]),
    ),
  };
}
