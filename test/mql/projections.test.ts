import { describe, expect, test } from 'vitest';
import { compileProjection, type Document } from '../../src/mql/index.ts';

describe('the positional $ of a projection', () => {
  const doc = {
    _id: 1,
    a: [
      { x: [1], y: 1 },
      { x: [2, 3], y: 2 },
    ],
    d: { n: [4, 5] },
    s: 'text',
  };
  const projected = (filter: Document, projection: Document): Document =>
    compileProjection(projection, filter)(doc);

  test('gives the element that the filter matched', () => {
    expect(projected({ 'd.n': 5 }, { 'd.n.$': 1, _id: 0 })).toEqual({ d: { n: [5] } });
  });

  test('means the first array on its path', () => {
    expect(projected({ 'a.x': 3 }, { 'a.x.$': 1, _id: 0 })).toEqual({ a: [{ x: [2, 3] }] });
  });

  test('leaves what is computed beside it alone', () => {
    expect(projected({ 'a.y': 2 }, { 'a.y.$': 1, _id: 0, all: '$a.y' })).toEqual({
      a: [{ y: 2 }],
      all: [1, 2],
    });
  });

  test('leaves a value that is no array as it is', () => {
    expect(projected({ _id: 1 }, { 's.$': 1, _id: 0 })).toEqual({ s: 'text' });
  });

  test('needs a condition on an array in the filter', () => {
    for (const path of ['a.$', 'a.x.$', 'd.n.$']) {
      expect(() => projected({ _id: 1 }, { [path]: 1 })).toThrow(/needs a condition on that array/);
    }
  });
});

describe('$slice of a projection', () => {
  const doc = { a: [{ b: [1, 2, 3], c: 1 }, [{ b: [4, 5, 6], c: 2 }], 7] };

  test('does not look into arrays that are elements of arrays', () => {
    expect(compileProjection({ 'a.b': { $slice: [1, 1] } })(doc)).toEqual({
      a: [{ b: [2], c: 1 }, [{ b: [4, 5, 6], c: 2 }], 7],
    });
  });

  test('leaves what an inclusion keeps there whole', () => {
    const project = compileProjection({ 'a.b': { $slice: 1 }, z: 1 });
    expect(project(doc)).toEqual({ a: [{ b: [1] }, [{ b: [4, 5, 6] }]] });
  });
});
