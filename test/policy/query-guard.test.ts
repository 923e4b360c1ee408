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
  ['a hundred and one levels', nested(102)],
])('%s is refused', (_what, query) => {
  expect(() => guardQuery(query)).toThrow(/refused|nested/);
});

test('text that only mentions an operator is data', () => {
  expect(() => guardQuery({ title: '$where to go', note: ['$out'] })).not.toThrow();
});
