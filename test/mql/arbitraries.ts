import {
  Binary,
  BSONRegExp,
  Code,
  Decimal128,
  Double,
  Long,
  MaxKey,
  MinKey,
  ObjectId,
  Timestamp,
} from 'bson';
import fc from 'fast-check';

const int32 = fc.integer({ min: -2147483648, max: 2147483647 });
const decimal = fc
  .tuple(fc.bigInt({ min: -(10n ** 33n), max: 10n ** 33n }), fc.integer({ min: -60, max: 60 }))
  .map(([digits, exponent]) => Decimal128.fromString(`${digits}E${exponent}`));

/** Numbers of all four types, with many that are equal or nearly so. */
export const numbers = fc.oneof(
  int32,
  fc.integer({ min: -3, max: 3 }),
  fc.integer({ min: -3, max: 3 }).map((value) => new Double(value)),
  fc.integer({ min: -3, max: 3 }).map((value) => Long.fromNumber(value)),
  fc.integer({ min: -3, max: 3 }).map((value) => Decimal128.fromString(`${value}.0`)),
  fc.double({ noInteger: true }),
  fc.constantFrom(Number.NaN, Infinity, -Infinity, -0, 0.1, 2 ** 53, 2 ** 63, 1e300, 5e-324),
  fc
    .constantFrom('0.1', '9007199254740993', '1E300', 'NaN', 'Infinity', '-Infinity', '0E-10')
    .map((text) => Decimal128.fromString(text)),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map((value) => Long.fromBigInt(value)),
  fc.constantFrom(9007199254740993n, 9007199254740992n).map((value) => Long.fromBigInt(value)),
  decimal,
);

const text = fc.oneof(
  fc.string(),
  fc.string({ unit: 'grapheme' }),
  fc.constantFrom('', 'a', 'ab', 'a\0', 'a\0b', '\u{1f600}', '\uff5e', '__proto__', 'constructor'),
);

const leaf = fc.oneof(
  { weight: 4, arbitrary: numbers },
  { weight: 3, arbitrary: text },
  fc.constant(null),
  fc.boolean(),
  fc.date({ noInvalidDate: true }),
  fc.uint8Array({ minLength: 12, maxLength: 12 }).map((bytes) => new ObjectId(bytes)),
  fc
    .tuple(fc.uint8Array({ maxLength: 5 }), fc.constantFrom(0, 4, 128))
    .map(([b, type]) => new Binary(b, type)),
  fc.tuple(fc.nat(), fc.nat()).map(([t, i]) => new Timestamp({ t, i })),
  fc
    .constantFrom(['a', ''], ['a', 'i'], ['b', 'im'])
    .map(([p, o]) => new BSONRegExp(p as string, o as string)),
  fc.constantFrom('f()', 'g()').map((code) => new Code(code)),
  fc.constant(new MinKey()),
  fc.constant(new MaxKey()),
);

// Names that look like numbers are left out: JavaScript moves them to the front of an object.
const names = fc.constantFrom('a', 'b', 'ab', 'é', '__proto__', 'constructor', 'toString', '$x', 'a.b');

/** Any BSON value, in the engine's representation. */
export const values = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    { weight: 6, arbitrary: leaf },
    fc.array(tie('value'), { maxLength: 3 }),
    fc
      .uniqueArray(fc.tuple(names, tie('value')), { maxLength: 3, selector: ([name]) => name })
      .map((entries) => Object.fromEntries(entries)),
  ),
})).value;
