import { Binary, BSONRegExp, type Decimal128, MinKey, ObjectId, Timestamp } from 'bson';
import { describe, expect, test } from 'vitest';
import {
  aggregate,
  applyUpdate,
  compileFilter,
  compileReplacement,
  compileUpdate,
  type Document,
  prepareInsert,
} from '../../src/mql/index.ts';
import { decimal, docsOf, double, grouped, long, run, value, windowed } from './evaluate.ts';

// Answers of a MongoDB 8.2 server, where 8.0 and 8.2 differ those of 8.2.

type Row = [expression: unknown, expected: unknown];
const text = (expression: unknown): unknown => value({ $toString: expression });

describe('decimals', () => {
  test.each<[unknown, string]>([
    [decimal('-0'), '-0'],
    [{ $toDecimal: '-0' }, '-0'],
    [{ $toDecimal: -0 }, '-0'],
    [{ $multiply: [decimal('-0'), 5] }, '-0'],
    [{ $multiply: [decimal('-5'), 0] }, '-0'],
    [{ $subtract: [decimal('0'), decimal('0')] }, '0'],
    [{ $sum: [decimal('-0')] }, '0'],
    [{ $abs: decimal('-0') }, '0'],
    [{ $round: decimal('-0.5') }, '-0'],
    [{ $trunc: decimal('-0.5') }, '-0'],
    [{ $ceil: decimal('-0.5') }, '-0'],
    [{ $mod: [decimal('-4'), 2] }, '-0'],
    [{ $sqrt: decimal('-0') }, '-0'],
    [{ $toDouble: decimal('-0') }, '-0'],
    [{ $floor: decimal('Infinity') }, 'NaN'],
    [{ $ceil: decimal('1E+40') }, 'NaN'],
    [{ $toDecimal: '12345678901234567890123456789012349' }, '1.234567890123456789012345678901234E+34'],
    [{ $exp: decimal('1') }, '2.718281828459045235360287471352662'],
    [{ $exp: decimal('-Infinity') }, '0'],
    [{ $ln: decimal('2') }, '0.6931471805599453094172321214581766'],
    [{ $log10: decimal('1E-6000') }, '-6000'],
    [{ $log: [decimal('100'), 10] }, '2'],
    [{ $pow: [decimal('2'), 3] }, '8.000000000000000000000000000000000'],
    [{ $pow: [decimal('2'), 0.5] }, '1.414213562373095048801688724209698'],
    [{ $pow: [decimal('-Infinity'), 3] }, '-Infinity'],
    [{ $pow: [decimal('-2'), decimal('0.5')] }, 'NaN'],
    [{ $pow: [decimal('1E+4000'), 2] }, 'Infinity'],
    [{ $sigmoid: decimal('0') }, '0.5'],
  ])('%j is %s', (expression, expected) => {
    expect(text(expression)).toBe(expected);
  });

  test('$sigmoid of doubles', () => {
    expect(value({ $sigmoid: 0 })).toBe(0.5);
    expect(value({ $sigmoid: null })).toBeNull();
  });

  test('$inc that changes nothing leaves -0 as it is', () => {
    const doc = { a: decimal('-0') };
    expect(applyUpdate(doc, { $inc: { a: 0 } })).toEqual({ document: doc, modified: false });
  });
});

describe('numbers as text', () => {
  test.each<[unknown, string]>([
    [{ $toString: 3.3000000000000003 }, '3.3000000000000003'],
    [{ $toString: 0.00012345678901234567 }, '0.00012345678901234567'],
    [{ $toString: 9e-5 }, '9e-05'],
    [{ $toString: 1e16 }, '1e+16'],
    [{ $toString: 9999999999999998 }, '9999999999999998'],
    [{ $substrBytes: [double(2e6), 0, 20] }, '2e+06'],
    [{ $toLower: 123456.789 }, '123457'],
    [{ $toUpper: double(100) }, '100'],
    [{ $toUpper: Number.NEGATIVE_INFINITY }, '-INF'],
    [{ $toLower: new Timestamp({ t: 1, i: 1 }) }, 'jan  1 00:00:01:1'],
    [{ $substrBytes: ['hello', 1.9, decimal('2.5')] }, 'el'],
    [{ $toString: { $toDouble: '0x1.8p1' } }, '3'],
  ])('%j', (expression, expected) => {
    expect(value(expression)).toBe(expected);
  });
});

describe('dates', () => {
  const time = new Date('2024-05-06T07:08:09Z');
  const early = new ObjectId('80000000aaaaaaaaaaaaaaaa');

  test.each<Row>([
    [{ $dateToString: { date: time, format: '%Z', timezone: '-05:30' } }, '-330'],
    [{ $toDate: early }, new Date(-2147483648000)],
    [{ $year: early }, 1901],
    [{ $dateTrunc: { date: time, unit: 'day', startOfWeek: null } }, new Date('2024-05-06')],
    [{ $dateTrunc: { date: time, unit: 'week', startOfWeek: null } }, null],
    [{ $dateTrunc: { date: { $ifNull: ['$no', time] }, unit: 'day', startOfWeek: null } }, null],
    [{ $dateDiff: { startDate: time, endDate: time, unit: 'day', startOfWeek: '$no' } }, null],
    [{ $dateToParts: { date: time, iso8601: null } }, null],
    [
      { $dateFromString: { dateString: '2024-02-01T10:00:00+02:00', timezone: 'UTC' } },
      new Date('2024-02-01T08:00Z'),
    ],
    [{ $dateFromString: { dateString: '2023 60', format: '%Y %j' } }, new Date('2023-03-02')],
    [
      { $dateFromString: { dateString: 'Wed Jan 31 12:05:28 +03:30 1996' } },
      new Date('1996-01-31T08:35:28Z'),
    ],
    [{ $hour: { date: time, timezone: 'US/Eastern' } }, 3],
  ])('%j', (expression, expected) => {
    expect(value(expression)).toEqual(expected);
  });

  test.each<[unknown, RegExp]>([
    [{ $hour: { date: time, timezone: 'europe/berlin' } }, /spelled "Europe\/Berlin"/],
    [{ $hour: { date: time, timezone: 'us/eastern' } }, /spelled "US\/Eastern"/],
    [{ $hour: { date: time, timezone: 'Z' } }, /not a time zone/],
    [{ $dateFromString: { dateString: '2024-02-01', timezone: ['UTC'] } }, /a string as "timezone"/],
    [
      { $dateFromString: { dateString: '2024-02-01T10:00+02:00', timezone: 'Europe/Berlin' } },
      /names a time zone/,
    ],
    [{ $dateTrunc: { date: time, unit: 'hour', binSize: long('9223372036854775807') } }, /too large/],
  ])('%j is an error', (expression, error) => {
    expect(() => value(expression)).toThrow(error);
  });
});

describe('conversions', () => {
  const bytes = (list: number[], subtype = 0): Binary => new Binary(Uint8Array.from(list), subtype);
  const convert = (input: unknown, to: unknown, more: Document = {}): unknown =>
    value({ $convert: { input, to, ...more } });

  test.each<[unknown, unknown, Document, unknown]>([
    ['AQID', 'binData', { format: 'base64' }, bytes([1, 2, 3])],
    ['AQ', 'binData', { format: 'base64url' }, bytes([1])],
    ['0aFF', { type: 'binData', subtype: 5 }, { format: 'hex' }, bytes([10, 255], 5)],
    [258, 'binData', {}, bytes([2, 1, 0, 0])],
    [long(1), 'binData', { byteOrder: 'big' }, bytes([0, 0, 0, 0, 0, 0, 0, 1])],
    [bytes([255, 255]), 'int', {}, -1],
    [bytes([1, 0, 0, 0, 0, 0, 0, 0]), 'long', {}, long(1)],
    [bytes([64, 9, 33, 251, 84, 68, 45, 24]), 'double', { byteOrder: 'big' }, Math.PI],
    ['no base64!', 'binData', { format: 'base64', onError: 'x' }, 'x'],
  ])('%j to %j %j', (input, to, more, expected) => {
    expect(convert(input, to, more)).toEqual(expected);
  });

  test.each<[unknown, unknown, Document, RegExp]>([
    ['no base64!', 'binData', { format: 'base64' }, /is not base64/],
    ['AQI', 'binData', { format: 'base64' }, /is not base64/],
    ['0', 'binData', { format: 'hex' }, /is not hex/],
    [bytes([1]), { type: 'binData', subtype: 4 }, {}, /cannot be converted to subtype 4/],
    [bytes([1, 2, 3]), 'int', {}, /3 bytes/],
    ['a', { type: 'binData', subtype: 10 }, { format: 'utf8' }, /kind of binary data/],
    [1, 'binData', { byteOrder: 'middle' }, /one of little, big/],
  ])('%j to %j %j is an error', (input, to, more, error) => {
    expect(() => convert(input, to, more)).toThrow(error);
  });
});

describe('what is evaluated, and when', () => {
  const broken = { $divide: [1, 0] };
  const branch = (test: unknown, result: unknown): Document =>
    Object.fromEntries([
      ['case', test],
      ['then', result],
    ]);

  test.each<[unknown]>([
    [{ $convert: { input: '7', to: 'int', onError: broken } }],
    [{ $ifNull: ['$a', broken] }],
    [{ $cond: ['$a', 1, broken] }],
    [{ $switch: { branches: [branch(true, 1)], default: broken } }],
    [{ $concat: [5, null, 'x'] }],
    [{ $concatArrays: [5, null] }],
    [{ $add: ['x', null] }],
    [{ $multiply: [2, 'x', null] }],
    [{ $bitOr: [1.5, null] }],
    [{ $zip: { inputs: [5, null] } }],
    [{ $slice: [5, 1, null] }],
    [{ $slice: [[1], 'x', null] }],
    [{ $setUnion: ['$a', null] }],
    [{ $regexMatch: { input: 5, regex: null } }],
    [{ $ltrim: { input: 5, chars: null } }],
  ])('%j fails before anything makes it unneeded', (expression) => {
    expect(() => value(expression, { a: 1 })).toThrow();
  });

  test.each<Row>([
    [{ $concat: [null, 5] }, null],
    [{ $concatArrays: [null, 5] }, null],
    [{ $add: [1, null, 'x'] }, null],
    [{ $multiply: [null, 'x'] }, null],
    [{ $bitAnd: [null, 1.5] }, null],
    [{ $zip: { inputs: [null, 5] } }, null],
    [{ $slice: [[1], 0, null] }, null],
    [{ $cond: [true, 1, broken] }, 1],
    [{ $cond: [false, broken, 2] }, 2],
    [
      {
        $switch: {
          branches: [branch(true, 'ok'), branch({ $gt: [broken, 0] }, 1)],
        },
      },
      'ok',
    ],
    [{ $switch: { branches: [branch(false, broken)], default: 'ok' } }, 'ok'],
    [{ $or: [{ $divide: [1, '$zero'] }, true] }, true],
    [{ $and: [{ $divide: [1, '$zero'] }, 0] }, false],
    [{ $cond: ['$a', 1, { $divide: [1, '$zero'] }] }, 1],
  ])('%j', (expression, expected) => {
    expect(value(expression, { a: 1, zero: 0 })).toEqual(expected);
  });
});

describe('texts', () => {
  test.each<Row>([
    [{ $indexOfCP: ['hello', '', 5] }, -1],
    [{ $indexOfCP: ['hello', '', 2, 2] }, -1],
    [{ $indexOfCP: ['hello', 'llo', 0, 3] }, 2],
    [{ $indexOfBytes: ['hello', 'llo', 0, 3] }, -1],
    [{ $indexOfBytes: ['hello', '', 2, 2] }, 2],
    [{ $indexOfBytes: ['hello', '', 2, 1] }, -1],
    [{ $regexMatch: { input: 'abc-abc', regex: '(?P<w>abc)-(?P=w)' } }, true],
    [{ $regexMatch: { input: 'café', regex: '(*UTF)caf.$' } }, true],
    [{ $regexMatch: { input: 'xab', regex: '(?<=x|yz)a' } }, true],
  ])('%j', (expression, expected) => {
    expect(value(expression)).toEqual(expected);
  });

  test.each<[unknown]>([
    [{ $regexMatch: { input: 'aab', regex: '(?<=a+)b' } }],
    [{ $regexMatch: { input: 'aab', regex: '(?<!a|(b|cd))b' } }],
    [{ $regexMatch: { input: 'a', regex: 'a\0' } }],
    [{ $indexOfCP: ['a', 'a', '$missing'] }],
  ])('%j is an error', (expression) => {
    expect(() => value(expression)).toThrow();
  });
});

describe('windows', () => {
  const near = { documents: [-1, 0] };
  const all = { documents: ['unbounded', 'unbounded'] };
  const pairs = (list: readonly (readonly [unknown, unknown])[]): Document[] =>
    list.map(([x, y], t) => ({ t, x, y }));
  const covariance = (window: Document, list: readonly (readonly [unknown, unknown])[]): unknown[] =>
    windowed(pairs(list), { $covariancePop: ['$x', '$y'], window });
  const inf = Number.POSITIVE_INFINITY;

  test('the covariance of decimals is a decimal, and sees infinities while they are there', () => {
    expect(
      covariance(all, [
        [decimal('1'), decimal('3')],
        [decimal('3'), decimal('7')],
      ]).map(String),
    ).toEqual(['2', '2']);
    expect(
      covariance(all, [
        [1, 2],
        [inf, 4],
        [3, 6],
      ]),
    ).toEqual([inf, inf, inf]);
    expect(
      covariance(near, [
        [inf, 10],
        [2, 20],
        [3, 30],
        [4, 40],
      ]),
    ).toEqual([null, double(0), 2.5, 2.5]);
    expect(
      covariance(all, [
        [inf, 1],
        [inf, 2],
      ]),
    ).toEqual([null, null]);
  });

  test('what is no pair of numbers gives nothing', () => {
    const input = pairs([
      [1, 2],
      [3, 4],
    ]);
    expect(windowed(input, { $covariancePop: '$x' })).toEqual([null, null]);
    expect(windowed(input, { $covarianceSamp: ['$x', '$y', '$t'] })).toEqual([null, null]);
  });

  test('the standard deviation of a moving window recovers from NaN', () => {
    const input = docsOf([Number.NaN, 10, 20, 30]);
    expect(windowed(input, { $stdDevPop: '$v', window: near })).toEqual([null, null, double(5), double(5)]);
  });

  test('$documentNumber needs one field to sort by', () => {
    expect(() => windowed(docsOf([1]), { $documentNumber: {} }, { t: 1, v: 1 })).toThrow(/exactly one field/);
  });
});

describe('stages', () => {
  test.each<[Document[]]>([
    [[{ $lookup: { from: 'f', localField: 'x', foreignField: 'x', as: 'a..b' } }]],
    [[{ $unwind: { path: '$a', includeArrayIndex: 'i.' } }]],
    [[{ $unwind: { path: '$a', preserveNullAndEmptyArrays: null } }]],
    [[{ $count: '_id' }]],
    [[{ $group: { _id: { a: 1 } } }]],
    [[{ $limit: 2 ** 63 }]],
    [[{ $set: { a: { 'x.y': 1 } } }]],
    [[{ $facet: { f: [{ $unionWith: { coll: 'f', pipeline: [{ $facet: { g: [] } }] } }] } }]],
    [[{ $project: { [Array.from({ length: 201 }, () => 'a').join('.')]: 1 } }]],
    [[{ $group: { _id: null, r: { $setUnion: '$none' } } }]],
  ])('%j is an error', (stages) => {
    expect(() => run(stages, [{ none: null }])).toThrow();
  });

  test('a projection that excludes may name _id, and sets computed fields in every element', () => {
    expect(run([{ $project: { _id: 1, a: 0 } }], [{ _id: 1, a: 2, b: 3 }])).toEqual([{ _id: 1, b: 3 }]);
    expect(run([{ $project: { 'a.b': { $literal: 9 } } }], [{ a: [{ c: 1 }, 5, null] }])).toEqual([
      { a: [{ b: 9 }, { b: 9 }, { b: 9 }] },
    ]);
  });

  test('$lookup joins with the documents that its pipeline begins with', () => {
    const pipeline = [{ $documents: [{ k: 1 }, { k: 2 }] }];
    const stage = { $lookup: { localField: 'x', foreignField: 'k', pipeline, as: 'r' } };
    expect(run([stage], [{ x: 2 }])).toEqual([{ x: 2, r: [{ k: 2 }] }]);
  });

  test('$graphLookup finds null by null, and no document without the field', () => {
    const docs = [{ _id: 0, y: null }, { _id: 1, y: [null, 1] }, { _id: 2 }, { _id: 3, y: 1, x: null }];
    const stage = (startWith: unknown) => ({
      $graphLookup: { from: 'c', startWith, connectFromField: 'x', connectToField: 'y', as: 'r' },
    });
    const found = (startWith: unknown) => {
      const limits = { tick() {}, maxBytes: 1e6 };
      const context = { input: () => [{}], collection: () => docs, limits, now: new Date(0) };
      const [doc] = aggregate([stage(startWith), { $project: { r: '$r._id' } }], context);
      return doc?.['r'];
    };
    expect(found(null)).toEqual([0, 1]);
    expect(found('$missing')).toEqual([]);
    expect(found(1)).toEqual([1, 3, 0]);
  });

  test('$sortArray compares arrays as a whole', () => {
    expect(value({ $sortArray: { input: [{ a: [3, 1] }, { a: [2] }], sortBy: { a: 1 } } })).toEqual([
      { a: [2] },
      { a: [3, 1] },
    ]);
  });

  test('$setUnion of groups takes no null', () => {
    expect(() => grouped([null], { $setUnion: '$v' })).toThrow(/needs arrays/);
    expect(grouped([[1], [1, 2]], { $setUnion: '$v' })).toEqual([1, 2]);
  });
});

describe('filters', () => {
  test.each<[Document]>([
    [{ a: { $size: long('9007199254740993') } }],
    [{ a: { $bitsAllSet: [2 ** 31] } }],
    [{ a: { $bitsAnySet: 1e19 } }],
    [{ a: { $mod: [1e19, 0] } }],
    [{ a: { $elemMatch: { $expr: true } } }],
    [{ a: { $regex: 'a\0' } }],
    [{ a: { $id: 5 } }],
  ])('%j is an error', (filter) => {
    expect(() => compileFilter(filter)).toThrow();
  });

  test('a reference is a value, and its fields have names', () => {
    const doc = { r: { $ref: 'u', $id: 5 }, list: [{ $ref: 'u', $id: 6 }] };
    expect(compileFilter({ r: { $ref: 'u', $id: 5 } })(doc)).toBe(true);
    expect(compileFilter({ 'r.$id': { $gt: 4 } })(doc)).toBe(true);
    expect(compileFilter({ list: { $elemMatch: { $id: 6 } } })(doc)).toBe(true);
    expect(run([{ $project: { x: '$r.$id' } }], [doc])).toEqual([{ x: 5 }]);
    expect(run([{ $project: { 'r.$id': 1 } }], [doc])).toEqual([{ r: { $id: 5 } }]);
  });

  test('thousands of values are no matter', () => {
    const all = Array.from({ length: 5000 }, (_, i) => i);
    expect(compileFilter({ a: { $all: all } })({ a: all })).toBe(true);
    expect(compileFilter({ $or: all.map((a) => ({ a })) })({ a: 4999 })).toBe(true);
    expect(compileFilter({ a: { $in: all.map((i) => new BSONRegExp(`^${i}$`)) } })({ a: '4999' })).toBe(true);
  });
});

describe('updates', () => {
  const doc = { _id: 1, a: [{ b: [1] }], s: 5, k: 1, r: { $ref: 'u', $id: 5 } };

  test.each<[Document, RegExp]>([
    [{ $pop: { 'a.b': 1 } }, /is an array/],
    [{ $pop: { 's.x': 1 } }, /is not a document/],
    [{ $pull: { 's.x': 1 } }, /is not a document/],
    [{ $rename: { k: '_id' } }, /never changes/],
    [{ $rename: { 's.x': 'y' } }, /is not a document/],
    [{ $currentDate: { d: { $type: 'date', more: 1 } } }, /takes true/],
    [{ $set: { $bad: 1 } }, /begins with \$/],
  ])('%j is an error', (update, error) => {
    expect(() => applyUpdate(doc, update)).toThrow(error);
  });

  test('the fields of a reference, and others with $ below the top, can be set', () => {
    expect(applyUpdate(doc, { $set: { 'r.$id': 6, 'n.$x': 1 } }).document).toMatchObject({
      r: { $ref: 'u', $id: 6 },
      n: { $x: 1 },
    });
    expect(applyUpdate(doc, { $rename: { $none: 'b' } }).modified).toBe(false);
    expect(applyUpdate(doc, { $unset: { 's.x': 1 } }).modified).toBe(false);
  });

  test('$push sorts by whole values', () => {
    const list = [{ v: [9, 1] }, { v: [2] }, new MinKey()];
    const { document } = applyUpdate({ a: list }, { $push: { a: { $each: [], $sort: { v: 1 } } } });
    expect(document['a']).toEqual([new MinKey(), { v: [2] }, { v: [9, 1] }]);
  });

  test('a replacing upsert takes only _id from its filter', () => {
    const filter = { $and: [{ _id: 7 }, { x: 1 }, { x: 1 }] };
    expect(compileReplacement({ z: 1 }, { filter }).insert()).toEqual({ _id: 7, z: 1 });
    expect(() => compileUpdate({ $set: { z: 1 } }, { filter }).insert()).toThrow(/two things about "x"/);
  });
});

describe('NaN of decimals', () => {
  const negative = (): unknown => value({ $toDecimal: '-NaN' });
  const isNegative = (found: unknown): boolean => ((found as Decimal128).bytes[15] ?? 0) === 0xfc;

  test.each<[string, unknown]>([
    ['read from a text', { $toDecimal: '-nan' }],
    ['converted', { $toDecimal: negative() }],
    ['in a sum with infinity', { $sum: [negative(), Number.POSITIVE_INFINITY] }],
    ['in a sum with NaN of a double', { $sum: [Number.NaN, negative()] }],
    ['in a mean', { $avg: [negative(), 1] }],
  ])('keeps its sign %s', (_name, expression) => {
    expect(isNegative(value(expression))).toBe(true);
  });

  test('has no sign of its own, and is one value whatever its sign', () => {
    expect(isNegative(value({ $toDecimal: 'NaN' }))).toBe(false);
    expect(value({ $eq: [negative(), decimal('NaN')] })).toBe(true);
  });

  test.each<[unknown]>([
    [{ $ln: decimal('NaN') }],
    [{ $log10: decimal('NaN') }],
    [{ $log: [decimal('NaN'), 2] }],
  ])('%j is that of doubles', (expression) => {
    expect(value(expression)).toBe(Number.NaN);
  });
});

describe('numbers and texts at their borders', () => {
  test.each<[string, string]>([
    ['0.5', '0.6224593312018545646389005657455087'],
    ['1', '0.7310585786300048792511592418218362'],
    ['-Infinity', '0E-6176'],
  ])('$sigmoid of the decimal %s has 34 digits at each step', (x, expected) => {
    expect(String(value({ $sigmoid: decimal(x) }))).toBe(expected);
  });

  test.each(['NaN', 'Infinity', '-Infinity', '1E+6144'])(
    'a length of %s takes the rest of a text',
    (length) => {
      expect(value({ $substrBytes: ['hello', 2, decimal(length)] })).toBe('llo');
    },
  );

  test('a text too small for a double is no number, one with many zeros is', () => {
    expect(() => value({ $toDouble: '1e-400' })).toThrow(/does not fit/);
    expect(value({ $toDouble: '0e-400' })).toEqual(double(0));
    expect(value({ $toInt: `-${'0'.repeat(50)}7` })).toBe(-7);
    expect(() => value({ $toLong: '9'.repeat(50) })).toThrow(/50 digits/);
  });

  test('the number in a timestamp is written with ten digits', () => {
    expect(value({ $toLower: new Timestamp({ t: 1, i: 42 }) })).toBe('jan  1 00:00:01:42');
  });

  test('white space and null characters of ASCII around a date are skipped, others are not', () => {
    expect(value({ $toDate: '\0 2024-06-15T12:30:45Z\0' })).toEqual(new Date('2024-06-15T12:30:45Z'));
    expect(() => value({ $toDate: '\u20002024-06-15T12:30:45Z' })).toThrow(/as a date/);
  });

  test('a string in an expression has less than 16 MB', () => {
    const limit = 16 * 1024 * 1024;
    const half = 'é'.repeat(limit / 4);
    expect(value({ $strLenBytes: { $concat: ['$half', half.slice(1)] } }, { half })).toBe(limit - 2);
    expect(() => value({ $concat: ['$half', half] }, { half })).toThrow(/less than 16 MB/);
    expect(() => value({ $strLenCP: 'x'.repeat(limit) })).toThrow(/less than 16 MB/);
    expect(() => value({ $toString: new Binary(Buffer.alloc((limit / 4) * 3)) })).toThrow(/less than 16 MB/);
  });

  test('a field path has no null character, a pattern in an expression at most 16 KB', () => {
    expect(() => value('$a\0b')).toThrow(/null character/);
    const regexMatch = (regex: string) => value({ $regexMatch: { input: 'a', regex } });
    expect(regexMatch('a'.repeat(16_384))).toBe(false);
    expect(() => regexMatch('a'.repeat(16_385))).toThrow(/16,384 bytes/);
  });
});

test('empty timestamps become the time where whole documents are written, except in _id and below the top', () => {
  const empty = new Timestamp({ t: 0, i: 0 });
  const now = new Date(7000);
  const before = { _id: 1, a: 1 };
  const written = compileReplacement({ t: empty, n: { t: empty } }, { now }).apply(before).document;
  const filled = expect.objectContaining({ high: 7 });
  expect(written).toEqual({ _id: 1, t: filled, n: { t: empty } });
  expect(applyUpdate(before, [{ $set: { t: empty } }], { now }).document['t']).toEqual(filled);
  expect(applyUpdate(before, { $set: { t: empty } }, { now }).document['t']).toEqual(empty);
  const inserted = prepareInsert({ _id: empty, t: empty });
  expect(inserted['_id']).toEqual(empty);
  expect(inserted['t']).not.toEqual(empty);
});
