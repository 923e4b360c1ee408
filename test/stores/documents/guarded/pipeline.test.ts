// What a store is asked in place of a caller's pipeline.
import { expect, test } from 'vitest';
import type { Document } from '../../../../src/mql/index.ts';
import type { CollectionRule } from '../../../../src/policy/data-rules.ts';
import { narrowed } from '../../../../src/stores/documents/guarded/pipeline.ts';
import { barrier, plainRule } from '../../../../src/stores/documents/guarded/rule.ts';

const rows = { tenant: 'a' };
const ofOthers: Readonly<Record<string, CollectionRule>> = { orders: { rows, hidden: ['b', 'b.c', 'd'] } };
const written = (pipeline: readonly Document[], rule: CollectionRule): Document[] =>
  narrowed(pipeline, rule, {
    ruleOf: (collection) => ofOthers[collection] ?? plainRule,
    nameOf: (collection) => collection,
    absentField: 'absent',
  });

test('rows come first, then hidden fields are gone, then what the caller asks', () => {
  const ask = { $match: { x: 1 } };
  expect(written([ask], { rows, hidden: ['s', 's.t'] })).toEqual([{ $match: rows }, { $unset: ['s'] }, ask]);
});

test('a server cannot evaluate an expression of the caller on a row before it knows whose it is', () => {
  const ask = [{ $sort: { x: 1 } }, { $match: { $expr: { $toInt: '$x' } } }];
  expect(written(ask, { rows, hidden: [] })).toEqual([{ $match: rows }, barrier, ...ask]);
});

test('the same holds in the pipeline of a join', () => {
  const inner = [{ $match: { $expr: { $toInt: '$x' } } }];
  expect(written([{ $unionWith: { coll: 'orders', pipeline: inner } }], plainRule)).toEqual([
    {
      $unionWith: { coll: 'orders', pipeline: [{ $match: rows }, { $unset: ['b', 'd'] }, barrier, ...inner] },
    },
  ]);
});

test.each<[string, Document[]]>([
  ['behind a union', [{ $unionWith: 'orders' }, { $match: { $expr: { $toInt: '$x' } } }]],
  [
    'behind a union in a union',
    [
      { $unionWith: { coll: 'cities', pipeline: [{ $unionWith: 'orders' }] } },
      { $match: { $expr: { $toInt: '$x' } } },
    ],
  ],
  [
    'behind a join that is unwound',
    [
      { $lookup: { from: 'orders', pipeline: [], as: 'o' } },
      { $unwind: '$o' },
      { $match: { $expr: { $toInt: '$o.x' } } },
    ],
  ],
  [
    'on what was computed behind a union',
    [{ $unionWith: 'orders' }, { $project: { n: { $toInt: '$x' } } }, { $match: { n: 1 } }],
  ],
])('nor can one that a server moves into a join: %s', (_where, ask) => {
  const inside = [{ $match: rows }, { $unset: ['b', 'd'] }, barrier];
  expect(JSON.stringify(written(ask, plainRule))).toContain(JSON.stringify(inside));
});

test('nor one on what was computed, in the place of which a server may compute it', () => {
  const [match, ...ask] = [{ $match: { y: 1 } }, { $set: { n: { $toInt: '$x' } } }, { $match: { n: 1 } }];
  expect(written([match, ...ask], { rows, hidden: ['s'] })).toEqual([
    { $match: rows },
    { $unset: ['s'] },
    match,
    barrier,
    ...ask,
  ]);
});

test('what a group has is asked without a barrier', () => {
  const ask = [{ $match: { y: 1 } }, { $group: { _id: '$x', n: { $sum: 1 } } }, { $match: { n: 2 } }];
  expect(written(ask, { rows, hidden: [] })).toEqual([{ $match: rows }, ...ask]);
});

test.each([null, undefined])('a pipeline of a join that is %s is an empty one', (pipeline) => {
  const all = { pipeline: [{ $match: rows }, { $unset: ['b', 'd'] }] };
  expect(written([{ $unionWith: { coll: 'orders', pipeline } }], plainRule)).toEqual([
    { $unionWith: { coll: 'orders', ...all } },
  ]);
  expect(
    written(
      [{ $lookup: { from: 'orders', localField: 'a', foreignField: 'a', pipeline, as: 'o' } }],
      plainRule,
    ),
  ).toEqual([{ $lookup: { from: 'orders', localField: 'a', foreignField: 'a', ...all, as: 'o' } }]);
});

test.each<[string, Document]>([
  ['a document', { $unionWith: { coll: 'orders', pipeline: { 0: {} } } }],
  ['a text', { $lookup: { from: 'orders', pipeline: '[]', as: 'o' } }],
  ['null', { $facet: { a: null } }],
])('a pipeline that is %s is refused: a server might read it as one', (_what, stage) => {
  expect(() => written([stage], plainRule)).toThrow('A pipeline must be an array of stages.');
});

test('what must be the first stage takes the rows into itself', () => {
  const text = { $text: { $search: 'x' } };
  expect(written([{ $match: text }], { rows, hidden: [] })).toEqual([{ $match: { $and: [rows, text] } }]);
  const near = { near: [0, 0], distanceField: 'd', query: { x: 1 } };
  expect(written([{ $geoNear: near }], { rows, hidden: [] })).toEqual([
    { $geoNear: { ...near, query: { $and: [rows, { x: 1 }] } } },
  ]);
});

test.each<[string, Document]>([
  ['$text', { $match: { $text: { $search: 'x' } } }],
  ['$geoNear', { $geoNear: { near: [0, 0], distanceField: 'd' } }],
  ['$meta', { $project: { x: { $meta: 'indexKey' } } }],
])('%s is refused where fields are hidden: an index may hold them', (name, stage) => {
  expect(() => written([stage], { hidden: ['s'] })).toThrow(`${name} with the rules for this collection`);
});

test('a collection without rules is joined as the caller wrote it', () => {
  const lookup = { $lookup: { from: 'cities', localField: 'a', foreignField: 'b', as: 'c' } };
  expect(written([lookup, { $unionWith: 'cities' }], plainRule)).toEqual([lookup, { $unionWith: 'cities' }]);
});

test('documents of the caller are not narrowed', () => {
  const stages = [{ $documents: [{ x: 1 }] }, { $unionWith: 'orders' }];
  expect(written(stages, { rows, hidden: [] })[0]).toEqual(stages[0]);
});
