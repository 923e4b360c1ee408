import { expect, test } from 'vitest';
import { guardQuery } from '../../src/policy/query-guard.ts';

function nested(depth: number): unknown {
  return depth === 0 ? 1 : { a: nested(depth - 1) };
}

test.each([
  ['$where in a filter', { $where: 'true' }],
  ['$where below $or', { $or: [{ a: 1 }, { $where: 'true' }] }],
  ['$function in $expr', { $expr: { $function: { body: 'x', args: [], lang: 'js' } } }],
  ['$accumulator in a group', [{ $group: { _id: 1, n: { $accumulator: {} } } }]],
  ['$out at the end', [{ $match: {} }, { $out: 'c' }]],
  ['$merge in a facet', [{ $facet: { x: [{ $merge: { into: 'c' } }] } }]],
  ['$out in a lookup pipeline', [{ $lookup: { from: 'c', as: 'x', pipeline: [{ $out: 'c' }] } }]],
  ['$merge in a union', [{ $unionWith: { coll: 'c', pipeline: [{ $merge: 'c' }] } }]],
  ['a full-width look-alike', { '＄where': 'true' }],
  ['invisible characters', { '$wh\u200bere': 'true' }],
  ['a small dollar', { '﹩where': 'true' }],
  ['JavaScript inside a server', { a: { $_internalJsEmit: {} } }],
  ['what other users do', [{ $currentOp: {} }]],
  ['what other users asked', [{ $planCacheStats: {} }]],
  ['how a server is built', [{ $facet: { x: [{ $listCatalog: {} }] } }]],
  ['what servers send each other', [{ $_addReshardingResumeId: {} }]],
  ['a hundred and one levels', nested(102)],
])('%s is refused', (_what, query) => {
  expect(() => guardQuery(query)).toThrow(/refused|nested/);
});

test('text that only mentions an operator is data', () => {
  expect(() => guardQuery({ title: '$where to go', note: ['$out'] })).not.toThrow();
});

test.each([
  ['$lookup', [{ $lookup: { from: 'system.users', as: 'x', pipeline: [] } }]],
  ['$lookup in another database', [{ $lookup: { from: { db: 'admin', coll: 'x' }, as: 'x' } }]],
  ['$unionWith by name', [{ $unionWith: 'system.users' }]],
  ['$unionWith in a facet', [{ $facet: { x: [{ $unionWith: { coll: 'system.users' } }] } }]],
  ['$graphLookup', [{ $graphLookup: { from: 'system.users' } }]],
  ['$lookup of encryption data', [{ $lookup: { from: 'enxcol_.c.esc', as: 'x' } }]],
])("a server's own collections are not read by %s", (_what, query) => {
  expect(() => guardQuery(query)).toThrow(/server's own/);
});

test('megabytes of query are refused', () => {
  expect(() => guardQuery({ a: 'x'.repeat(5_000_000) })).toThrow(/too large/);
  expect(() =>
    guardQuery({ a: { $in: Array.from({ length: 50_000 }, () => 'x'.repeat(36)) } }),
  ).not.toThrow();
});
