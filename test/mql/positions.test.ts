import { describe, expect, test } from 'vitest';
import {
  applyUpdate,
  compileFilter,
  compileProjection,
  compileSort,
  type Document,
  distinctValues,
} from '../../src/mql/index.ts';

const matches = (filter: Document, doc: Document): boolean => compileFilter(filter)(doc);

describe('a position in a path', () => {
  test.each<[string, Document, boolean]>([
    ['names an element', { a: [{ b: 1 }, { b: 2 }] }, true],
    ['names an array, whose documents are looked through', { a: [[{ b: 1 }]] }, true],
    ['looks through all elements of that array', { a: [[{ c: 1 }, { b: 1 }]] }, true],
    ['does not look through another element', { a: [[], [{ b: 1 }]] }, false],
    ['is a name in a document as well', { a: { 0: { b: 1 } } }, true],
    ['is a name in the documents of an array as well', { a: [7, { 0: { b: 1 } }] }, true],
    ['does not reach into arrays in that array', { a: [[[{ b: 1 }]]] }, false],
  ])('%s', (_what, doc, expected) => {
    expect(matches({ 'a.0.b': 1 }, doc)).toBe(expected);
    expect(matches({ 'a.0.b': { $ne: 1 } }, doc)).toBe(!expected);
  });

  test.each<[Document, Document, boolean]>([
    [{ 'a.0': 1 }, { a: [[1, 2]] }, false],
    [{ 'a.0': [1, 2] }, { a: [[1, 2]] }, true],
    [{ 'a.0.1': 2 }, { a: [[1, 2]] }, true],
    [{ 'a.0.0.b': 1 }, { a: [[{ b: 1 }]] }, true],
    [{ 'a.0.b': { $exists: false } }, { a: [[]] }, true],
    [{ 'a.0.b': null }, { a: [[]] }, false],
    [{ 'a.0.b': null }, { a: [{}] }, true],
    [{ 'a.1.b': { $elemMatch: { $gt: 1 } } }, { a: [0, { b: [1, 2] }] }, true],
    [{ 'a.b': 1 }, { a: [[{ b: 1 }]] }, false],
  ])('%j on %j: %s', (filter, doc, expected) => {
    expect(matches(filter, doc)).toBe(expected);
  });

  test('in a sort stands for the element as a whole, or for what its path leads to', () => {
    const docs = [{ a: [[9]] }, { a: [[2, 10]] }, { a: [3] }];
    expect(docs.toSorted(compileSort({ 'a.0': 1 }))).toEqual([{ a: [3] }, { a: [[2, 10]] }, { a: [[9]] }]);
    const nested = [{ a: [[{ b: 3 }, { b: 1 }]] }, { a: [[{ b: 2 }]] }];
    expect(nested.toSorted(compileSort({ 'a.0.b': 1 }))).toEqual(nested);
    expect(nested.toSorted(compileSort({ 'a.0.b': -1 }))).toEqual(nested);
  });

  test('in distinct is nothing but a position', () => {
    const docs = [{ a: [[{ b: 1 }, { b: 2 }], { 0: { b: 3 } }] }, { a: [{ b: 4 }] }];
    expect(distinctValues(docs, 'a.0.b')).toEqual([1, 2, 4]);
    expect(distinctValues(docs, 'a.b')).toEqual([4]);
    expect(distinctValues([{ a: [[1, 2]] }], 'a.0')).toEqual([1, 2]);
  });
});

describe('the positional $', () => {
  // Of several conditions MongoDB takes the last in its own order, not in that of the filter.
  test.each<[string, Document, Document, unknown]>([
    ['$lt comes before $gt', { a: { $gt: 4, $lt: 6 } }, { a: [1, 5, 9] }, 5],
    ['in whatever order', { $and: [{ a: { $lt: 6 } }, { a: { $gt: 4 } }] }, { a: [1, 5, 9] }, 5],
    ['$elemMatch comes before a comparison', { a: { $elemMatch: { $gt: 4 }, $lt: 2 } }, { a: [5, 1] }, 1],
    ['the last value of $all', { a: { $all: [1, 3] } }, { a: [1, 2, 3] }, 3],
    ['$or of values is $in', { $or: [{ a: 9 }, { a: 5 }] }, { a: [4, 5, 9] }, 5],
    ['$or of one branch', { $or: [{ a: { $gt: 4 } }] }, { a: [4, 5, 9] }, 5],
    ['another array gives the index', { b: 2 }, { a: [1, 5, 9], b: [1, 2] }, 5],
    [
      'a position gives none, what is looked through behind it does',
      { 'b.0': 2 },
      { a: [1, 5], b: [[1, 2]] },
      5,
    ],
  ])('%s', (_what, filter, doc, element) => {
    if (!matches(filter, doc)) {
      expect(() => compileProjection({ 'a.$': 1 }, filter)(doc)).toThrow(/needs a condition/);
      return;
    }
    expect(compileProjection({ 'a.$': 1 }, filter)(doc)).toEqual({ a: [element] });
    const { document } = applyUpdate(doc, { $set: { 'a.$': 'x' } }, { filter });
    const a = doc['a'] as unknown[];
    expect(document['a']).toEqual(a.map((item) => (item === element ? 'x' : item)));
  });

  test.each<[string, Document]>([
    ['a position of the array', { 'a.0': 4 }],
    ['$or of two fields', { $or: [{ a: 4 }, { b: 1 }] }],
    ['$not', { a: { $not: { $gt: 100 } } }],
    ['$nor', { $nor: [{ a: 100 }] }],
    ['the whole array', { a: [4, 6] }],
  ])('is not determined by %s', (_what, filter) => {
    const doc = { a: [4, 6], b: 1 };
    expect(() => compileProjection({ 'a.$': 1 }, filter)(doc)).toThrow(/needs a condition on that array/);
    expect(() => applyUpdate(doc, { $set: { 'a.$': 1 } }, { filter })).toThrow(/needs a condition/);
  });

  test.each<[Document, RegExp]>([
    [{ a: 1, $expr: true }, /cannot be combined with \$expr/],
    [{ $and: [{ a: 1 }, { $jsonSchema: {} }] }, /cannot be combined with \$jsonSchema/],
  ])('of a projection is refused beside %j', (filter, error) => {
    expect(() => compileProjection({ 'a.$': 1 }, filter)).toThrow(error);
  });
});

describe('projections that MongoDB refuses, or takes for an inclusion', () => {
  test.each<[Document, Document]>([
    [
      { 'o.a': { $slice: 1 }, _id: 1 },
      { _id: 1, o: { a: [7] } },
    ],
    [{ 'o.a': { $slice: 1 } }, { _id: 1, o: { a: [7], b: 2 }, z: [3, 4] }],
    [
      { 'o.a': { $slice: 1 }, _id: 0 },
      { o: { a: [7], b: 2 }, z: [3, 4] },
    ],
    [
      { 'o.a': { $slice: 1 }, z: { $elemMatch: { $gt: 3 } } },
      { _id: 1, o: { a: [7], b: 2 }, z: [4] },
    ],
    [{ z: { $elemMatch: { $gt: 3 } }, _id: 0 }, { z: [4] }],
    [
      { 'o.a': { $slice: 1 }, z: 1 },
      { _id: 1, o: { a: [7] }, z: [3, 4] },
    ],
  ])('%j', (projection, expected) => {
    expect(compileProjection(projection)({ _id: 1, o: { a: [7, 8], b: 2 }, z: [3, 4] })).toEqual(expected);
  });

  test.each<[Document, RegExp]>([
    [{ a: { $elemMatch: { $gt: 1 }, $slice: 1 } }, /takes one operator/],
    [{ a: { $slice: 1, more: 1 } }, /takes one operator/],
    [{ a: { more: 1, $elemMatch: {} } }, /several fields/],
    [{ 'a.$': 1, b: { $elemMatch: { $gt: 1 } } }, /both the positional/],
    [{ a: { $elemMatch: { $expr: true } } }, /cannot contain \$expr/],
    [{ a: { $elemMatch: { $and: [{ $jsonSchema: {} }] } } }, /cannot contain \$jsonSchema/],
  ])('%j', (projection, error) => {
    expect(() => compileProjection(projection, { a: 1 })).toThrow(error);
  });
});
