import { describe, expect, test } from 'vitest';
import { aggregate, DEFAULT_MAX_BYTES, type Document, toExtendedJson } from '../../src/mql/index.ts';

function run(docs: readonly Document[], ...pipeline: Document[]): Document[] {
  const limits = { tick() {}, maxBytes: DEFAULT_MAX_BYTES };
  return [...aggregate(pipeline, { input: () => docs, collection: () => [], limits, now: new Date() })];
}

const coffee = [
  { altitude: 600, variety: 'Arabica' },
  { altitude: 750, variety: 'Arabica' },
  { altitude: 950, variety: 'Arabica' },
  { altitude: 1250, variety: 'Gesha' },
  { altitude: 1700, variety: 'Gesha' },
];
const hours = (...list: number[]) => list.map((hour) => ({ t: new Date(Date.UTC(2021, 4, 18, hour)) }));

describe('$densify', () => {
  const altitudes = (docs: Document[], variety: string): unknown[] =>
    docs.filter((doc) => doc['variety'] === variety).map(({ altitude }) => altitude);
  const by = (bounds: string) => ({
    $densify: { field: 'altitude', partitionByFields: ['variety'], range: { bounds, step: 200 } },
  });

  test('"full" fills every partition over the whole range', () => {
    const found = run(coffee, by('full'));
    expect(altitudes(found, 'Arabica')).toEqual([600, 750, 800, 950, 1000, 1200, 1400, 1600]);
    expect(altitudes(found, 'Gesha')).toEqual([600, 800, 1000, 1200, 1250, 1400, 1600, 1700]);
  });

  test('"partition" fills each partition over its own range', () => {
    const found = run(coffee, by('partition'));
    expect(altitudes(found, 'Arabica')).toEqual([600, 750, 800, 950]);
    expect(altitudes(found, 'Gesha')).toEqual([1250, 1450, 1650, 1700]);
  });

  test('bounds of dates take a unit, and the upper one is left out', () => {
    const range = { step: 1, unit: 'hour', bounds: [hours(1)[0]?.t, hours(4)[0]?.t] };
    expect(run(hours(2, 6), { $densify: { field: 't', range } })).toEqual(hours(1, 2, 3, 6));
  });

  test('without documents the bounds are filled', () => {
    expect(run([], { $densify: { field: 'n', range: { step: 2, bounds: [1, 6] } } })).toEqual([
      { n: 1 },
      { n: 3 },
      { n: 5 },
    ]);
  });

  test('documents without the field pass', () => {
    const range = { step: 1, bounds: 'full' };
    expect(run([{ n: 1 }, { x: 1 }, { n: 3 }], { $densify: { field: 'n', range } })).toEqual([
      { x: 1 },
      { n: 1 },
      { n: 2 },
      { n: 3 },
    ]);
  });

  test.each([
    ['a step of 0', { step: 0, bounds: 'full' }],
    ['bounds that descend', { step: 1, bounds: [3, 1] }],
    ['numbers with a unit', { step: 1, unit: 'day', bounds: [1, 3] }],
    ['"partition" without partitions', { step: 1, bounds: 'partition' }],
    ['half a day', { step: 0.5, unit: 'day', bounds: 'full' }],
  ])('%s is an error', (_name, range) => {
    expect(() => run([], { $densify: { field: 'n', range } })).toThrow(/\$densify/);
  });

  test('text in the field, and more than 500,000 documents, are errors', () => {
    const range = { step: 1, bounds: 'full' };
    expect(() => run([{ n: 'x' }], { $densify: { field: 'n', range } })).toThrow(/numbers or dates/);
    expect(() => run([{ n: 0 }, { n: 9e9 }], { $densify: { field: 'n', range } })).toThrow(/500,000/);
  });
});

describe('$fill', () => {
  const prices = [{ d: 1, p: 10 }, { d: 2, p: null }, { d: 3 }, { d: 4, p: 16 }, { d: 5 }];

  test('linear, last value and constant', () => {
    const filled = (how: Document): unknown[] =>
      run(prices, { $fill: { sortBy: { d: 1 }, output: { p: how } } }).map(({ p }) => toExtendedJson(p));
    expect(filled({ method: 'linear' })).toEqual([10, 12, 14, 16, null]);
    expect(filled({ method: 'locf' })).toEqual([10, 10, 10, 16, 16]);
    expect(filled({ value: '$d' })).toEqual([10, 2, 3, 16, 5]);
  });

  test('partitions do not see each other', () => {
    const docs = [
      { k: 'a', d: 1, p: 1 },
      { k: 'b', d: 2, p: null },
    ];
    const output = { p: { method: 'locf' } };
    for (const by of [{ partitionByFields: ['k'] }, { partitionBy: '$k' }, { partitionBy: { k: '$k' } }]) {
      expect(run(docs, { $fill: { ...by, sortBy: { d: 1 }, output } }).map(({ p }) => p)).toEqual([1, null]);
    }
  });

  test.each([
    ['both method and value', { output: { p: { method: 'locf', value: 1 } } }],
    ['an unknown method', { output: { p: { method: 'spline' } } }],
    ['no output', { output: {} }],
    ['linear without sortBy', { output: { p: { method: 'linear' } } }],
    ['both partitions', { partitionBy: '$k', partitionByFields: ['k'], output: { p: { value: 1 } } }],
  ])('%s is an error', (_name, spec) => {
    expect(() => run([], { $fill: spec })).toThrow();
  });
});

describe('$bucketAuto with a granularity', () => {
  const hundred = Array.from({ length: 100 }, (_, y) => ({ y }));
  test.each([
    [
      'R20',
      [
        [0, 20, 20],
        [20, 40, 20],
        [40, 63, 23],
        [63, 90, 27],
        [90, 100, 10],
      ],
    ],
    [
      'E24',
      [
        [0, 20, 20],
        [20, 43, 23],
        [43, 68, 25],
        [68, 91, 23],
        [91, 100, 9],
      ],
    ],
    [
      '1-2-5',
      [
        [0, 20, 20],
        [20, 50, 30],
        [50, 100, 50],
      ],
    ],
    [
      'POWERSOF2',
      [
        [0, 32, 32],
        [32, 64, 32],
        [64, 128, 36],
      ],
    ],
  ])('%s', (granularity, expected) => {
    const buckets = run(
      hundred,
      { $bucketAuto: { groupBy: '$y', buckets: 5, granularity } },
      { $project: { _id: 0, row: [{ $toInt: '$_id.min' }, { $toInt: '$_id.max' }, '$count'] } },
    );
    expect(buckets.map(({ row }) => row)).toEqual(expected);
  });

  test('the least of all doubles is in the bucket that begins with 0', () => {
    const stage = { $bucketAuto: { groupBy: '$y', buckets: 8, granularity: 'R80' } };
    const [bucket] = run([{ y: Number.MIN_VALUE }], stage, { $project: { min: { $eq: ['$_id.min', 0] } } });
    expect(bucket?.['min']).toBe(true);
  });

  test('an unknown series, negative numbers and text are errors', () => {
    const by = (y: unknown, granularity: string) => () =>
      run([{ y }], { $bucketAuto: { groupBy: '$y', buckets: 1, granularity } });
    expect(by(1, 'R6')).toThrow(/granularity/);
    expect(by(-1, 'R5')).toThrow(/non-negative/);
    expect(by('x', 'R5')).toThrow(/numbers/);
  });
});
