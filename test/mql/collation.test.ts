import { describe, expect, test } from 'vitest';
import {
  aggregate,
  applyUpdate,
  compileFilter,
  compileSortKeys,
  DEFAULT_MAX_BYTES,
  type Document,
  distinctValues,
} from '../../src/mql/index.ts';

const base = { locale: 'en', strength: 1 };
const noCase = { locale: 'en', strength: 2 };
const words: Document[] = [
  { _id: 1, w: 'cafe' },
  { _id: 2, w: 'Café' },
  { _id: 3, w: 'CAFE' },
  { _id: 4, w: 'tea' },
];

function run(pipeline: Document[], collation: Document, docs: readonly Document[] = words): Document[] {
  const limits = { tick() {}, maxBytes: DEFAULT_MAX_BYTES };
  const collection = () => docs;
  return [...aggregate(pipeline, { input: () => docs, collection, limits, now: new Date(), collation })];
}

const compute = (expression: unknown, collation: Document): unknown =>
  run([{ $project: { _id: 0, r: expression } }], collation, [{ _id: 1 }])[0]?.['r'];

describe('a collation decides which strings are equal', () => {
  test.each([
    ['$eq', { $eq: ['cafe', 'CAFÉ'] }, true],
    ['$cmp', { $cmp: ['a', 'Á'] }, 0],
    ['$in', { $in: ['CAFE', ['tea', 'café']] }, true],
    ['$indexOfArray', { $indexOfArray: [['tea', 'Café'], 'cafe'] }, 1],
    ['$setUnion', { $setUnion: [['a', 'A'], ['á']] }, ['a']],
    ['$setIsSubset', { $setIsSubset: [['A'], ['a', 'b']] }, true],
    ['$setDifference', { $setDifference: [['A', 'b'], ['a']] }, ['b']],
    ['$max', { $max: ['a', 'B'] }, 'B'],
    ['strings within documents', { $eq: [{ a: ['x'] }, { a: ['X'] }] }, true],
    ['but not names of fields', { $eq: [{ a: 1 }, { A: 1 }] }, false],
    ['nor $strcasecmp and $indexOfCP', { $indexOfCP: ['ABC', 'b'] }, -1],
  ])('%s', (_name, expression, result) => {
    expect(compute(expression, base)).toEqual(result);
  });

  test('in $match, $group, $sort and $lookup', () => {
    expect(run([{ $match: { w: 'cafe' } }], noCase).map(({ _id }) => _id)).toEqual([1, 3]);
    expect(run([{ $group: { _id: '$w', n: { $sum: 1 } } }], base)).toEqual([
      { _id: 'cafe', n: 3 },
      { _id: 'tea', n: 1 },
    ]);
    const sorted = run([{ $sort: { w: 1, _id: -1 } }], base).map(({ _id }) => _id);
    expect(sorted).toEqual([3, 2, 1, 4]);
    const lookup = { from: 'words', localField: 'w', foreignField: 'w', as: 'same' };
    expect(run([{ $lookup: lookup }, { $limit: 1 }], noCase)[0]?.['same']).toHaveLength(2);
  });

  test('in $addToSet, $topN and $setWindowFields', () => {
    expect(run([{ $group: { _id: null, w: { $addToSet: '$w' } } }], base)[0]?.['w']).toEqual(['cafe', 'tea']);
    const ranked = { $setWindowFields: { sortBy: { w: 1 }, output: { r: { $denseRank: {} } } } };
    expect(run([ranked], base).map(({ r }) => r)).toEqual([1, 1, 1, 2]);
  });

  test('in distinct', () => {
    expect(distinctValues(words, 'w', { collation: noCase })).toEqual(['cafe', 'Café', 'tea']);
  });

  test('in updates: $addToSet, $pull, $min, array filters and the positional $', () => {
    const doc = { _id: 1, a: ['x', 'Y'] };
    const update = (change: Document, more: object = {}): unknown =>
      applyUpdate(doc, change, { collation: noCase, ...more }).document['a'];
    expect(update({ $addToSet: { a: 'y' } })).toEqual(['x', 'Y']);
    expect(update({ $pull: { a: 'y' } })).toEqual(['x']);
    expect(update({ $pullAll: { a: ['X'] } })).toEqual(['Y']);
    expect(update({ $set: { 'a.$[e]': 1 } }, { arrayFilters: [{ e: 'y' }] })).toEqual(['x', 1]);
    expect(update({ $set: { 'a.$': 1 } }, { filter: { a: 'y' } })).toEqual(['x', 1]);
  });
});

test('numericOrdering compares digits as numbers', () => {
  const { of, compare } = compileSortKeys({ v: 1 }, { collation: { locale: 'en', numericOrdering: true } });
  const sorted = ['v10', 'v9', 'v2'].toSorted((a, b) => compare(of({ v: a }), of({ v: b })));
  expect(sorted).toEqual(['v2', 'v9', 'v10']);
});

test('the locale "simple" compares bytes', () => {
  expect(compileFilter({ a: 'x' }, { collation: { locale: 'simple' } })({ a: 'X' })).toBe(false);
});

test.each([
  ['strength 4', { locale: 'en', strength: 4 }, /strength 4 is not supported/],
  [
    'white space alone',
    { locale: 'en', alternate: 'shifted', maxVariable: 'space' },
    /maxVariable: space.*is not supported/,
  ],
  ['another alternate', { locale: 'en', alternate: 'no' }, /"alternate" of a collation is/],
  ['another maxVariable', { locale: 'en', maxVariable: 'no' }, /"maxVariable" of a collation is/],
  ['backwards', { locale: 'de', backwards: true }, /backwards.*is not supported/],
  [
    'an order of case without a strength for it',
    { locale: 'en', caseFirst: 'upper', strength: 1 },
    /strength" 3/,
  ],
  ['an unknown option', { locale: 'en', foo: 1 }, /no option "foo"/],
  ['no locale', { strength: 2 }, /needs a "locale"/],
  ['an unknown locale', { locale: 'xx' }, /locale "xx" is not known/],
])('%s is refused by name', (_name, collation, message) => {
  expect(() => compileFilter({ a: 1 }, { collation })).toThrow(message);
});
