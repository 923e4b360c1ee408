import { describe, expect, test } from 'vitest';
import type { Document } from '../../src/mql/index.ts';
import { decimal, docsOf, double, grouped, long, MISSING, run, value } from './evaluate.ts';

const NaN_ = Number.NaN;
const INF = Number.POSITIVE_INFINITY;

describe('accumulators of $group', () => {
  const all = [3, MISSING, null, 1, 'x'];
  test.each<[string, unknown[], Document, unknown]>([
    ['$sum ignores what is no number', all, { $sum: '$v' }, 4],
    ['$sum of nothing is int 0', ['x'], { $sum: '$v' }, 0],
    ['$sum of ints grows to long', [2147483647, 1], { $sum: '$v' }, long('2147483648')],
    ['$sum of longs grows to double', [long('9223372036854775807'), 1], { $sum: '$v' }, 2 ** 63],
    ['$sum of NaN', [1, NaN_], { $sum: '$v' }, NaN_],
    ['$sum of doubles that overflow', [1.7e308, 1.7e308], { $sum: '$v' }, INF],
    ['$sum of infinity and ints', [-INF, 5], { $sum: '$v' }, -INF],
    ['$sum of both infinities', [INF, -INF], { $sum: '$v' }, NaN_],
    ['$sum keeps small doubles beside large', [1e100, 1, -1e100], { $sum: '$v' }, double(1)],
    ['$avg of ints is double', [1, 3], { $avg: '$v' }, double(2)],
    ['$avg of decimals', [decimal('1'), 2], { $avg: '$v' }, decimal('1.5')],
    ['$avg of nothing', [null, 'x'], { $avg: '$v' }, null],
    ['$max across types', [3, 'x', null], { $max: '$v' }, 'x'],
    ['$min ignores null', [3, null, MISSING], { $min: '$v' }, 3],
    ['$min of NaN', [3, NaN_], { $min: '$v' }, NaN_],
    ['$max of nothing', [null, MISSING], { $max: '$v' }, null],
    ['$first of a missing field', [MISSING, 1], { $first: '$v' }, null],
    ['$last', [1, 2], { $last: '$v' }, 2],
    ['$push keeps null, not missing', all, { $push: '$v' }, [3, null, 1, 'x']],
    ['$push of documents', [1], { $push: { a: '$v', b: '$no' } }, [{ a: 1 }]],
    ['$addToSet', [1, double(1), null, null, MISSING, [1]], { $addToSet: '$v' }, [1, null, [1]]],
    ['$mergeObjects', [{ a: 1, b: 1 }, null, MISSING, { b: 2 }], { $mergeObjects: '$v' }, { a: 1, b: 2 }],
    ['$mergeObjects of nothing', [null], { $mergeObjects: '$v' }, {}],
    ['$count', all, { $count: {} }, 5],
    ['$stdDevPop', [2, 4, 4, 4, 5, 5, 7, 9], { $stdDevPop: '$v' }, double(2)],
    ['$stdDevPop of one', [decimal('7'), 'x'], { $stdDevPop: '$v' }, double(0)],
    ['$stdDevPop of nothing', ['x', null], { $stdDevPop: '$v' }, null],
    ['$stdDevPop of NaN', [1, NaN_], { $stdDevPop: '$v' }, NaN_],
    ['$stdDevSamp', [1, 3], { $stdDevSamp: '$v' }, Math.SQRT2],
    ['$stdDevSamp of one', [1], { $stdDevSamp: '$v' }, null],
    ['$firstN counts missing as null', all, { $firstN: { n: 2, input: '$v' } }, [3, null]],
    ['$firstN of fewer', [1], { $firstN: { n: long(5), input: '$v' } }, [1]],
    ['$lastN in order', all, { $lastN: { n: double(2), input: '$v' } }, [1, 'x']],
    ['$maxN ignores null', all, { $maxN: { n: 9, input: '$v' } }, ['x', 3, 1]],
    ['$minN ignores missing', all, { $minN: { n: 2, input: '$v' } }, [1, 3]],
    ['$top', [1, 3, 2], { $top: { sortBy: { v: -1 }, output: '$v' } }, 3],
    ['$bottom', [1, 3, 2], { $bottom: { sortBy: { v: -1 }, output: ['$v', '$t'] } }, [1, 0]],
    ['$topN', [1, 3, 2], { $topN: { n: 2, sortBy: { v: 1 }, output: '$v' } }, [1, 2]],
    ['$bottomN', [1, 3, 2], { $bottomN: { n: 2, sortBy: { v: 1 }, output: '$v' } }, [2, 3]],
    ['$topN of missing', [MISSING], { $topN: { n: 2, sortBy: { v: 1 }, output: '$v' } }, [null]],
  ])('%s', (_name, values, accumulator, expected) => {
    expect(grouped(values, accumulator)).toEqual(expected);
  });

  test('"n" may depend on the key of the group, as in the documentation', () => {
    const n = { $cond: [{ $eq: ['$game', 'G2'] }, 1, 3] };
    const input = ['G1', 'G2', 'G1', 'G2'].map((game, score) => ({ game, score }));
    const group = (accumulator: Document) =>
      run([{ $group: { _id: { game: '$game' }, x: accumulator } }], input).map(({ x }) => x);
    expect(group({ $firstN: { n, input: '$score' } })).toEqual([[0, 2], [1]]);
    expect(group({ $maxN: { n, input: '$score' } })).toEqual([[2, 0], [3]]);
    expect(group({ $bottomN: { n, sortBy: { score: 1 }, output: '$score' } })).toEqual([[0, 2], [3]]);
  });

  test.each<[string, Document, RegExp]>([
    ['n of 0', { $firstN: { n: 0, input: '$v' } }, /positive integer/],
    ['n with a fraction', { $maxN: { n: 1.5, input: '$v' } }, /positive integer/],
    ['n of a document', { $lastN: { n: '$v', input: '$v' } }, /positive integer/],
    ['no input', { $minN: { n: 1 } }, /needs the argument "input"/],
    ['no sort', { $top: { output: '$v' } }, /"sortBy"/],
    ['an array', { $sum: ['$v', 1] }, /one operand/],
    ['merging numbers', { $mergeObjects: '$v' }, /documents, not int/],
    ['an operand of $count', { $count: 1 }, /no operands/],
  ])('%s is an error', (_name, accumulator, message) => {
    expect(() => grouped([1], accumulator)).toThrow(message);
  });
});

describe('$percentile and $median', () => {
  const method = 'approximate';
  const scores = [20, 70, 40, NaN_, 'x', null, 50, 90];
  test('in $group', () => {
    expect(grouped(scores, { $percentile: { input: '$v', p: [0, 0.5, 0.95, 1], method } })).toEqual(
      [20, 50, 90, 90].map(double),
    );
    expect(grouped(scores, { $median: { input: '$v', method } })).toEqual(double(50));
  });

  test.each<[unknown, unknown]>([
    [{ $percentile: { input: [1, 2, 3, 4], p: [0.25, 0.5], method } }, [double(1), double(2)]],
    [{ $percentile: { input: [], p: [0.5, 0.9], method } }, [null, null]],
    [{ $percentile: { input: 7, p: [0.1], method } }, [double(7)]],
    [{ $median: { input: ['x', null], method } }, null],
    [{ $median: { input: [decimal('2.5'), long(9)], method } }, 2.5],
  ])('%j', (expression, expected) => {
    expect(value(expression)).toEqual(expected);
  });

  test.each([
    [{ p: [0.5], method: 'guess' }],
    [{ p: [1.5], method }],
    [{ p: [], method }],
    [{ p: 0.5, method }],
    [{ p: ['a'], method }],
    [{ p: [0.5] }],
  ])('%j is an error', (rest) => {
    expect(() => grouped([1], { $percentile: { input: '$v', ...rest } })).toThrow(/method|"p"/);
  });
});

describe('accumulators as expressions', () => {
  test.each<[unknown, unknown]>([
    [{ $sum: [1, 2, [5]] }, 3],
    [{ $sum: [[1, 2.5, 'x']] }, 3.5],
    [{ $sum: '$v' }, 6],
    [{ $avg: ['$v', 4] }, double(4)],
    [{ $avg: '$v' }, double(3)],
    [{ $avg: [] }, null],
    [{ $max: [1, null, 'a'] }, 'a'],
    [{ $min: '$v' }, 2],
    [{ $min: [null] }, null],
    [{ $stdDevPop: '$v' }, double(1)],
    [{ $stdDevSamp: [4] }, null],
    [{ $firstN: { n: 2, input: [9, null, 7] } }, [9, null]],
    [{ $maxN: { n: 2, input: [9, null, 7, 8] } }, [9, 8]],
  ])('%j', (expression, expected) => {
    expect(value(expression, { v: [2, 4] })).toEqual(expected);
  });

  test.each([['$firstN'], ['$lastN'], ['$maxN'], ['$minN']])('%s of null is an error', (name) => {
    expect(() => value({ [name]: { n: 1, input: null } })).toThrow(/an array, not null/);
  });
});

describe('arguments of array and document operators', () => {
  test('$zip fills with defaults of the document', () => {
    const argument = { inputs: ['$v', [1]], useLongestLength: true, defaults: [0, '$d'] };
    expect(value({ $zip: argument }, { v: [2, 4], d: 9 })).toEqual([
      [2, 1],
      [4, 9],
    ]);
  });

  test.each<[string, Document, RegExp]>([
    [
      'defaults of another number',
      { $zip: { inputs: ['$no'], defaults: [1, 2], useLongestLength: true } },
      /one value/,
    ],
    [
      'defaults that are no array',
      { $zip: { inputs: ['$no'], defaults: '$v', useLongestLength: true } },
      /array/,
    ],
    ['a field that is null', { $getField: { field: '$nothing', input: {} } }, /a string as "field"/],
  ])('%s is an error', (_name, expression, message) => {
    expect(() => value(expression, { v: [1], nothing: null })).toThrow(message);
  });
});

describe('stages', () => {
  test.each<[string, Document[], Document[], Document[]]>([
    ['$count', [{ $count: 'a$b' }], docsOf([1, 2]), [{ a$b: 2 }]],
    ['$unset of paths', [{ $unset: ['a.b', 'c'] }], [{ a: [{ b: 1, d: 2 }], c: 1 }], [{ a: [{ d: 2 }] }]],
    ['$unset of nothing there', [{ $unset: 'x' }], [{ a: 1 }], [{ a: 1 }]],
    [
      '$sortByCount',
      [{ $sortByCount: '$v' }],
      docsOf(['a', 'b', 'b', MISSING, null, null]),
      [
        { _id: null, count: 3 },
        { _id: 'b', count: 2 },
        { _id: 'a', count: 1 },
      ],
    ],
    ['$documents', [{ $documents: [{ a: { $add: [1, 1] } }] }], [], [{ a: 2 }]],
    ['$sample of more than there is', [{ $sample: { size: 9 } }], [{ a: 1 }], [{ a: 1 }]],
    [
      '$redact',
      [{ $redact: { $cond: [{ $gt: ['$level', 3] }, '$$PRUNE', '$$DESCEND'] } }],
      [{ level: 1, a: { level: 4 }, b: [{ level: 5 }, { level: 2, c: { level: 9 } }, 7] }, { level: 8 }],
      [{ level: 1, b: [{ level: 2 }, 7] }],
    ],
    ['$redact keeps', [{ $redact: '$$KEEP' }], [{ a: { b: 1 } }], [{ a: { b: 1 } }]],
  ])('%s', (_name, stages, input, expected) => {
    expect(run(stages, input)).toEqual(expected);
  });

  test.each<[Document, RegExp]>([
    [{ $count: '' }, /non-empty field name/],
    [{ $count: '$a' }, /non-empty field name/],
    [{ $count: 'a.b' }, /non-empty field name/],
    [{ $sample: { size: 0 } }, /at least 1/],
    [{ $sample: { size: 'x' } }, /whole number/],
    [{ $sample: {} }, /whole number/],
    [{ $unset: [] }, /name of a field/],
    [{ $unset: 1 }, /name of a field/],
    [{ $unset: '$a' }, /\$a/],
    [{ $sortByCount: 'v' }, /expression/],
    [{ $redact: 'x' }, /DESCEND/],
    [{ $documents: [1] }, /array of documents/],
    [{ $limit: 0 }, /at least 1/],
    [
      { $bucketAuto: { groupBy: '$a', buckets: 2, output: { x: { $firstN: { n: '$a', input: '$a' } } } } },
      /"n" of an accumulator of \$bucketAuto must be a constant/,
    ],
    [
      { $group: { _id: 1, x: { $firstN: { n: decimal('9223372036854775808'), input: '$a' } } } },
      /positive integer/,
    ],
    [{ $skip: -1 }, /at least 0/],
  ])('%j is an error', (stage, message) => {
    expect(() => run([stage])).toThrow(message);
  });
});
