import { Decimal128, Double, Long, MaxKey, ObjectId } from 'bson';
import { expect, test } from 'vitest';
import { readPosition, writePosition } from '../../../src/stores/documents/position.ts';

test.each<[string, unknown]>([
  ['a long', Long.fromString('9007199254740993')],
  ['a double with an integral value', new Double(5)],
  ['a decimal', Decimal128.fromString('1.50')],
  ['an ObjectId', new ObjectId('65a000000000000000000001')],
  ['MaxKey', new MaxKey()],
  ['null', null],
  ['a key that is not there', undefined],
  ['an array', [1, [2]]],
  ['a document that looks like Extended JSON', { $oid: '65a000000000000000000001' }],
  ['a document that looks like a number', { $numberInt: '5' }],
])('a position keeps %s as it is', (_name, value) => {
  expect(readPosition(writePosition([value, 'x']))).toEqual([value, 'x']);
});

test.each(['', 'no position', '[[1],"5"]'])('"%s" is no position', (text) => {
  expect(() => readPosition(text)).toThrow(/Start again/);
});
