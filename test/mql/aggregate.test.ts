import { describe, expect, test } from 'vitest';
import {
  type AggregateContext,
  aggregate,
  compileFilter,
  compileSort,
  compileSortKeys,
  type Document,
  fromExtendedJson,
  leadingMatch,
  support,
  writeStages,
} from '../../src/mql/index.ts';

const context = (input: Iterable<Document>, more: Partial<AggregateContext> = {}): AggregateContext => ({
  input: () => input,
  collection: () => [],
  limits: { tick() {}, maxBytes: 1024 * 1024 },
  now: new Date('2024-01-02T03:04:05Z'),
  ...more,
});
const run = (
  pipeline: Document[],
  input: Iterable<Document> = [{}],
  more: Partial<AggregateContext> = {},
) => [...aggregate(pipeline, context(input, more))];

describe('limits of an aggregation', () => {
  function* endless(): Generator<Document> {
    for (let _id = 0; ; _id++) yield { _id, text: 'x'.repeat(100) };
  }

  test.each([
    ['$sort', { $sort: { _id: -1 } }],
    ['$group', { $group: { _id: '$_id' } }],
    ['$group', { $group: { _id: null, all: { $push: '$$ROOT' } } }],
    ['$facet', { $facet: { a: [{ $limit: 1 }] } }],
    ['$setWindowFields', { $setWindowFields: { output: { n: { $sum: 1 } } } }],
  ])('%s that would hold too much stops and is named', (name, stage) => {
    expect(() => run([stage], endless())).toThrow(new RegExp(`\\${name} needs more than 1 MiB of memory`));
  });

  test('a sort with a limit holds no more than it needs', () => {
    const docs = Array.from({ length: 20_000 }, (_, i) => ({
      _id: (i * 7919) % 20_011,
      text: 'x'.repeat(100),
    }));
    const found = run([{ $sort: { _id: 1 } }, { $skip: 1 }, { $limit: 2 }], docs);
    expect(found.map(({ _id }) => _id)).toEqual(
      docs
        .map(({ _id }) => _id)
        .sort((a, b) => a - b)
        .slice(1, 3),
    );
  });

  test('a call that is cancelled stops at the next document', () => {
    let seen = 0;
    const limits = {
      maxBytes: 1e9,
      tick() {
        if (++seen > 50) throw new Error('cancelled');
      },
    };
    expect(() => run([{ $group: { _id: null, n: { $sum: 1 } } }], endless(), { limits })).toThrow(
      'cancelled',
    );
  });

  test('only as many documents are read as are needed', () => {
    expect(run([{ $match: { _id: { $gt: 2 } } }, { $limit: 2 }], endless())).toHaveLength(2);
  });
});

describe('a pipeline is checked before a document is read', () => {
  test.each<[string, Document[], RegExp]>([
    ['a misspelt stage', [{ $mach: {} }], /Unknown stage \$mach\. Did you mean \$match/],
    ['a misspelt expression', [{ $project: { x: { $toUper: '$a' } } }], /\$toUper.*\$toUpper/],
    ['a misspelt accumulator', [{ $group: { _id: null, x: { $summ: 1 } } }], /\$summ.*\$sum/],
    ['JavaScript', [{ $project: { x: { $function: {} } } }], /\$function is not supported: JavaScript/],
    [
      'JavaScript in $group',
      [{ $group: { _id: null, x: { $accumulator: {} } } }],
      /\$accumulator is not supported/,
    ],
    ['a write deep inside', [{ $facet: { a: [{ $out: 'x' }] } }], /\$out is not allowed .* \$facet/],
    [
      'a write in a $lookup',
      [{ $lookup: { from: 'f', as: 'r', pipeline: [{ $merge: 'x' }] } }],
      /\$merge is not allowed/,
    ],
    ['an unknown variable', [{ $project: { x: '$$nope' } }], /no variable \$\$nope/],
    [
      'two operators in one expression',
      [{ $project: { x: { $add: [1], $abs: 1 } } }],
      /one operator.*\$add, \$abs/,
    ],
    ['a missing argument', [{ $lookup: { from: 'f', localField: 'a', foreignField: 'b' } }], /"as"/],
  ])('%s', (_name, pipeline, message) => {
    expect(() => aggregate(pipeline, context([]))).toThrow(message);
  });

  test('nesting beyond 100 levels is refused with a reason', () => {
    let expression: unknown = 1;
    for (let i = 0; i < 150; i++) expression = { $abs: expression };
    expect(() => aggregate([{ $project: { x: expression } }], context([]))).toThrow(
      /more than 100 levels deep/,
    );
  });

  test('nesting without end does not overflow the stack', () => {
    let filter: Document = {};
    for (let i = 0; i < 50_000; i++) filter = { a: filter };
    expect(() => compileFilter(filter)).toThrow(/more than 100 levels deep/);
  });
});

describe('field names that JavaScript knows', () => {
  const doc = fromExtendedJson('{"_id": 1, "__proto__": {"x": 1}, "constructor": 5}') as Document;

  test('are plain data to filters', () => {
    expect(compileFilter(fromExtendedJson('{"__proto__.x": 1}') as Document)(doc)).toBe(true);
    expect(compileFilter({ constructor: { $exists: true } } as Document)({ _id: 1 })).toBe(false);
  });

  test('are plain data to stages', () => {
    const stages = [
      { $addFields: { 'toString.y': 1 } },
      { $project: { _id: 0, keys: { $map: { input: { $objectToArray: '$$ROOT' }, in: '$$this.k' } } } },
    ];
    expect(run(stages, [doc])).toEqual([{ keys: ['_id', '__proto__', 'constructor', 'toString'] }]);
  });

  test('do not reach the prototype of other objects', () => {
    run([{ $replaceWith: { $arrayToObject: [[['__proto__', { admin: true }]]] } }]);
    expect(({} as { admin?: boolean }).admin).toBeUndefined();
  });
});

describe('helpers for a store', () => {
  test('the first $match stages come off as one filter', () => {
    const stages = [{ $match: { a: 1 } }, { $match: { b: 2 } }, { $limit: 1 }];
    expect(leadingMatch(stages)).toEqual({ filter: { $and: [{ a: 1 }, { b: 2 }] }, rest: [{ $limit: 1 }] });
    expect(leadingMatch([{ $limit: 1 }])).toEqual({ filter: {}, rest: [{ $limit: 1 }] });
  });

  test('a write stage is found at the end only', () => {
    expect(writeStages([{ $match: {} }, { $out: 'x' }])).toEqual(['$out']);
    expect(writeStages([{ $out: 'x' }, { $match: {} }])).toEqual([]);
  });

  test('sort keys order documents as the sort does', () => {
    const sort = { 'a.b': -1, c: 1 };
    const docs: Document[] = [{ a: [{ b: 1 }, { b: 5 }] }, { a: { b: 3 }, c: 1 }, { a: { b: 3 } }, { a: [] }];
    const keys = compileSortKeys(sort);
    const byKey = docs.toSorted((x, y) => keys.compare(keys.of(x), keys.of(y)));
    expect(byKey).toEqual(docs.toSorted(compileSort(sort)));
  });

  test('the lists of what is there are not empty and name the basics', () => {
    expect(support.expressions.length).toBeGreaterThan(150);
    expect(support.stages).toContain('$lookup');
    expect(support.update).toContain('$push');
  });
});

test('$$NOW is the time of the call', () => {
  expect(run([{ $project: { _id: 0, now: '$$NOW' } }])).toEqual([{ now: new Date('2024-01-02T03:04:05Z') }]);
});

test('variables given with the call are seen by expressions', () => {
  expect(
    run([{ $match: { $expr: { $eq: ['$a', '$$wanted'] } } }], [{ a: 1 }, { a: 2 }], {
      variables: { wanted: 2 },
    }),
  ).toEqual([{ a: 2 }]);
});

test('a correlated $lookup sees the variables of each document', () => {
  const lookup = {
    from: 'f',
    let: { least: '$least' },
    pipeline: [{ $match: { $expr: { $gte: ['$v', '$$least'] } } }, { $project: { _id: 1 } }],
    as: 'found',
  };
  const collection = () => [
    { _id: 1, v: 1 },
    { _id: 2, v: 2 },
  ];
  const docs = [
    { _id: 'a', least: 2 },
    { _id: 'b', least: 1 },
  ];
  const found = run([{ $lookup: lookup }], docs, { collection }).map((doc) => doc['found']);
  expect(found).toEqual([[{ _id: 2 }], [{ _id: 1 }, { _id: 2 }]]);
});
