import { Decimal128, Double, Long } from 'bson';
import { aggregate, DEFAULT_MAX_BYTES, type Document } from '../../src/mql/index.ts';

/** A double with an integral value; plain numbers are ints when integral, doubles otherwise. */
export const double = (value: number): unknown => new Double(value);
export const long = (value: number | bigint | string): Long =>
  typeof value === 'bigint' ? Long.fromBigInt(value) : Long.fromString(String(value));
export const decimal = (text: string): Decimal128 => Decimal128.fromString(text);
/** The value of a field that is left out. */
export const MISSING: unique symbol = Symbol('missing');

export const run = (stages: Document[], input: Document[] = [{}]): Document[] => [
  ...aggregate(stages, {
    input: () => input,
    collection: () => [],
    limits: { tick() {}, maxBytes: DEFAULT_MAX_BYTES },
    now: new Date(0),
  }),
];

/** An expression's value for a document; `undefined` when missing. */
export const value = (expression: unknown, doc: Document = {}): unknown =>
  run([{ $replaceWith: { x: expression } }], [doc])[0]?.['x'];

/** Documents with the field v. */
export const docsOf = (values: readonly unknown[]): Document[] =>
  values.map((v, i) => (v === MISSING ? { t: i } : { t: i, v }));

/** An accumulator over values of v, all in one group. */
export const grouped = (values: readonly unknown[], accumulator: Document): unknown =>
  run([{ $group: { _id: null, x: accumulator } }], docsOf(values))[0]?.['x'];

/** A window function over documents in the order of t. */
export const windowed = (input: Document[], fn: Document, sortBy: Document = { t: 1 }): unknown[] =>
  run([{ $setWindowFields: { sortBy, output: { x: fn } } }], input).map((doc) => doc['x']);
