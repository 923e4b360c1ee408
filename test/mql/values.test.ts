import {
  Binary,
  BSONRegExp,
  Code,
  Decimal128,
  Double,
  Int32,
  Long,
  MaxKey,
  MinKey,
  ObjectId,
  Timestamp,
} from 'bson';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  compareValues,
  decode,
  encode,
  fromExtendedJson,
  hashKey,
  keyString,
  normalize,
  stringifyExtendedJson,
  toExtendedJson,
} from '../../src/mql/index.ts';
import { identical } from '../../src/mql/update/identical.ts';
import { numbers, values } from './arbitraries.ts';

const sign = Math.sign;

describe('keys for an index', () => {
  test('their bytes sort as the values compare', () => {
    fc.assert(
      fc.property(values, values, (a, b) => {
        expect(sign(Buffer.compare(keyString(a), keyString(b)))).toBe(sign(compareValues(a, b)));
      }),
      { numRuns: 3000 },
    );
  });

  test('their bytes sort as numbers of different types compare', () => {
    fc.assert(
      fc.property(numbers, numbers, (a, b) => {
        expect(sign(Buffer.compare(keyString(a), keyString(b)))).toBe(sign(compareValues(a, b)));
      }),
      { numRuns: 3000 },
    );
  });

  test('equal numbers of different types have one key', () => {
    const one = [1, new Double(1), new Int32(1), Long.fromNumber(1), Decimal128.fromString('1.00')];
    expect(new Set(one.map((value) => Buffer.from(keyString(value)).toString('hex'))).size).toBe(1);
  });

  test('hash keys are equal exactly when the values are', () => {
    fc.assert(
      fc.property(values, values, (a, b) => {
        const same = hashKey(a) === hashKey(b) || (Number.isNaN(hashKey(a)) && Number.isNaN(hashKey(b)));
        expect(same).toBe(compareValues(a, b) === 0);
      }),
      { numRuns: 3000 },
    );
  });

  test('hash keys of numbers are equal exactly when the numbers are', () => {
    fc.assert(
      fc.property(numbers, numbers, (a, b) => {
        expect(Object.is(hashKey(a), hashKey(b))).toBe(compareValues(a, b) === 0);
      }),
      { numRuns: 3000 },
    );
  });
});

describe('the order of values', () => {
  test('follows the BSON order of types', () => {
    const ordered = [
      new MinKey(),
      null,
      1,
      'text',
      { a: 1 },
      [1],
      new Binary(Uint8Array.of(1)),
      new ObjectId('65a000000000000000000001'),
      false,
      new Date(0),
      new Timestamp({ t: 1, i: 1 }),
      new BSONRegExp('a'),
      new MaxKey(),
    ];
    expect(ordered.toReversed().sort(compareValues)).toEqual(ordered);
  });

  test('is exact between a decimal and the double that is near it', () => {
    expect(compareValues(Decimal128.fromString('0.1'), 0.1)).toBe(-1);
  });

  test('is a total order', () => {
    fc.assert(
      fc.property(values, values, values, (a, b, c) => {
        expect(sign(compareValues(a, b))).toBe(-sign(compareValues(b, a)) || 0);
        if (compareValues(a, b) <= 0 && compareValues(b, c) <= 0)
          expect(compareValues(a, c)).toBeLessThanOrEqual(0);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('storing documents', () => {
  const every = {
    double: 1.5,
    integralDouble: new Double(1),
    negativeZero: -0,
    int: 7,
    long: Long.fromString('9007199254740993'),
    decimal: Decimal128.fromString('1.50'),
    text: 'né😀',
    nothing: null,
    yes: true,
    date: new Date(-1),
    id: new ObjectId('65a000000000000000000001'),
    binary: new Binary(Uint8Array.of(1, 2), 4),
    regex: new BSONRegExp('a+', 'im'),
    code: new Code('f()'),
    scoped: new Code('f()', { x: 1 }),
    timestamp: new Timestamp({ t: 4000000000, i: 2 }),
    min: new MinKey(),
    max: new MaxKey(),
    list: [1, [new Double(2)], { x: null }],
    nested: { a: { b: [] } },
  };

  test('gives every BSON type back unchanged', () => {
    expect(decode(encode(every))).toEqual(every);
  });

  test('gives any value back unchanged', () => {
    fc.assert(
      fc.property(values, (value) => {
        expect(identical(decode(encode({ value })), { value })).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });

  test('gives any value back through canonical Extended JSON', () => {
    fc.assert(
      fc.property(values, (value) => {
        // A field that begins with $ may be a type wrapper, so such documents are not told apart.
        fc.pre(!JSON.stringify(toExtendedJson(value)).includes('"$x"'));
        const text = stringifyExtendedJson({ value }, { relaxed: false });
        expect(identical(fromExtendedJson(text), { value })).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });

  test('keeps a field named __proto__ as data', () => {
    const doc = fromExtendedJson('{"__proto__": {"admin": true}, "constructor": 1}');
    const back = decode(encode(doc as never));
    expect(Object.keys(back)).toEqual(['__proto__', 'constructor']);
    expect(Object.getPrototypeOf(back)).toBe(Object.prototype);
  });

  test('says so when the bytes are no document', () => {
    expect(() => decode(Uint8Array.of(9, 0, 0, 0, 2, 97))).toThrow(/not a valid BSON/);
  });
});

describe('Extended JSON', () => {
  test('text keeps all digits of a long and the point of a double', () => {
    const doc = fromExtendedJson('{"a": 9007199254740993, "b": 1.0, "c": 5000000000}');
    expect(doc).toEqual({
      a: Long.fromString('9007199254740993'),
      b: new Double(1),
      c: Long.fromNumber(5e9),
    });
  });

  test('the relaxed form shows a long that JSON cannot hold as $numberLong', () => {
    const value = { a: Long.fromString('9007199254740993'), b: Long.fromNumber(5), c: new Date(0) };
    expect(stringifyExtendedJson(value)).toBe(
      '{"a":{"$numberLong":"9007199254740993"},"b":5,"c":{"$date":"1970-01-01T00:00:00Z"}}',
    );
  });

  test('$regex stays the query operator', () => {
    expect(fromExtendedJson({ $regex: 'a', $options: 'i' })).toEqual({ $regex: 'a', $options: 'i' });
  });

  test('a malformed wrapper is an error that names it', () => {
    expect(() => fromExtendedJson({ $oid: 'xyz' })).toThrow(/\$oid .*24 hexadecimal/);
    for (const late of ['+275760-09-14T00:00:00Z', { $numberLong: '8640000000000001' }, -1e18]) {
      expect(() => fromExtendedJson({ $date: late })).toThrow(
        /\$date .*within -271821-04-20 and \+275760-09-13/,
      );
    }
    expect(() => fromExtendedJson({ $date: 'yesterday' })).toThrow(/\$date .*ISO 8601/);
  });

  test.each([
    ['2026-02-01', '2026-02-01T00:00:00.000Z'],
    ['2026-02-01T10:00', '2026-02-01T10:00:00.000Z'],
    ['2026-02-01T10:00:00.5+02:00', '2026-02-01T08:00:00.500Z'],
    ['-000001-01-01T00:00:00Z', '-000001-01-01T00:00:00.000Z'],
  ])('the date %s is read as it is, without a zone in UTC', (text, moment) => {
    expect((fromExtendedJson({ $date: text }) as Date).toISOString()).toBe(moment);
  });

  test.each(['01.02.2026', '02/01/2026', 'foo 2', '2026', '2026-02-30', 'Feb 1, 2026'])(
    'the date %s is refused, since it could be another',
    (text) => {
      expect(() => fromExtendedJson({ $date: text })).toThrow(/\$date .*ISO 8601/);
    },
  );

  test('arguments with boxed numbers become the plain representation', () => {
    expect(normalize({ a: new Int32(5), b: [new Double(1.5)], c: 5n })).toEqual({
      a: 5,
      b: [1.5],
      c: Long.fromNumber(5),
    });
  });
});
