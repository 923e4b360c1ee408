import { describe, expect, test } from 'vitest';
import type { Document } from '../../src/mql/index.ts';
import { decimal, docsOf, double, long, MISSING, run, windowed } from './evaluate.ts';

const at = (seconds: number, v: unknown): Document => ({ t: new Date(1.6e12 + seconds * 1000), v });
const day = (date: string, v: unknown): Document => ({ t: new Date(date), v });
const all = { documents: ['unbounded', 'unbounded'] };
const near = { documents: [-1, 0] };

describe('bounds by documents', () => {
  const input = docsOf([1, 2, 3, 4]);
  test.each<[string, Document, unknown[]]>([
    ['without a window: the partition', { $sum: '$v' }, [10, 10, 10, 10]],
    ['up to here', { $sum: '$v', window: { documents: ['unbounded', 'current'] } }, [1, 3, 6, 10]],
    ['from here', { $sum: '$v', window: { documents: ['current', 'unbounded'] } }, [10, 9, 7, 4]],
    [
      'around',
      { $push: '$v', window: { documents: [-1, 1] } },
      [
        [1, 2],
        [1, 2, 3],
        [2, 3, 4],
        [3, 4],
      ],
    ],
    ['only before', { $push: '$v', window: { documents: [-2, -1] } }, [[], [1], [1, 2], [2, 3]]],
    ['computed bounds', { $sum: '$v', window: { documents: [{ $add: [-2, 1] }, 0] } }, [1, 3, 5, 7]],
    ['an empty $sum is 0', { $sum: '$v', window: { documents: [1, 1] } }, [2, 3, 4, 0]],
    ['an empty $avg is null', { $avg: '$v', window: { documents: [3, 5] } }, [double(4), null, null, null]],
    ['an empty $max is null', { $max: '$v', window: { documents: [3, 5] } }, [4, null, null, null]],
    ['up to before', { $count: {}, window: { documents: ['unbounded', -1] } }, [0, 1, 2, 3]],
    ['first and last', { $last: '$v', window: { documents: [-1, 1] } }, [2, 3, 4, 4]],
    ['$minN', { $minN: { n: 1, input: '$v' }, window: near }, [[1], [1], [2], [3]]],
    ['$stdDevPop', { $stdDevPop: '$v', window: near }, [0, 0.5, 0.5, 0.5]],
    ['$stdDevSamp', { $stdDevSamp: '$v', window: { documents: [0, 0] } }, [null, null, null, null]],
  ])('%s', (_name, fn, expected) => {
    expect(windowed(input, fn)).toEqual(expected);
  });
});

describe('bounds by range', () => {
  const numbers = [1, 2, 2, 5].map((t) => ({ t, v: t }));
  test.each<[string, Document, unknown[]]>([
    ['up to the document itself', { $count: {}, window: { range: ['unbounded', 'current'] } }, [1, 2, 3, 4]],
    ['from the document itself', { $count: {}, window: { range: ['current', 0] } }, [1, 2, 1, 1]],
    ['peers are in it', { $count: {}, window: { range: ['unbounded', 0] } }, [1, 3, 3, 4]],
    ['computed bounds', { $count: {}, window: { range: [{ $subtract: [0, 1] }, 0] } }, [1, 3, 3, 1]],
    ['a distance', { $sum: '$v', window: { range: [-1, 0] } }, [1, 5, 5, 5]],
    ['fractions', { $count: {}, window: { range: [-3.5, -0.5] } }, [0, 1, 1, 2]],
    ['decimals', { $count: {}, window: { range: [0, decimal('3')] } }, [3, 3, 3, 1]],
  ])('%s', (_name, fn, expected) => {
    expect(windowed(numbers, fn)).toEqual(expected);
  });

  test('months are of the calendar', () => {
    const input = [day('2024-01-31', 1), day('2024-02-29', 2), day('2024-03-31', 4)];
    const window = { range: [-1, 0], unit: 'month' };
    expect(windowed(input, { $sum: '$v', window })).toEqual([1, 3, 6]);
  });

  test('hours', () => {
    const input = [at(0, 1), at(3600, 2), at(7201, 4)];
    expect(windowed(input, { $sum: '$v', window: { range: [-1, 0], unit: 'hour' } })).toEqual([1, 3, 4]);
  });

  test.each<[string, Document[], Document, Document, RegExp]>([
    ['documents and range', docsOf([1]), { documents: [0, 0], range: [0, 0] }, { t: 1 }, /either/],
    ['upper below lower', docsOf([1]), { documents: [1, 0] }, { t: 1 }, /must not be above/],
    ['fractions of documents', docsOf([1]), { documents: [0, 1.5] }, { t: 1 }, /takes numbers/],
    ['range of a descending sort', docsOf([1]), { range: [0, 1] }, { t: -1 }, /one ascending field/],
    ['range of dates without a unit', [at(0, 1)], { range: [0, 1] }, { t: 1 }, /needs a "unit"/],
    ['a unit over numbers', docsOf([1]), { range: [0, 1], unit: 'day' }, { t: 1 }, /needs dates/],
    ['range over text', [{ t: 'a' }], { range: [0, 1] }, { t: 1 }, /needs numbers/],
    ['range over a missing field', [{}], { range: [0, 1] }, { t: 1 }, /needs numbers/],
    ['range over an array', [{ t: [1, 2] }], { range: [0, 1] }, { t: 1 }, /needs numbers/],
    [
      'an endless range over text',
      [{ t: 'a' }],
      { range: ['unbounded', 'unbounded'] },
      { t: 1 },
      /needs numbers/,
    ],
    [
      'an endless range of dates',
      [at(0, 1)],
      { range: ['unbounded', 'current'] },
      { t: 1 },
      /needs a "unit"/,
    ],
    ['a bound from a field', docsOf([1]), { documents: ['$v', 1] }, { t: 1 }, /takes numbers/],
    ['a computed keyword', docsOf([1]), { documents: [{ $const: 'current' }, 1] }, { t: 1 }, /takes numbers/],
  ])('%s is an error', (_name, input, window, sortBy, message) => {
    expect(() => windowed(input, { $sum: '$v', window }, sortBy)).toThrow(message);
  });
});

describe('places in the order', () => {
  const tied = [5, 7, 7, 9].map((t) => ({ t }));
  test.each<[string, Document, unknown[]]>([
    ['$rank leaves gaps after ties', { $rank: {} }, [1, 2, 2, 4]],
    ['$denseRank leaves none', { $denseRank: {} }, [1, 2, 2, 3]],
    ['$documentNumber has no ties', { $documentNumber: {} }, [1, 2, 3, 4]],
    ['$shift back', { $shift: { output: '$t', by: -1 } }, [null, 5, 7, 7]],
    [
      '$shift on, with a default',
      { $shift: { output: '$t', by: 2, default: 'none' } },
      [7, 9, 'none', 'none'],
    ],
    ['$shift by 0', { $shift: { output: '$t', by: 0 } }, [5, 7, 7, 9]],
    ['$shift of a missing field', { $shift: { output: '$no', by: 0 } }, [null, null, null, null]],
    [
      '$shift of a missing field, with a default',
      { $shift: { output: '$no', by: 0, default: 'none' } },
      ['none', 'none', 'none', 'none'],
    ],
    [
      '$shift of null, with a default',
      { $shift: { output: null, by: 1, default: 'none' } },
      [null, null, null, 'none'],
    ],
  ])('%s', (_name, fn, expected) => {
    expect(windowed(tied, fn)).toEqual(expected);
  });

  test('null and missing have one rank', () => {
    expect(windowed([{ t: null }, {}, { t: 1 }], { $denseRank: {} })).toEqual([1, 1, 2]);
  });

  test('every partition counts by itself', () => {
    const input = [{ g: 'a' }, { g: 'b' }, { g: 'a' }].map((doc, t) => ({ ...doc, t }));
    const stage = { partitionBy: '$g', sortBy: { t: 1 }, output: { n: { $documentNumber: {} } } };
    expect(run([{ $setWindowFields: stage }], input).map(({ g, n }) => [g, n])).toEqual([
      ['a', 1],
      ['a', 2],
      ['b', 1],
    ]);
  });

  test.each<[Document, Document]>([
    [{ $rank: {} }, { t: 1, v: 1 }],
    [{ $rank: {}, window: all }, { t: 1 }],
    [{ $rank: { a: 1 } }, { t: 1 }],
    [{ $shift: { output: '$t', by: 1.5 } }, { t: 1 }],
    [{ $shift: { output: '$t', by: 1, default: '$v' } }, { t: 1 }],
    [{ $shift: { output: '$t', by: 1 }, window: all }, { t: 1 }],
  ])('%j sorted by %j is an error', (fn, sortBy) => {
    expect(() => windowed(tied, fn, sortBy)).toThrow(
      /exactly one|no "window"|no operands|whole number|constant/,
    );
  });
});

describe('$expMovingAvg', () => {
  test.each<[string, unknown[], Document, unknown[]]>([
    ['N', [13, 15.4, 12, 11.7], { N: 2 }, [double(13), 14.6, 12.866666666666667, 12.088888888888889]],
    ['alpha', [13, 15.4, 12, 11.7], { alpha: 0.75 }, [double(13), 14.8, 12.7, 11.95]],
    [
      'values that are no numbers',
      [MISSING, 'x', 2, null, 4],
      { N: 1 },
      [null, null, double(2), double(2), double(4)],
    ],
    ['decimals', [decimal('1'), 2], { alpha: 0.5 }, [decimal('1'), decimal('1.500000000000000')]],
  ])('%s', (_name, values, weight, expected) => {
    const found = windowed(docsOf(values), { $expMovingAvg: { input: '$v', ...weight } });
    expect(found).toEqual(expected);
  });

  test.each([[{}], [{ N: 1, alpha: 0.5 }], [{ N: 0 }], [{ N: 1.5 }], [{ alpha: 1 }], [{ alpha: 0 }]])(
    'a weight of %j is an error',
    (weight) => {
      expect(() => windowed([], { $expMovingAvg: { input: '$v', ...weight } })).toThrow(/N|alpha/);
    },
  );
});

describe('$derivative', () => {
  const window = { documents: [-1, 0] };
  test('the speed of a truck, from the documentation', () => {
    const input = [1295.1, 1295.63, 1296.25, 1296.76].map((miles, i) => at(i * 30, miles));
    const fn = { $derivative: { input: '$v', unit: 'hour' }, window: { range: [-30, 0], unit: 'second' } };
    expect(windowed(input, fn)).toEqual([null, 63.60000000002401, 74.3999999999869, 61.199999999998916]);
  });

  test.each<[string, Document[], unknown[]]>([
    ['ints give doubles', docsOf([1, 4, 4]), [null, double(3), double(0)]],
    ['decimals give decimals', docsOf([decimal('1'), decimal('1.5')]), [null, decimal('0.5')]],
    [
      'no distance gives null',
      [
        { t: 1, v: 1 },
        { t: 1, v: 2 },
      ],
      [null, null],
    ],
  ])('%s', (_name, input, expected) => {
    expect(windowed(input, { $derivative: { input: '$v' }, window })).toEqual(expected);
  });

  test.each<[string, Document[], Document]>([
    ['no window', docsOf([1, 2]), { $derivative: { input: '$v' } }],
    ['dates without a unit', [at(0, 1), at(1, 2)], { $derivative: { input: '$v' }, window }],
    ['numbers with a unit', docsOf([1, 2]), { $derivative: { input: '$v', unit: 'hour' }, window }],
    ['months', [at(0, 1), at(1, 2)], { $derivative: { input: '$v', unit: 'month' }, window }],
    ['text', docsOf([1, 'x']), { $derivative: { input: '$v' }, window }],
    ['null', docsOf([1, null]), { $derivative: { input: '$v' }, window }],
  ])('%s is an error', (_name, input, fn) => {
    expect(() => windowed(input, fn)).toThrow(/\$derivative/);
  });
});

describe('$integral', () => {
  test('the energy of a meter, from the documentation', () => {
    const input = [2.95, 2.7, 2.6, 2.98].map((kilowatts, i) => at(i * 30, kilowatts));
    const window = { range: ['unbounded', 'current'], unit: 'hour' };
    const found = windowed(input, { $integral: { input: '$v', unit: 'hour' }, window });
    [0, 0.02354166666666667, 0.045625, 0.06887499999999999].forEach((expected, i) => {
      expect(Number(found[i])).toBeCloseTo(expected, 14);
    });
  });

  test.each<[string, unknown[], Document | undefined, unknown[]]>([
    ['the whole partition', [1, 3, 5], undefined, [double(6), double(6), double(6)]],
    ['a window that moves', [1, 3, 5], { documents: [0, 1] }, [double(2), double(4), 0]],
    ['decimals', [decimal('1'), decimal('2')], all, [decimal('1.5'), decimal('1.5')]],
    ['an empty window is null', [1, 2], { documents: [1, 1] }, [0, null]],
    ['NaN', [1, Number.NaN], all, [Number.NaN, Number.NaN]],
  ])('%s', (_name, values, window, expected) => {
    const fn = { $integral: { input: '$v' }, ...(window === undefined ? {} : { window }) };
    expect(windowed(docsOf(values), fn)).toEqual(expected);
  });

  test.each<[unknown]>([[null], ['x'], [MISSING]])('%s as a value is an error', (wrong) => {
    expect(() => windowed(docsOf([1, wrong]), { $integral: { input: '$v' } })).toThrow(/\$integral/);
  });
});

describe('$linearFill and $locf', () => {
  test.each<[string, Document[], Document, unknown[]]>([
    ['a line between', docsOf([1, null, MISSING, 4]), { $linearFill: '$v' }, [1, double(2), double(3), 4]],
    ['the ends stay null', docsOf([null, 1, null]), { $linearFill: '$v' }, [null, 1, null]],
    [
      'by distance',
      [{ t: 0, v: 0 }, { t: 1 }, { t: 4, v: long(8) }],
      { $linearFill: '$v' },
      [0, double(2), long(8)],
    ],
    ['dates', [at(0, 0), at(15, null), at(60, 8)], { $linearFill: '$v' }, [0, double(2), 8]],
    [
      'decimals',
      docsOf([decimal('1'), null, decimal('2')]),
      { $linearFill: '$v' },
      ['1', '1.5', '2'].map(decimal),
    ],
    ['$locf carries on', docsOf([null, 1, MISSING, 'x', null]), { $locf: '$v' }, [null, 1, 1, 'x', 'x']],
  ])('%s', (_name, input, fn, expected) => {
    expect(windowed(input, fn)).toEqual(expected);
  });

  test.each<[string, Document[], RegExp]>([
    ['text to fill', docsOf([1, 'x']), /numbers/],
    ['repeated sort values', [{ t: 1, v: 1 }, { t: 1 }, { t: 2, v: 2 }], /repeated values/],
    ['dates among numbers', [{ t: 1, v: 1 }, at(1, null), at(2, 3)], /numbers or dates/],
  ])('$linearFill: %s is an error', (_name, input, message) => {
    expect(() => windowed(input, { $linearFill: '$v' })).toThrow(message);
  });
});

test('$covariancePop and $covarianceSamp ignore pairs that are no numbers', () => {
  const input = [
    [1, 2],
    [2, 4],
    [null, 9],
    [3, 6],
  ].map(([a, b], t) => ({ t, a, b }));
  expect(windowed(input, { $covariancePop: ['$a', '$b'] })[0]).toBeCloseTo(4 / 3, 12);
  expect(windowed(input, { $covarianceSamp: ['$a', '$b'] })[0]).toEqual(double(2));
});

describe('$minMaxScaler', () => {
  test('scales by the least and the greatest value of the window', () => {
    const input = docsOf([0, 5, 10]);
    expect(windowed(input, { $minMaxScaler: { input: '$v' } })).toEqual([double(0), 0.5, double(1)]);
    const fn = { $minMaxScaler: { input: '$v', min: 10, max: 20 }, window: near };
    expect(windowed(input, fn)).toEqual([10, 20, 20].map(double));
  });

  test.each([
    [1, 2],
    [-2, -1],
    ['unbounded', -1],
    [1, 'unbounded'],
  ])('a window from %j to %j, without the document itself, is an error', (lower, upper) => {
    const fn = { $minMaxScaler: { input: '$v' }, window: { documents: [lower, upper] } };
    expect(() => windowed(docsOf([1, 2]), fn)).toThrow(/must hold the document itself/);
  });
});
