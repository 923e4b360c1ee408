// Where engines that imitate MongoDB usually differ from it. Numbers are those of the notes on mingo.
import {
  Binary,
  BSONRegExp,
  Decimal128,
  Double,
  Int32,
  Long,
  MaxKey,
  MinKey,
  ObjectId,
  Timestamp,
} from 'bson';
import { describe, expect, test } from 'vitest';
import {
  aggregate,
  applyUpdate,
  compileFilter,
  compileProjection,
  compileSort,
  compileUpdate,
  DEFAULT_MAX_BYTES,
  type Document,
  distinctValues,
} from '../../src/mql/index.ts';

const decimal = (text: string) => Decimal128.fromString(text);
const long = (value: number) => Long.fromNumber(value);
const id = new ObjectId('65a000000000000000000001');

/** Documents with _id 1, 2, … and one field. A value of MISSING leaves the field out. */
const MISSING = Symbol('missing');
const docs = (field: string, ...values: unknown[]): Document[] =>
  values.map((value, i) => (value === MISSING ? { _id: i + 1 } : { _id: i + 1, [field]: value }));

const nm = docs('a', null, MISSING, 1, [null], [], [1, null]);
const ar = docs('a', [1, 2, 3], [3, 2, 1], 2, [[1, 2, 3]], [1, 2], []);
const tb = docs('v', 5, '5', true, new Date(0), null, MISSING, { x: 1 }, id, [7], decimal('6'), long(6));
const nu = docs('v', 1, long(1), decimal('1'), decimal('1.0'), new Int32(1), new Double(1), decimal('1.5'));

const pipeline = (
  stages: Document[],
  input: Document[],
  others: { [name: string]: Document[] } = {},
): Document[] => [
  ...aggregate(stages, {
    input: () => input,
    collection: (name) => others[name] ?? [],
    limits: { tick() {}, maxBytes: DEFAULT_MAX_BYTES },
    now: new Date(0),
  }),
];
const value = (expression: unknown, doc: Document = {}): unknown =>
  pipeline([{ $replaceWith: { x: expression } }], [doc])[0]?.['x'];
const sorted = (input: Document[], sort: Document): unknown[] =>
  input.toSorted(compileSort(sort)).map((d) => d['_id']);

describe('filters', () => {
  test.each<[number, string, Document[], Document, number[]]>([
    [7, '$type null looks into arrays', nm, { a: { $type: 'null' } }, [1, 4, 6]],
    [8, '$gte null finds missing fields', nm, { a: { $gte: null } }, [1, 2, 4, 6]],
    [21, '$all with an array', ar, { a: { $all: [[1, 2, 3]] } }, [1, 4]],
    [26, '$in with an array', ar, { a: { $in: [[1, 2], 9] } }, [5]],
    [28, '$gt with an array compares whole arrays', docs('a', [2, 1], [1, 3]), { a: { $gt: [1, 9] } }, [1]],
    [29, 'the order of fields counts', docs('a', { x: 1, y: 2 }, { y: 2, x: 1 }), { a: { x: 1, y: 2 } }, [1]],
    [33, 'a number is compared with numbers only', tb, { v: { $gt: 4 } }, [1, 9, 10, 11]],
    [39, '$expr compares across types', tb, { $expr: { $gt: ['$v', 4] } }, [1, 2, 3, 4, 7, 8, 9, 10, 11]],
    [49, '1 finds all numeric types', nu, { v: 1 }, [1, 2, 3, 4, 5, 6]],
    [50, 'Decimal 1 finds all numeric types', nu, { v: decimal('1') }, [1, 2, 3, 4, 5, 6]],
    [51, 'Long 1 finds all numeric types', nu, { v: long(1) }, [1, 2, 3, 4, 5, 6]],
    [52, '$in finds all numeric types', nu, { v: { $in: [1] } }, [1, 2, 3, 4, 5, 6]],
    [53, '$gt compares with decimals', nu, { v: { $gt: 1 } }, [7]],
    [54, '$lt with a decimal', nu, { v: { $lt: decimal('1.2') } }, [1, 2, 3, 4, 5, 6]],
    [
      55,
      'decimals are not text',
      docs('v', decimal('10'), decimal('9')),
      { v: { $gt: decimal('9.5') } },
      [1],
    ],
    [56, 'longs are not text', docs('v', long(10), long(9), long(100)), { v: { $gt: long(9) } }, [1, 3]],
    [63, '$type number', [...nu, { _id: 8, v: 'x' }], { v: { $type: 'number' } }, [1, 2, 3, 4, 5, 6, 7]],
    [64, '$type decimal', nu, { v: { $type: 'decimal' } }, [3, 4, 7]],
    [65, '$type long', nu, { v: { $type: 'long' } }, [2]],
    [73, '$type objectId', docs('o', id), { o: { $type: 'objectId' } }, [1]],
    [74, 'the inside of an ObjectId is not a field', docs('o', id), { 'o._bsontype': 'ObjectId' }, []],
    [
      81,
      'option x of a regular expression',
      docs('s', 'abc'),
      { s: { $regex: 'a b # c\nc', $options: 'x' } },
      [1],
    ],
    [
      85,
      'a BSONRegExp as the value',
      docs('s', 'Abc', 'x', ['ABC']),
      { s: new BSONRegExp('^abc', 'i') },
      [1, 3],
    ],
    [86, 'inline (?i)', docs('s', 'Abc', 'x', ['ABC']), { s: { $regex: '(?i)^abc' } }, [1, 3]],
    [89, '$expr tells null from missing', docs('a', null, MISSING), { $expr: { $eq: ['$a', null] } }, [1]],
    [205, '$comment is ignored', docs('a', 1), { a: 1, $comment: 'why' }, [1]],
    [208, '$sampleRate 1', docs('a', 1), { $sampleRate: 1 }, [1]],
  ])('%i %s', (_number, _name, input, filter, expected) => {
    expect(input.filter(compileFilter(filter)).map((doc) => doc['_id'])).toEqual(expected);
  });

  test('9 a dotted path and null', () => {
    const input = docs('a', 5, [], [{ b: 1 }], [{ c: 1 }], { b: null }, MISSING);
    expect(input.filter(compileFilter({ 'a.b': null })).map((doc) => doc['_id'])).toEqual([1, 4, 5, 6]);
  });

  test('25 a number in a path is an index and a name', () => {
    const input = docs('a', [{ 0: 'x' }], ['x']);
    expect(input.filter(compileFilter({ 'a.0': 'x' }))).toHaveLength(2);
  });

  test('214 collation of strength 2 ignores case', () => {
    const filter = compileFilter({ s: 'ABC' }, { collation: { locale: 'en', strength: 2 } });
    expect(filter({ s: 'abc' })).toBe(true);
  });

  test.each<[string, Document, RegExp]>([
    ['JavaScript', { $where: 'true' }, /\$where is not supported: JavaScript is never run/],
    ['text search', { $text: { $search: 'x' } }, /\$text is not supported/],
    ['geography', { a: { $near: [0, 0] } }, /\$near is not supported/],
    ['possessive quantifiers', { a: { $regex: 'a++' } }, /possessive quantifier .*\/a\+\+\//],
    ['a misspelt operator, with a hint', { a: { $gtee: 1 } }, /Unknown query operator \$gtee.*\$gte/],
    [
      'depth beyond 100',
      JSON.parse(`${'{"$and":['.repeat(102)}{}${']}'.repeat(102)}`),
      /more than 100 levels/,
    ],
  ])('%s is refused', (_name, filter, message) => {
    expect(() => compileFilter(filter)).toThrow(message);
  });
});

describe('sorting', () => {
  test('40 types in BSON order', () => {
    const input = docs(
      'v',
      new MaxKey(),
      /a/,
      new Timestamp({ t: 1, i: 1 }),
      new Date(0),
      true,
      id,
      new Binary(Uint8Array.of(1)),
      [[1]],
      { a: 1 },
      'text',
      1,
      null,
      new MinKey(),
    );
    expect(sorted(input, { v: 1 })).toEqual([13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1]);
  });

  test('43 arrays by their lowest or highest element', () => {
    const input = docs('v', [5, 1], 2, [], null);
    expect(sorted(input, { v: 1 })).toEqual([3, 4, 1, 2]);
    expect(sorted(input, { v: -1 })).toEqual([1, 2, 4, 3]);
  });

  test('44 numbers of mixed types', () => {
    expect(sorted(docs('v', decimal('2.5'), 1, long(3), 2, decimal('10')), { v: 1 })).toEqual([
      2, 4, 1, 3, 5,
    ]);
  });

  test('48 strings by their UTF-8 bytes', () => {
    expect(sorted(docs('v', '\u{1f600}', '\uff5e'), { v: 1 })).toEqual([2, 1]);
  });

  test('66 NaN below numbers', () => {
    expect(sorted(docs('v', 2, Number.NaN), { v: 1 })).toEqual([2, 1]);
  });
});

describe('expressions', () => {
  test.each<[number, string, unknown, unknown]>([
    [61, 'Long and int add to a Long', { $add: [long(2), 1] }, long(3)],
    [62, '$type of a decimal', { $type: decimal('1') }, 'decimal'],
    [75, '$toString of an ObjectId', { $toString: id }, id.toHexString()],
    [76, '$toObjectId', { $toObjectId: id.toHexString() }, id],
    [94, 'a number in a path is no index', { $let: { vars: { a: [1, 2] }, in: '$$a.0' } }, []],
    [99, '$toDecimal of a string', { $toDecimal: '2.5' }, decimal('2.5')],
    [127, '$type of an ObjectId', { $type: id }, 'objectId'],
    [129, '$convert of an ObjectId', { $convert: { input: id, to: 'string' } }, id.toHexString()],
  ])('%i %s', (_number, _name, expression, expected) => {
    expect(value(expression)).toEqual(expected);
  });
});

describe('stages', () => {
  const group = (input: Document[], spec: Document) => pipeline([{ $group: spec }], input);

  test.each<[number, string, unknown[], Document, unknown]>([
    [57, '$sum of mixed numbers', [1, long(2), decimal('3.5')], { $sum: '$v' }, decimal('6.5')],
    [58, '$sum of longs', [long(1), long(2)], { $sum: '$v' }, long(3)],
    [59, '$avg of decimals', [decimal('1'), decimal('2')], { $avg: '$v' }, decimal('1.5')],
    [60, '$max of decimals', [decimal('9'), decimal('10')], { $max: '$v' }, decimal('10')],
    [104, '$push leaves missing values out', [1, MISSING, null], { $push: '$v' }, [1, null]],
  ])('%i %s', (_number, _name, values, accumulator, expected) => {
    expect(group(docs('v', ...values), { _id: null, x: accumulator })).toEqual([{ _id: null, x: expected }]);
  });

  test('107 group keys tell the order of fields', () => {
    expect(group(docs('k', { a: 1, b: 2 }, { b: 2, a: 1 }), { _id: '$k' })).toHaveLength(2);
  });

  test('108 group keys are equal across numeric types', () => {
    expect(group(docs('k', 1, long(1), decimal('1')), { _id: '$k' })).toHaveLength(1);
  });

  test('113 $count of nothing is nothing', () => {
    expect(pipeline([{ $count: 'n' }], [])).toEqual([]);
  });

  test('119 $lookup joins int and Long', () => {
    const stages = [{ $lookup: { from: 'f', localField: 'k', foreignField: 'k', as: 'r' } }];
    expect(pipeline(stages, docs('k', 1), { f: docs('k', long(1)) })[0]?.['r']).toHaveLength(1);
  });

  test('123 $lookup with localField and a pipeline sees only matching documents', () => {
    const lookup = {
      from: 'f',
      localField: 'k',
      foreignField: 'k',
      pipeline: [{ $project: { _id: 1 } }],
      as: 'r',
    };
    const found = pipeline([{ $lookup: lookup }], docs('k', 'a'), {
      f: docs('k', 'a', 'b', null, MISSING, ['a', 'c']),
    });
    expect(found[0]?.['r']).toEqual([{ _id: 1 }, { _id: 5 }]);
  });

  test('124 a boundary belongs to the bucket that it begins', () => {
    const stages = [{ $bucket: { groupBy: '$p', boundaries: [0, 10, 20] } }];
    expect(pipeline(stages, docs('p', 10))).toEqual([{ _id: 10, count: 1 }]);
  });

  test('126 buckets of equal size', () => {
    const stages = [{ $bucket: { groupBy: '$p', boundaries: [0, 10, 20, 30] } }];
    const input = docs('p', ...Array.from({ length: 30 }, (_, i) => i));
    expect(pipeline(stages, input).map(({ count }) => count)).toEqual([10, 10, 10]);
  });

  test('137 values outside go to the default; 138 empty buckets are left out', () => {
    const stages = [{ $bucket: { groupBy: '$p', boundaries: [0, 10, 20], default: 'other' } }];
    expect(pipeline(stages, docs('p', 0, 10, 20, 99))).toEqual([
      { _id: 0, count: 1 },
      { _id: 10, count: 1 },
      { _id: 'other', count: 2 },
    ]);
    expect(pipeline(stages, docs('p', 5))).toEqual([{ _id: 0, count: 1 }]);
  });

  test('149 $sample gives no document twice', () => {
    const found = pipeline([{ $sample: { size: 5 } }], docs('a', 1, 2, 3, 4, 5));
    expect(new Set(found.map(({ _id }) => _id)).size).toBe(5);
  });

  test('210 and 211 stored documents are never changed', () => {
    const stored = [{ _id: 1, a: { b: 1 } }];
    pipeline([{ $addFields: { 'a.c': 2 } }, { $project: { 'a.b': 0 } }], stored);
    expect(stored).toEqual([{ _id: 1, a: { b: 1 } }]);
  });
});

describe('projections', () => {
  const doc = { _id: 1, a: 1, n: [1, 2, 3, 4], o: { p: 1 } };
  test.each<[number, string, Document, Document]>([
    [158, '$slice from the end beside exclusions', { n: { $slice: -2 }, a: 0, o: 0 }, { _id: 1, n: [3, 4] }],
    [159, '$slice with a skip', { n: { $slice: [1, 2] }, a: 0, o: 0 }, { _id: 1, n: [2, 3] }],
    [160, '$slice alone keeps the rest', { n: { $slice: 1 } }, { _id: 1, a: 1, n: [1], o: { p: 1 } }],
    [164, 'the order of the document stays', { o: 1, n: 1 }, { _id: 1, n: [1, 2, 3, 4], o: { p: 1 } }],
  ])('%i %s', (_number, _name, projection, expected) => {
    const result = compileProjection(projection)(doc);
    expect(result).toEqual(expected);
    expect(Object.keys(result)).toEqual(Object.keys(expected));
  });
});

describe('updates', () => {
  test.each<[number, string, Document, Document, RegExp]>([
    [168, '$push to what is no array', { a: 5 }, { $push: { a: 1 } }, /\$push cannot change "a": it is int/],
    [182, '$inc of a string', { n: 'x' }, { $inc: { n: 1 } }, /\$inc cannot change "n": it is string/],
    [187, '$set through a scalar', { a: 5 }, { $set: { 'a.b': 1 } }, /Cannot create the field "b": "a"/],
  ])('%i %s is an error', (_number, _name, doc, update, message) => {
    expect(() => applyUpdate(doc, update)).toThrow(message);
  });

  test('180 $inc of a Long and 181 of a decimal keep the type', () => {
    const { document } = applyUpdate({ a: long(5), b: decimal('1.5') }, { $inc: { a: 1, b: 1 } });
    expect(document).toEqual({ a: long(6), b: decimal('2.5') });
  });

  test('198 an upsert sets what $setOnInsert says', () => {
    const update = compileUpdate({ $set: { v: 1 }, $setOnInsert: { w: 2 } }, { filter: { _id: 7, k: 5 } });
    expect(update.insert()).toEqual({ _id: 7, k: 5, v: 1, w: 2 });
  });
});

test('209 distinct takes equal numbers once', () => {
  expect(distinctValues(docs('v', 1, decimal('1')), 'v')).toEqual([1]);
});
