import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { aggregate, applyUpdate, type Document, distinctValues } from '../../src/mql/index.ts';

const MiB = 1024 * 1024;
const run = (stages: Document[], input: Iterable<Document>, maxBytes = MiB): Document[] => [
  ...aggregate(stages, {
    input: () => input,
    collection: () => [{ _id: 5 }],
    limits: { tick() {}, maxBytes },
    now: new Date(0),
  }),
];
/** Twice the memory that is allowed. */
const documents = Array.from({ length: 200 }, (_, i) => ({ _id: i, text: `${i} ${'x'.repeat(10_000)}` }));

test.each<[string, Document]>([
  ['$first', { $first: '$$ROOT' }],
  ['$last', { $last: '$$ROOT' }],
  ['$max', { $max: '$text' }],
  ['$min', { $min: '$text' }],
  ['$top', { $top: { sortBy: { _id: 1 }, output: '$$ROOT' } }],
  ['$lastN', { $lastN: { n: 1, input: '$$ROOT' } }],
])('what %s holds for every group counts', (_name, accumulator) => {
  expect(() => run([{ $group: { _id: '$_id', x: accumulator } }], documents)).toThrow(
    /more than 1 MiB of memory/,
  );
});

test.each<[string, Document]>([
  ['$last', { $last: '$$ROOT' }],
  ['$max', { $max: { _id: '$_id', text: '$text' } }],
  ['$maxN', { $maxN: { n: 2, input: { _id: '$_id', text: '$text' } } }],
  ['$top', { $top: { sortBy: { _id: -1 }, output: '$$ROOT' } }],
  ['$lastN', { $lastN: { n: 2, input: '$$ROOT' } }],
])('what %s does not hold any more does not count', (_name, accumulator) => {
  expect(run([{ $group: { _id: null, x: accumulator } }], documents)).toHaveLength(1);
});

test.each<[string, unknown]>([
  ['$map', { $map: { input: { $range: [0, 1000] }, in: { $range: [0, 1000] } } }],
  [
    '$concat',
    {
      $reduce: {
        input: { $range: [0, 60] },
        initialValue: 'xxxxxxxx',
        in: { $concat: ['$$value', '$$value'] },
      },
    },
  ],
  [
    '$concatArrays',
    {
      $reduce: {
        input: { $range: [0, 60] },
        initialValue: [1],
        in: { $concatArrays: ['$$value', '$$value'] },
      },
    },
  ],
  ['$replaceAll', { $replaceAll: { input: '$text', find: 'x', replacement: '$text' } }],
])('%s does not make more than may be held', (name, expression) => {
  expect(() => run([{ $project: { x: expression } }], documents.slice(0, 1))).toThrow(
    new RegExp(`\\${name} .*memory`),
  );
});

test.each<[string, unknown, string]>([
  ['$range', { $range: [0, 10_000_000] }, 'more than 100 MiB of memory. Make a shorter list.'],
  ['$concat', { $concat: ['$half', '$half'] }, 'more than 64 MiB of memory. Make a shorter text.'],
])('%s makes no value that MongoDB would not', (name, expression, says) => {
  const half = 'x'.repeat(40 * MiB);
  expect(() => run([{ $project: { x: expression } }], [{ half }], 100 * MiB)).toThrow(
    `${name} needs ${says}`,
  );
});

test('a pipeline has at most a thousand stages, wherever it stands', () => {
  const stages = Array.from({ length: 1_001 }, () => ({ $set: { a: 1 } }));
  const says = /at most 1,000 stages, not 1,001/;
  expect(() => run(stages, [])).toThrow(says);
  expect(() => run([{ $facet: { a: stages } }], [])).toThrow(says);
  expect(() => applyUpdate({}, stages)).toThrow(says);
  expect(applyUpdate({}, stages.slice(1)).document).toEqual({ a: 1 });
});

test('a sort has at most 32 fields', () => {
  const by = (fields: number): Document =>
    Object.fromEntries(Array.from({ length: fields }, (_, i) => [`f${i}`, 1]));
  expect(run([{ $sort: by(32) }], [{ a: 1 }])).toEqual([{ a: 1 }]);
  expect(() => run([{ $sort: by(33) }], [])).toThrow(/at most 32 fields, not 33/);
});

test('distinct values do not take more than may be held', () => {
  const limits = { tick() {}, maxBytes: MiB };
  expect(() => distinctValues(documents, 'text', { limits })).toThrow(/distinct values .* exceed 1 MiB/);
  expect(distinctValues(documents, '_id', { limits })).toHaveLength(200);
});

const long = Array.from({ length: 300_000 }, (_, i) => i % 7);

test('long arrays fit wherever arrays are taken apart', () => {
  const all = 100 * MiB;
  expect(applyUpdate({ a: [] }, { $push: { a: { $each: long, $position: 0 } } }).document['a']).toHaveLength(
    300_000,
  );
  const joined = { $lookup: { from: 'o', localField: 'a', foreignField: '_id', as: 'x' } };
  expect(run([joined, { $project: { x: 1 } }], [{ a: long }], all)).toEqual([{ x: [{ _id: 5 }] }]);
  const together = { $group: { _id: null, x: { $concatArrays: '$a' } } };
  expect(run([together, { $project: { n: { $size: '$x' } } }], [{ a: long }], all)).toEqual([
    { _id: null, n: 300_000 },
  ]);
});

test('many arrays that fit each by itself are refused before the heap is full, which would end the process', async () => {
  const program = `
    import { aggregate } from './src/mql/index.ts';
    const arrays = Array.from({ length: 200 }, () => ({ $range: [0, 500_000] }));
    const limits = { tick() {}, maxBytes: 100 * 1024 * 1024 };
    const context = { input: () => [{}], collection: () => [], limits, now: new Date() };
    try {
      [...aggregate([{ $project: { x: arrays } }], context)];
    } catch (error) {
      console.log(error.code);
    }`;
  const options = [
    '--max-old-space-size=100',
    '--max-semi-space-size=1',
    '--input-type=module-typescript',
    '-e',
    program,
  ];
  const { stdout } = await promisify(execFile)(process.execPath, options);
  expect(stdout.trim()).toBe('too_large');
});
