import { DatabaseSync } from 'node:sqlite';
import { Binary, BSONSymbol, Decimal128, Double, Long, ObjectId } from 'bson';
import { expect, test } from 'vitest';
import type { Document } from '../../../../../src/mql/index.ts';
import { fieldsOf } from '../../../../../src/stores/embedded/documents/pushdown/fields.ts';

const db = new DatabaseSync(':memory:');

/** What SQLite reads from the projection of a document. */
function read(document: Document): unknown {
  const fields = fieldsOf(document);
  const row = db.prepare('SELECT json_valid($f, 8) AS valid, json($f) AS text').get({ f: fields });
  expect(row?.['valid']).toBe(1);
  return JSON.parse(String(row?.['text']));
}

test('numbers are numbers, other scalars text with a letter for their type', () => {
  const id = new ObjectId('0123456789abcdef01234567');
  expect(
    read({ i: 7, d: 2.5, l: Long.fromNumber(9), w: new Double(3), s: 'x', t: true, n: null, id }),
  ).toEqual({ i: 7, d: 2.5, l: 9, w: 3, s: 'sx', t: 'u1', n: 'n', id: 't0123456789abcdef01234567' });
});

test('the text of dates sorts as they do, before and after 1970', () => {
  const times = [-8.64e15, -62_135_596_800_000, -1, 0, 1, 1.7e12, 8.64e15];
  const texts = times.map((time) => (read({ at: new Date(time) }) as { at: string }).at);
  expect(texts).toEqual([...texts].sort());
  expect(new Set(texts.map(({ length }) => length))).toEqual(new Set([18]));
});

test.each<[string, unknown]>([
  ['a decimal', Decimal128.fromString('1.5')],
  ['a symbol', new BSONSymbol('a')],
  ['a string with NUL', 'a\0b'],
  ['half of a surrogate pair', '\ud800'],
  ['a string of more than 256 units', 'x'.repeat(257)],
  ['an array of more than 64 elements', Array.from({ length: 65 }, (_, i) => i)],
  ['a date outside the range', new Date(Number.NaN)],
])('%s is left to the BSON', (_what, value) => {
  expect(read({ value })).toEqual({ value: ['?'] });
});

test('other types are there, without their value', () => {
  expect(read({ blob: new Binary(Uint8Array.of(1)), nan: Number.NaN })).toEqual({ blob: 'x', nan: 'm' });
});

test('any field name and nesting may be read', () => {
  const document = { 'a.b': { $c: [{ 'q"\\': 1 }] }, é: 'ü😀', '': 0, ['__proto__']: 1 };
  expect(read(document)).toEqual({ 'a.b': { $c: [{ 'q"\\': 1 }] }, é: 'sü😀', '': 0, ['__proto__']: 1 });
});
