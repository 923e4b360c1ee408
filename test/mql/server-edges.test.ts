import { Binary, Code, MaxKey, MinKey, Timestamp } from 'bson';
import { expect, test } from 'vitest';
import {
  aggregate,
  applyUpdate,
  compileFilter,
  compilePipelineWrite,
  compileReplacement,
  compileSort,
  DEFAULT_MAX_BYTES,
  type Document,
  distinctValues,
  prepareInsert,
} from '../../src/mql/index.ts';
import { decimal, double, long, run, value } from './evaluate.ts';

// Answers of a MongoDB 8.2 server where it does what one would not think.

test('distinct values are in their order, not in that of the documents', () => {
  const docs = [{ v: 'b' }, { v: [3, null] }, { v: 'a' }, { v: long(3) }, { v: true }];
  expect(distinctValues(docs, 'v')).toEqual([null, 3, 'a', 'b', true]);
});

test('distinct values are in the order of a collation', () => {
  const docs = [{ v: 'file10' }, { v: 'file2' }];
  const collation = { locale: 'en', numericOrdering: true };
  expect(distinctValues(docs, 'v', { collation })).toEqual(['file2', 'file10']);
});

test('a key of distinct with a null character is refused', () => {
  expect(() => distinctValues([], 'a\0b')).toThrow(/null character/);
});

test.each([
  [0, 3, 0],
  [2, 2, 2],
  [3, 2, -1],
  [4, 9, -1],
])('nothing is found in a text from %i up to %i at %i', (from, to, expected) => {
  expect(value({ $indexOfBytes: ['abc', '', from, to] })).toBe(expected);
});

test.each([
  [0, '-9223372036854775808', 'hello'],
  [0, '9223372036854775807', 'hello'],
  [2147483647, '9223372036854775807', ''],
  ['9223372036854775807', '1', ''],
])('$substrBytes from %s with the length %s', (from, length, expected) => {
  const start = typeof from === 'string' ? long(from) : from;
  expect(value({ $substrBytes: ['hello', start, long(length)] })).toBe(expected);
});

test('$substrBytes takes no double beyond the longs', () => {
  expect(() => value({ $substrBytes: ['hello', 2 ** 63, 1] })).toThrow(/does not fit in a long/);
});

test.each(['$trim', '$ltrim', '$rtrim'])('%s of nothing does not look at what it would cut', (name) => {
  expect(value({ [name]: { input: '$missing', chars: 5 } })).toBeNull();
  expect(() => value({ [name]: { input: 'a', chars: 5 } })).toThrow(/needs a string/);
});

test.each([
  ['the type under another name', { Type: 'int' }, /needs a "type"/],
  ['no type', { subtype: 5 }, /needs a "type"/],
  ['null as its type', { type: null }, /needs a "type"/],
  ['null as its subtype', { type: 'binData', subtype: null }, /"subtype" of \$convert/],
])('"to" of $convert with %s is refused', (_what, to, message) => {
  expect(() => value({ $convert: { input: 42, to } })).toThrow(message);
});

test('other fields of "to" of $convert count for nothing', () => {
  expect(value({ $convert: { input: '1', to: { type: 'int', Subtype: 'no' } } })).toBe(1);
});

test('$convert of null does not look at the subtype', () => {
  expect(value({ $convert: { input: null, to: { type: 'binData', subtype: 'no' } } })).toBeNull();
});

test('$sigmoid takes no array, not even of one', () => {
  expect(value({ $sigmoid: 0 })).toBe(0.5);
  expect(() => value({ $sigmoid: [0] })).toThrow(/without an array/);
});

test('a logarithm of a decimal has the 113 bits of a quadruple', () => {
  expect(String(value({ $ln: decimal('2.718281828459045') }))).toBe('0.9999999999999999134157889710887611');
  expect(String(value({ $ln: decimal('0.5') }))).toBe('-0.6931471805599453094172321214581766');
});

test.each([
  ['9.999999999999999999999999999999999E+6144', 'Infinity'],
  ['-9.999999999999999999999999999999999E+6144', '-Infinity'],
  ['9.999999999999999999999999999999998E+6144', '9.999999999999999999999999999999998E+6144'],
])('$pow of the decimal %s by 1 is %s', (base, expected) => {
  expect(String(value({ $pow: [decimal(base), 1] }))).toBe(expected);
});

test('$dateTrunc takes no more than 100,000,000,000 years', () => {
  const truncated = (size: number) =>
    value({ $dateTrunc: { date: new Date(0), unit: 'year', binSize: double(size) } });
  expect(truncated(1)).toEqual(new Date(0));
  expect(() => truncated(100_000_000_001)).toThrow(/too large/);
});

test('no-break spaces around a date are skipped', () => {
  expect(value({ $toDate: '\u00a02024-06-15T12:30:45Z\u00a0' })).toEqual(new Date('2024-06-15T12:30:45Z'));
});

test('$sortArray sorts by a field whose name begins with $, a sort does not', () => {
  const input = { $literal: [{ $a: 2 }, { $a: 1 }] };
  expect(value({ $sortArray: { input, sortBy: { $a: 1 } } })).toEqual([{ $a: 1 }, { $a: 2 }]);
  expect(() => compileSort({ $a: 1 })).toThrow(/not a field to sort by/);
});

test('documents that $densify adds have the partition of the document after them', () => {
  const input = [
    { k: 'a', v: 0 },
    { k: 'A', v: 2 },
  ];
  const range = { step: 1, bounds: 'partition' };
  const stage = { $densify: { field: 'v', partitionByFields: ['k'], range } };
  const answer = aggregate([stage], {
    input: () => input,
    collection: () => [],
    limits: { tick() {}, maxBytes: DEFAULT_MAX_BYTES },
    now: new Date(0),
    collation: { locale: 'en', strength: 1 },
  });
  expect([...answer]).toEqual([input[0], { k: 'A', v: 1 }, input[1]]);
});

test('$setWindowFields with an empty "sortBy" takes a window of documents', () => {
  const output = { s: { $sum: '$v', window: { documents: [-1, 0] } } };
  const answer = run([{ $setWindowFields: { sortBy: {}, output } }], [{ v: 1 }, { v: 2 }]);
  expect(answer.map(({ s }) => s)).toEqual([1, 3]);
});

const rare: [string, unknown][] = [
  ['minKey', new MinKey()],
  ['maxKey', new MaxKey()],
  ['javascript', new Code('f')],
];

// MongoDB gives the stage after such a group {"": MinKey} or the code as a string, depending on its engine.
test.each(rare)('a %s that a stage would read from a group is refused by name', (type, rare) => {
  const docs = [{ v: rare }];
  const refused = new RegExp(`A ${type} as "[_a-z]+" of a group .* is not supported`);
  const last = { $project: { x: 1 } };
  expect(() => run([{ $group: { _id: '$v' } }, last], docs)).toThrow(refused);
  expect(() => run([{ $group: { _id: null, x: { $addToSet: '$v' } } }, last], docs)).toThrow(refused);
  expect(() => run([{ $match: {} }, { $group: { _id: 1, x: { $max: '$v' } } }, last], docs)).toThrow(refused);
  const bucket = { groupBy: '$no', boundaries: [0, 1], default: rare };
  expect(() => run([{ $bucket: bucket }], docs)).toThrow(refused);
});

test.each(rare)('a %s is answered by a group at the end, and after other stages', (_type, rare) => {
  const docs = [{ v: rare }];
  const group = { $group: { _id: '$v' } };
  expect(run([group], docs)).toEqual([{ _id: rare }]);
  expect(run([{ $set: { a: 1 } }, group, { $limit: 1 }], docs)).toEqual([{ _id: rare }]);
  const union = { $group: { _id: 1, x: { $setUnion: '$v' } } };
  expect(run([union, { $limit: 1 }], [{ v: [rare] }])).toEqual([{ _id: 1, x: [rare] }]);
});

const loose = { collation: { locale: 'en', strength: 1 } };

test('$in of a field in $expr is refused with a collation, which MongoDB follows only in part there', () => {
  const refused = /\$in of a field in \$expr with a collation is not supported: write \{x: /;
  expect(() => compileFilter({ $expr: { $in: ['$x', ['A']] } }, loose)).toThrow(refused);
  expect(() => compileFilter({ $expr: { $and: [{ $in: ['$x', ['A']] }] } }, loose)).toThrow(refused);
});

test.each<[Document, object]>([
  [{ $expr: { $in: ['a', '$arr'] } }, loose],
  [{ x: { $in: ['A'] } }, loose],
  [{ $expr: { $in: ['$x', ['a']] } }, {}],
])('the filter %j is answered', (filter, options) => {
  expect(compileFilter(filter, options)({ x: 'a', arr: ['A'] })).toBe(true);
});

const accents = ['cote', 'côte', 'coté', 'côté'];
test.each([
  [{ locale: 'fr_CA' }, [0, 1, 2, 3]],
  [{ locale: 'fr_CA', backwards: false }, [0, 2, 1, 3]],
  [{ locale: 'fr', backwards: true }, [0, 1, 2, 3]],
  [{ locale: 'fr' }, [0, 2, 1, 3]],
  [{ locale: 'en', backwards: true }, [0, 1, 2, 3]],
])('accents count from the end of a word in %j where that is asked for', (collation, order) => {
  const docs = accents.map((x, i) => ({ x, i }));
  const sorted = docs.toSorted(compileSort({ x: 1 }, { collation }));
  expect(sorted.map(({ i }) => i)).toEqual(order);
});

test.each([
  ['de', ['Äb', 'Ad', 'Af']],
  ['de@collation=phonebook', ['Ad', 'Äb', 'Af']],
])('the locale %s has its own order', (locale, expected) => {
  const docs = ['Af', 'Äb', 'Ad'].map((x) => ({ x }));
  const sorted = docs.toSorted(compileSort({ x: 1 }, { collation: { locale } }));
  expect(sorted.map(({ x }) => x)).toEqual(expected);
});

test.each(['fr@collation=phonebook', 'de@collation=search'])(
  'an order that %s does not have is refused',
  (locale) => {
    expect(() => compileSort({ x: 1 }, { collation: { locale } })).toThrow(
      /order ".*" of the locale ".*" is not supported/,
    );
  },
);

test.each([
  [{ alternate: 'shifted' }, ['ab', 'a-b', 'a b']],
  [{ alternate: 'shifted', maxVariable: 'punct' }, ['ab', 'a-b', 'a b']],
  [{ alternate: 'non-ignorable', maxVariable: 'space' }, ['ab']],
  [{ maxVariable: null }, ['ab']],
])('with %j these equal "ab"', (options, expected) => {
  const matches = compileFilter({ x: 'ab' }, { collation: { locale: 'en', ...options } });
  expect(['ab', 'a-b', 'a b', 'a$b'].filter((x) => matches({ x }))).toEqual(expected);
});

test('a replacement without the _id is a change, even to the same', () => {
  const doc = { _id: 1, x: 5 };
  expect(compileReplacement({ x: 5 }).apply(doc)).toEqual({ document: doc, modified: true });
  expect(compileReplacement({ _id: 1, x: 5 }).apply(doc)).toEqual({ document: doc, modified: false });
});

test('two documents with an empty timestamp get different ones', () => {
  const empty = new Timestamp({ t: 0, i: 0 });
  const [first, second] = [prepareInsert({ t: empty }), prepareInsert({ t: empty })];
  expect(first['t']).not.toEqual(second['t']);
});

test('an update pipeline fills with a value, but not by what is in other documents', () => {
  const fill = (how: Document): Document[] => [{ $fill: { output: { y: how } } }];
  expect(applyUpdate({ _id: 1, y: null }, fill({ value: 42 })).document).toEqual({ _id: 1, y: 42 });
  expect(() => applyUpdate({ _id: 1 }, fill({ method: 'locf' }))).toThrow(/"value" only/);
});

test('"whenNotMatched: null" of $merge inserts', () => {
  const { write } = compilePipelineWrite([{ $merge: { into: 'c', whenNotMatched: null } }]);
  expect(write.kind === 'merge' && write.unmatched({ _id: 1 })).toEqual({ _id: 1 });
  expect(() => compilePipelineWrite([{ $merge: { into: 'c', whenMatched: null } }])).toThrow(/whenMatched/);
});

const binary = (length: number, subtype: number): Binary => new Binary(new Uint8Array(length), subtype);

test.each<[string, Binary, Binary]>([
  ['another of its length', binary(16, 128), binary(16, 2)],
  ['one that is three bytes longer', binary(19, 0), binary(16, 2)],
])('binary data of the old subtype 2 is four bytes longer, so it comes after %s', (_other, other, old) => {
  expect(value({ $lt: ['$other', '$old'] }, { other, old })).toBe(true);
  expect(value({ $gt: [binary(20, 3), '$old'] }, { old })).toBe(true);
});
