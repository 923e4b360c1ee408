import {
  Binary,
  BSONRegExp,
  BSONSymbol,
  Decimal128,
  Double,
  Long,
  MaxKey,
  MinKey,
  ObjectId,
  Timestamp,
} from 'bson';
import fc from 'fast-check';
import type { Document } from '../../../../src/mql/index.ts';

const oid = (hex: string): ObjectId => new ObjectId(hex.padStart(24, '0'));

const numbers = [
  -1,
  0,
  1,
  2,
  2.5,
  0.1 + 0.2,
  0.3,
  -0,
  3e9,
  1e21,
  2 ** 53,
  5e-324,
  new Double(1),
  new Double(2),
  Long.fromNumber(1),
  Long.fromNumber(2),
  Long.fromString('9007199254740993'),
  Long.fromString('9223372036854775807'),
  Decimal128.fromString('2.5'),
  Decimal128.fromString('1'),
  Decimal128.fromString('NaN'),
  Number.NaN,
  Number.POSITIVE_INFINITY,
  Number.NEGATIVE_INFINITY,
];
const texts = ['', 'a', 'ab', 'abc', 'b', 'é', '\uff5e', '\u{1f600}', 'a\0b', 'a"b', 'a\\b', '[', '{', '?'];
const others = [
  null,
  true,
  false,
  new Date(0),
  new Date(-1),
  new Date(1),
  new Date(1.7e12),
  new Date(8.64e15),
  new Date(-8.64e15),
  oid('1'),
  oid('2'),
  oid('ff'),
  new Timestamp({ t: 1, i: 1 }),
  new Binary(Uint8Array.of(1, 2)),
  new BSONRegExp('^a', ''),
  new BSONSymbol('a'),
  new MinKey(),
  new MaxKey(),
  'x'.repeat(257),
  `${'x'.repeat(255)}y`,
];

const scalar: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom<unknown>(...numbers) },
  { weight: 4, arbitrary: fc.constantFrom<unknown>(...texts) },
  { weight: 4, arbitrary: fc.constantFrom<unknown>(...others) },
);

const names = ['a', 'b', 'c', '0', 'é', 'x y', "it's", 'q"q'];
const name = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom('a', 'b', 'c') },
  { weight: 1, arbitrary: fc.constantFrom(...names) },
);

function documents(value: fc.Arbitrary<unknown>): fc.Arbitrary<Document> {
  return fc
    .uniqueArray(fc.tuple(name, value), { maxLength: 3, selector: ([key]) => key })
    .map((entries): Document => Object.fromEntries(entries));
}

const small = documents(scalar);
const elements = fc.oneof(
  { weight: 4, arbitrary: scalar },
  { weight: 2, arbitrary: small },
  { weight: 2, arbitrary: fc.array(fc.oneof(scalar, small), { maxLength: 2 }) },
);
const long = scalar.map((item) => Array.from({ length: 65 }, () => item));

/** A value of any type: scalars, documents, arrays of both, arrays in arrays. */
const value: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 10, arbitrary: scalar },
  { weight: 3, arbitrary: documents(fc.oneof(scalar, small, fc.array(elements, { maxLength: 2 }))) },
  { weight: 3, arbitrary: fc.array(elements, { maxLength: 3 }) },
  { weight: 2, arbitrary: fc.array(fc.constantFrom<unknown>(...texts, 1, 2), { maxLength: 3 }) },
  { weight: 1, arbitrary: long },
);

export const document: fc.Arbitrary<Document> = documents(value);

export const path = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom('a', 'b', 'c') },
  { weight: 4, arbitrary: fc.constantFrom('a.b', 'a.a', 'b.c', 'a.b.c', 'c.a') },
  { weight: 1, arbitrary: fc.constantFrom('a.0', 'a.0.b', 'a.1.a', 'b.0.c', 'a.0.0', 'c.0.1.a') },
  {
    weight: 1,
    arbitrary: fc.constantFrom('a.0', 'a.0.b', '0', 'é', 'x y', "it's", 'q"q', 'a.é', '_id', 'constructor'),
  },
);

const operand = fc.oneof({ weight: 6, arbitrary: scalar }, { weight: 1, arbitrary: value });
const type = fc.constantFrom<unknown>(
  'double',
  'string',
  'object',
  'array',
  'objectId',
  'bool',
  'date',
  'null',
  'int',
  'long',
  'decimal',
  'number',
  'regex',
  'minKey',
  2,
  16,
);
const pattern = fc.constantFrom('^a', '^ab?', '^a*', '^(a|b)', 'b$', '^é', '^\\[', '', '^a"', '^x+');

const operators: fc.Arbitrary<Document> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc
      .tuple(fc.constantFrom('$eq', '$ne', '$gt', '$gte', '$lt', '$lte'), operand)
      .map(([key, item]) => ({ [key]: item })),
  },
  { weight: 2, arbitrary: fc.tuple(operand, operand).map(([$gte, $lt]) => ({ $gte, $lt })) },
  {
    weight: 3,
    arbitrary: fc
      .tuple(fc.constantFrom('$in', '$nin'), fc.array(operand, { maxLength: 4 }))
      .map(([key, list]) => ({ [key]: list })),
  },
  { weight: 1, arbitrary: fc.constantFrom(true, false, 1, 0).map(($exists) => ({ $exists })) },
  { weight: 1, arbitrary: type.map(($type) => ({ $type })) },
  { weight: 1, arbitrary: fc.array(type, { minLength: 1, maxLength: 3 }).map(($type) => ({ $type })) },
  {
    weight: 1,
    arbitrary: fc
      .tuple(pattern, fc.constantFrom('', 'i', 'm', 's'))
      .map(([$regex, $options]) => ({ $regex, $options })),
  },
  { weight: 1, arbitrary: fc.nat(3).map(($size) => ({ $size })) },
  { weight: 1, arbitrary: fc.array(operand, { maxLength: 3 }).map(($all) => ({ $all })) },
  { weight: 1, arbitrary: fc.constantFrom([2, 0], [2, 1], [3, 1]).map(($mod) => ({ $mod })) },
  {
    weight: 1,
    arbitrary: fc.tuple(scalar, scalar).map(([$gte, $lt]) => ({ $elemMatch: { $gte, $lt } })),
  },
  { weight: 1, arbitrary: fc.tuple(name, scalar).map(([key, item]) => ({ $elemMatch: { [key]: item } })) },
);
const condition = fc.oneof(
  { weight: 3, arbitrary: operand },
  { weight: 6, arbitrary: operators },
  { weight: 1, arbitrary: operators.map(($not) => ({ $not })) },
  { weight: 1, arbitrary: pattern.map((text) => new BSONRegExp(text, '')) },
);

const plain = fc
  .uniqueArray(fc.tuple(path, condition), { minLength: 1, maxLength: 3, selector: ([key]) => key })
  .map((entries): Document => Object.fromEntries(entries));
const branches = fc.array(plain, { minLength: 1, maxLength: 3 });

/** Filters; some are invalid, as when an operand looks like an operator. */
export const filter: fc.Arbitrary<Document> = fc.oneof(
  { weight: 6, arbitrary: plain },
  { weight: 1, arbitrary: branches.map(($and) => ({ $and })) },
  { weight: 2, arbitrary: fc.tuple(plain, branches).map(([rest, $or]) => ({ ...rest, $or })) },
  { weight: 1, arbitrary: fc.tuple(plain, branches).map(([rest, $nor]) => ({ ...rest, $nor })) },
  { weight: 1, arbitrary: fc.tuple(path, scalar).map(([key, item]) => expr(key, item)) },
);

const expr = (key: string, item: unknown): Document => ({
  $expr: { $gte: [`$${key}`, { $literal: item }] },
});

export const sort: fc.Arbitrary<Document> = fc
  .uniqueArray(fc.tuple(path, fc.constantFrom(1, -1)), {
    minLength: 1,
    maxLength: 3,
    selector: ([key]) => key,
  })
  .map((entries): Document => Object.fromEntries(entries));

const field = path.filter((text) => !/\d|"/.test(text)).map((text) => `$${text}`);

const expression = fc.oneof(
  field,
  field.map((text) => ({ $ifNull: [text, 'none'] })),
  field.map((text) => ({ $type: text })),
  fc.constant('$$ROOT'),
  fc.constant('$$ROOT.a'),
  fc.constant({ $getField: 'b' }),
);
const accumulator = fc.oneof(
  fc
    .tuple(
      fc.constantFrom('$sum', '$avg', '$min', '$max', '$first', '$last', '$push', '$addToSet'),
      expression,
    )
    .map(([key, of]) => ({ [key]: of })),
  fc.constant({ $sum: 1 }),
  fc.tuple(sort, field).map(([sortBy, output]) => ({ $top: { sortBy, output } })),
);

const stage: fc.Arbitrary<Document> = fc.oneof(
  { weight: 4, arbitrary: filter.map(($match) => ({ $match })) },
  { weight: 3, arbitrary: sort.map(($sort) => ({ $sort })) },
  { weight: 2, arbitrary: fc.integer({ min: 1, max: 40 }).map(($limit) => ({ $limit })) },
  { weight: 1, arbitrary: fc.nat(5).map(($skip) => ({ $skip })) },
  {
    weight: 4,
    arbitrary: fc
      .tuple(expression, accumulator, accumulator)
      .map(([_id, x, y]) => ({ $group: { _id, x, y } })),
  },
  {
    weight: 2,
    arbitrary: fc
      .tuple(path, path, fc.constantFrom('joined', 'a', 'a.b'))
      .map(([localField, foreignField, as]) => ({
        $lookup: { from: 'others', localField, foreignField, as },
      })),
  },
  { weight: 2, arbitrary: field.map(($unwind) => ({ $unwind })) },
  { weight: 1, arbitrary: fc.constant({ $unwind: { path: '$joined', preserveNullAndEmptyArrays: true } }) },
  { weight: 1, arbitrary: path.map((key) => ({ $project: { [key]: 1 } })) },
  { weight: 1, arbitrary: path.map((key) => ({ $project: { [key]: 0 } })) },
  { weight: 1, arbitrary: path.map((key) => ({ $project: { _id: 1, [key]: 0 } })) },
  { weight: 1, arbitrary: expression.map((of) => ({ $project: { _id: 0, y: of } })) },
  { weight: 1, arbitrary: expression.map((of) => ({ $addFields: { 'a.z': of, w: of } })) },
  { weight: 1, arbitrary: path.map(($unset) => ({ $unset })) },
  { weight: 1, arbitrary: fc.constant({ $count: 'n' }) },
  { weight: 1, arbitrary: field.map(($sortByCount) => ({ $sortByCount })) },
  { weight: 1, arbitrary: field.map((newRoot) => ({ $replaceRoot: { newRoot: { value: newRoot } } })) },
  { weight: 1, arbitrary: filter.map(($match) => ({ $facet: { one: [{ $match }, { $count: 'n' }] } })) },
);

/** Pipelines; some are invalid. */
export const pipeline: fc.Arbitrary<Document[]> = fc.array(stage, { minLength: 1, maxLength: 5 });
