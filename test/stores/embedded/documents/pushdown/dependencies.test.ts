import { expect, test } from 'vitest';
import type { Document } from '../../../../../src/mql/index.ts';
import { fieldsRead } from '../../../../../src/stores/embedded/documents/pushdown/dependencies.ts';

test.each<[string, Document[], string[]]>([
  ['$group', [{ $group: { _id: '$a.b', n: { $sum: { $add: ['$c', 1] } } } }], ['a', 'c']],
  ['$count', [{ $count: 'n' }], []],
  ['$match before', [{ $match: { $or: [{ 'a.b': 1 }, { c: 2 }] } }, { $count: 'n' }], ['a', 'c']],
  ['$expr in it', [{ $match: { $expr: { $gt: ['$a', '$b'] } } }, { $count: 'n' }], ['a', 'b']],
  ['$sort', [{ $sort: { 'a.b': 1 } }, { $group: { _id: null, x: { $first: '$c' } } }], ['a', 'c']],
  ['an including $project', [{ $project: { a: 1, x: '$b.c' } }], ['a', 'x', '_id', 'b']],
  ['$unwind', [{ $unwind: '$items' }, { $group: { _id: '$items.sku' } }], ['items']],
  [
    '$lookup',
    [{ $lookup: { from: 'o', localField: 'a.b', foreignField: 'c', as: 'x' } }, { $count: 'n' }],
    ['a', 'x'],
  ],
  ['a part of $$ROOT', [{ $group: { _id: '$$ROOT.a.b' } }], ['a']],
  ['$top', [{ $group: { _id: 1, x: { $top: { sortBy: { a: 1 }, output: '$b' } } } }], ['a', 'b']],
  ['a literal', [{ $group: { _id: { $literal: '$a' } } }], []],
  ['$facet', [{ $facet: { x: [{ $count: 'n' }], y: [{ $group: { _id: '$a' } }] } }], ['a']],
])('%s tells which fields it reads', (_what, pipeline, fields) => {
  expect(fieldsRead(pipeline)?.sort()).toEqual([...fields].sort());
});

test.each<[string, Document[]]>([
  ['no stage', []],
  ['stages that let everything pass', [{ $match: { a: 1 } }, { $sort: { a: 1 } }, { $limit: 1 }]],
  ['an excluding $project', [{ $project: { a: 0 } }]],
  ['$$ROOT', [{ $group: { _id: 1, all: { $push: '$$ROOT' } } }]],
  ['$getField of the document', [{ $group: { _id: { $getField: 'a.b' } } }]],
  ['$facet with a stage that lets pass', [{ $facet: { x: [{ $limit: 1 }] } }]],
  ['$redact', [{ $redact: '$$KEEP' }, { $count: 'n' }]],
  ['$unionWith', [{ $unionWith: 'others' }, { $count: 'n' }]],
])('%s reads the whole document', (_what, pipeline) => {
  expect(fieldsRead(pipeline)).toBeUndefined();
});
