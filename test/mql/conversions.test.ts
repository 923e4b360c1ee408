import { Binary, ObjectId, Timestamp } from 'bson';
import { describe, expect, test } from 'vitest';
import type { Document } from '../../src/mql/index.ts';
import { decimal, double, long, value } from './evaluate.ts';

const NaN_ = Number.NaN;
const INF = Number.POSITIVE_INFINITY;
const id = new ObjectId('65a000000000000000000001');
const bytes = (...values: number[]) => new Binary(Uint8Array.from(values));

describe('conversions', () => {
  const uuid = '0e3b9063-8abd-4eb3-9f9f-f4c59fd30a60';
  test.each<[string, unknown, unknown]>([
    ['$toInt', -2.9, -2],
    ['$toInt', '-5', -5],
    ['$toInt', decimal('5.9'), 5],
    ['$toInt', decimal('0E+30'), 0],
    ['$toInt', true, 1],
    ['$toInt', null, null],
    ['$toLong', '9223372036854775807', long('9223372036854775807')],
    ['$toLong', new Date(5), long(5)],
    ['$toLong', 2.9, long(2)],
    ['$toLong', false, long(0)],
    ['$toDouble', 5, double(5)],
    ['$toDouble', '-1e-3', -0.001],
    ['$toDouble', new Date(5), double(5)],
    ['$toDouble', decimal('2.5'), 2.5],
    ['$toDouble', true, double(1)],
    ['$toDecimal', 0.1, decimal('0.100000000000000')],
    ['$toDecimal', '-5.50', decimal('-5.50')],
    ['$toDecimal', long('9007199254740993'), decimal('9007199254740993')],
    ['$toDecimal', true, decimal('1')],
    ['$toBool', 0, false],
    ['$toBool', decimal('0.0'), false],
    ['$toBool', NaN_, true],
    ['$toBool', decimal('1E-6000'), true],
    ['$toBool', 'false', true],
    ['$toBool', '', true],
    ['$toBool', new Date(0), true],
    ['$toBool', null, null],
    ['$toDate', long(1), new Date(1)],
    ['$toDate', 1.9, new Date(1)],
    ['$toDate', decimal('12'), new Date(12)],
    ['$toDate', '2018-03-20 11:00:06 +0500', new Date('2018-03-20T06:00:06Z')],
    ['$toDate', id, id.getTimestamp()],
    ['$toDate', new Timestamp({ t: 7, i: 1 }), new Date(7000)],
    ['$toString', 2.5, '2.5'],
    ['$toString', double(2), '2'],
    ['$toString', 1e21, '1e+21'],
    ['$toString', long('9007199254740993'), '9007199254740993'],
    ['$toString', decimal('1.50'), '1.50'],
    ['$toString', new Date(0), '1970-01-01T00:00:00.000Z'],
    ['$toString', true, 'true'],
    ['$toString', NaN_, 'NaN'],
    ['$toString', null, null],
    ['$toObjectId', id.toHexString(), id],
    ['$toUUID', uuid, new Binary(Uint8Array.from(Buffer.from(uuid.replaceAll('-', ''), 'hex')), 4)],
  ])('%s of %o', (name, input, expected) => {
    expect(value({ [name]: { $literal: input } })).toEqual(expected);
  });

  test('of a missing field is null', () => {
    for (const name of ['$toInt', '$toString', '$toBool', '$toDate']) {
      expect(value({ [name]: '$no' })).toBeNull();
    }
  });

  test.each<[string, unknown]>([
    ['$toInt', '1.5'],
    ['$toInt', ''],
    ['$toInt', ' 1'],
    ['$toInt', '0x10'],
    ['$toInt', 2 ** 31],
    ['$toInt', NaN_],
    ['$toInt', new Date(0)],
    ['$toLong', 2 ** 63],
    ['$toLong', '9223372036854775808'],
    ['$toLong', INF],
    ['$toDouble', 'x'],
    ['$toDouble', '1e999'],
    ['$toDouble', decimal('1E+400')],
    ['$toDecimal', '1E+7000'],
    ['$toDecimal', '1,5'],
    ['$toDate', 5],
    ['$toDate', true],
    ['$toDate', '2018-20-03'],
    ['$toDate', NaN_],
    ['$toString', [1]],
    ['$toString', { a: 1 }],
    ['$toObjectId', 'abc'],
  ])('%s of %o is an error', (name, input) => {
    expect(() => value({ [name]: { $literal: input } })).toThrow(/is not an?|fit|cannot be|Cannot read/);
  });

  test.each<[Document, unknown]>([
    [{ input: 'x', to: 'int', onError: 'bad' }, 'bad'],
    [{ input: 'x', to: 'int', onError: '$no' }, undefined],
    [{ input: null, to: 'int', onNull: 0 }, 0],
    [{ input: '$no', to: 'int', onError: 1 }, null],
    [{ input: 1, to: null }, null],
    [{ input: '7', to: 16 }, 7],
    [{ input: 7, to: { type: 'string' } }, '7'],
    [{ input: 7, to: 'object', onError: 'no such conversion' }, 'no such conversion'],
    [{ input: 7, to: 'missing', onError: 'no such conversion' }, 'no such conversion'],
    [{ input: null, to: 'array', onNull: 'nothing' }, 'nothing'],
    [{ input: bytes(1, 255), to: 'string', format: 'base64' }, 'Af8='],
    [{ input: 'Af8=', to: 'binData', format: 'base64' }, bytes(1, 255)],
  ])('$convert %j', (argument, expected) => {
    expect(value({ $convert: argument })).toEqual(expected);
  });

  test.each([[{ input: 1, to: 'nope', onError: 0 }], [{ input: 'x', to: 'int' }], [{ to: 'int' }]])(
    '$convert %j is an error',
    (argument) => {
      expect(() => value({ $convert: argument })).toThrow(/names no type|not an integer|"input"/);
    },
  );
});

describe('$binarySize and $bsonSize', () => {
  test.each<[unknown, unknown]>([
    [{ $binarySize: 'cafétéria' }, 11],
    [{ $binarySize: bytes(1, 2, 3) }, 3],
    [{ $binarySize: '$no' }, null],
    [{ $bsonSize: { a: 1 } }, 12],
    [{ $bsonSize: {} }, 5],
    [{ $bsonSize: { $literal: { a: double(1) } } }, 16],
    [{ $bsonSize: null }, null],
  ])('%j', (expression, expected) => {
    expect(value(expression)).toEqual(expected);
  });

  test('other types are errors', () => {
    expect(() => value({ $binarySize: 5 })).toThrow(/string or binary/);
    expect(() => value({ $bsonSize: 'x' })).toThrow(/a document/);
  });
});
