import { BSONRegExp, BSONSymbol, Decimal128, Double, Long, MaxKey, MinKey, ObjectId, Timestamp } from 'bson';
import fc from 'fast-check';
import type { Document } from '../../../../src/mql/index.ts';

const scalar = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: -2, max: 3 }) },
  { weight: 4, arbitrary: fc.constantFrom('', 'a', 'ab', 'b', 'a\0', 'é') },
  { weight: 2, arbitrary: fc.constant(null) },
  { weight: 1, arbitrary: fc.boolean() },
  {
    weight: 3,
    arbitrary: fc.constantFrom<unknown>(
      new Double(1),
      1.5,
      Number.NaN,
      Number.NEGATIVE_INFINITY,
      Number.POSITIVE_INFINITY,
      Long.fromNumber(2),
      Long.fromString('9007199254740993'),
      9007199254740992,
      Decimal128.fromString('1.50'),
      Decimal128.fromString('NaN'),
      Decimal128.fromString('-2'),
      new Date(0),
      new Date(1.6e12),
      new Date(-5),
      new ObjectId('ff0000000000000000000000'),
      new ObjectId('000000000000000000000001'),
      new Timestamp({ t: 1, i: 2 }),
      new MinKey(),
      new MaxKey(),
    ),
  },
);
const rare = fc.constantFrom<unknown>(new BSONRegExp('a', ''), new BSONSymbol('a'));

const names = ['b', 'c'];
const small = fc
  .uniqueArray(fc.tuple(fc.constantFrom(...names), scalar), { maxLength: 2, selector: ([name]) => name })
  .map((entries): Document => Object.fromEntries(entries));

/** A value of a field: mostly scalars, arrays of them, documents, arrays of documents, arrays in arrays. */
const value: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 12, arbitrary: scalar },
  { weight: 3, arbitrary: fc.array(scalar, { maxLength: 3 }) },
  { weight: 2, arbitrary: small },
  { weight: 2, arbitrary: fc.array(fc.oneof(small, scalar), { maxLength: 3 }) },
  { weight: 1, arbitrary: fc.array(fc.array(scalar, { maxLength: 2 }), { maxLength: 2 }) },
  {
    weight: 2,
    arbitrary: fc.array(fc.oneof(small, fc.array(fc.oneof(small, scalar), { maxLength: 2 })), {
      maxLength: 3,
    }),
  },
);

const fields = ['a', 'b', 'c'];

/** A document without `_id`. With `plain` its fields hold scalars only. */
export const document = (plain: boolean): fc.Arbitrary<Document> =>
  fc
    .uniqueArray(
      fc.tuple(
        fc.constantFrom(...fields),
        plain ? scalar : fc.oneof({ weight: 30, arbitrary: value }, { weight: 1, arbitrary: rare }),
      ),
      { maxLength: 3, selector: ([name]) => name },
    )
    .map((entries): Document => Object.fromEntries(entries));

const path = fc.constantFrom('a', 'a', 'b', 'b', 'c', 'a.b', 'a.c', 'b.c', '_id');

/** Also paths with a position, which meets arrays in arrays; no index has one. */
const anyPath = fc.oneof(
  { weight: 4, arbitrary: path },
  {
    weight: 1,
    arbitrary: fc.constantFrom('a.0', 'a.1', 'b.0', 'a.0.b', 'a.0.c', 'b.1.c', 'a.0.0', 'a.0.1.b'),
  },
);

const comparison = fc.tuple(
  fc.constantFrom('$eq', '$gt', '$gte', '$lt', '$lte', '$ne'),
  fc.oneof({ weight: 8, arbitrary: scalar }, { weight: 1, arbitrary: value }),
);
const condition = fc.oneof(
  { weight: 4, arbitrary: comparison.map(([name, operand]) => ({ [name]: operand })) },
  {
    weight: 2,
    arbitrary: fc
      .tuple(fc.constantFrom('$gt', '$gte'), scalar, fc.constantFrom('$lt', '$lte'), scalar)
      .map(([from, low, to, high]) => ({ [from]: low, [to]: high })),
  },
  {
    weight: 2,
    arbitrary: fc
      .array(fc.oneof({ weight: 6, arbitrary: scalar }, { weight: 1, arbitrary: value }), { maxLength: 4 })
      .map((items) => ({ $in: items })),
  },
  { weight: 1, arbitrary: scalar.map((item) => ({ $all: [item] })) },
  { weight: 1, arbitrary: fc.tuple(scalar, scalar).map((items) => ({ $all: items })) },
  { weight: 1, arbitrary: fc.boolean().map((there) => ({ $exists: there })) },
  { weight: 1, arbitrary: comparison.map(([name, operand]) => ({ $not: { [name]: operand } })) },
  {
    weight: 1,
    arbitrary: fc.tuple(scalar, scalar).map(([low, high]) => ({ $elemMatch: { $gte: low, $lt: high } })),
  },
  {
    weight: 1,
    arbitrary: fc.tuple(fc.constantFrom('b', 'c'), scalar).map(([name, item]) => ({
      $elemMatch: { [name]: item },
    })),
  },
);

const plainFilter = fc
  .uniqueArray(
    fc.tuple(
      anyPath,
      fc.oneof(
        { weight: 3, arbitrary: condition },
        { weight: 2, arbitrary: scalar },
        { weight: 1, arbitrary: value },
      ),
    ),
    { maxLength: 3, selector: ([name]) => name },
  )
  .map((entries): Document => Object.fromEntries(entries));

export const filter: fc.Arbitrary<Document> = fc.oneof(
  { weight: 6, arbitrary: plainFilter },
  { weight: 1, arbitrary: fc.array(plainFilter, { minLength: 1, maxLength: 3 }).map(($and) => ({ $and })) },
  {
    weight: 2,
    arbitrary: fc
      .tuple(plainFilter, fc.array(plainFilter, { minLength: 1, maxLength: 3 }))
      .map(([rest, $or]) => ({ ...rest, $or })),
  },
);

/** Fields with directions: the key of an index. */
export const directions = (most: number): fc.Arbitrary<Document> => directed(path, most);

/** A sort. */
export const sorting = (most: number): fc.Arbitrary<Document> => directed(anyPath, most);

const directed = (of: fc.Arbitrary<string>, most: number): fc.Arbitrary<Document> =>
  fc
    .uniqueArray(fc.tuple(of, fc.constantFrom(1, -1)), {
      minLength: 1,
      maxLength: most,
      selector: ([name]) => name,
    })
    .map((entries): Document => Object.fromEntries(entries));
