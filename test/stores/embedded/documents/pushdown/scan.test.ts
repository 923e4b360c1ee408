import { expect, test } from 'vitest';
import { HydrogenError } from '../../../../../src/errors.ts';
import { compileFilter, type Document, decode } from '../../../../../src/mql/index.ts';
import { aggregate } from '../../../../../src/stores/embedded/documents/aggregate.ts';
import { count } from '../../../../../src/stores/embedded/documents/count.ts';
import { scan } from '../../../../../src/stores/embedded/documents/pushdown/scan.ts';
import { topRows } from '../../../../../src/stores/embedded/documents/pushdown/top.ts';
import { collectionFor, insertRow } from '../../../../../src/stores/embedded/documents/rows.ts';
import type { Session } from '../../../../../src/stores/embedded/engine/session.ts';
import { memoryStore } from '../session.ts';

const things = { database: 'main', collection: 'things' };
const bounds = { limit: 1000, maxBytes: 1e8 };

function filled(collections: Record<string, Iterable<Document>>): { session: Session; id: number } {
  const session = memoryStore().session();
  for (const [collection, documents] of Object.entries(collections)) {
    const to = collectionFor(session, { database: 'main', collection });
    for (const document of documents) insertRow(session, to, document);
  }
  return { session, id: collectionFor(session, things) };
}

const numbered = (length: number, of: (i: number) => Document = () => ({})): Document[] =>
  Array.from({ length }, (_, i) => ({ _id: i, ...of(i) }));

/** A session that is cancelled at the tick of this number. */
function cancelledAt(session: Session, most: number): Session {
  let ticks = 0;
  const tick = (): void => {
    if (++ticks > most) throw new HydrogenError('cancelled', 'The call was cancelled.');
  };
  return { ...session, tick };
}

test('documents of any size come whole and in order', () => {
  const sizes = [10, 40_000, 10, 100_000, 32_000, 10];
  const { session, id } = filled({ things: numbered(600, (i) => ({ pad: 'x'.repeat(sizes[i % 6] ?? 0) })) });
  const found = [...scan(session, { collection: id, filter: {} })].map(({ document }) => document);
  expect(found.map((each) => [each['_id'], String(each['pad']).length])).toEqual(
    numbered(600).map(({ _id }) => [_id, sizes[Number(_id) % 6]]),
  );
});

test('conditions on thousands of values are not too deep for SQL', () => {
  const all = numbered(1200).map(({ _id }) => _id);
  const { session } = filled({
    things: [
      { _id: 1, a: all },
      { _id: 2, a: all.slice(1) },
    ],
  });
  const patterns = all.map((value) => new RegExp(`^${value}$`));
  expect(count(session, { ...things, filter: { a: { $all: all } } })).toBe(1);
  expect(count(session, { ...things, filter: { a: { $in: [...patterns, 5] } } })).toBe(2);
  expect(count(session, { ...things, filter: { a: { $nin: [...patterns, 0] } } })).toBe(1);
  expect(count(session, { ...things, filter: { $and: all.map((a) => ({ a })) } })).toBe(1);
  expect(count(session, { ...things, filter: { a: { $type: all.map(() => 'int') } } })).toBe(2);
});

test('a delete by a position keeps documents in which the position leads through an array', () => {
  const documents = [
    { _id: 1, a: [[{ b: 1 }]] },
    { _id: 2, a: [[], [{ b: 1 }]] },
    { _id: 3, a: [{ b: 1 }] },
  ];
  const { session, id } = filled({ things: documents });
  const found = [...scan(session, { collection: id, filter: { 'a.0.b': { $exists: false } } })];
  expect(found.map(({ document }) => document['_id'])).toEqual([2]);
});

test('only the wanted fields are read', () => {
  const { session, id } = filled({ things: numbered(3, (i) => ({ a: { b: i }, c: [i], d: 'x' })) });
  const found = [...scan(session, { collection: id, filter: {}, fields: ['c', 'a', 'none'] })];
  expect(found[1]?.document).toEqual({ a: { b: 1 }, c: [1] });
});

test('a scan stops when the call is cancelled, also where nothing matches', () => {
  const { session, id } = filled({ things: numbered(2000, (i) => ({ a: i })) });
  const searching = (): unknown => [
    ...scan(cancelledAt(session, 3), { collection: id, filter: { a: 'none' } }),
  ];
  expect(searching).toThrow(/cancelled/);
});

test('the memory of a sort is bounded', () => {
  const { session, id } = filled({ things: numbered(500, (i) => ({ a: `${i}${'x'.repeat(1000)}` })) });
  const top = { collection: id, filter: {}, sort: { a: 1 }, count: 400, maxBytes: 100_000 };
  expect(() => topRows(session, top)).toThrow(/Sorting would take more/);
});

test.each<[string, Document]>([
  ['an $or of 5,000 branches', { $or: Array.from({ length: 5000 }, (_, i) => ({ a: 2 * i })) }],
  ['3,000 fields', Object.fromEntries(Array.from({ length: 3000 }, (_, i) => [`f${i}`, null]))],
  ['an $in of 20,000 values', { a: { $in: Array.from({ length: 20_000 }, (_, i) => 3 * i) } }],
  ['300 times $in of 1,000', { $and: Array.from({ length: 300 }, (_, i) => ({ a: { $in: manyFrom(i) } })) }],
  ['90 levels of $and and $or', nested(90)],
  ['names that mean something to SQL', { "a' OR '1'='1": null, 'b") --': null, 'c.$': null, '[0]': null }],
])('%s is right, although SQL cannot take it all', (_what, filter) => {
  const documents = numbered(50, (i) => ({ a: i }));
  const { session } = filled({ things: documents });
  const expected = documents.filter(compileFilter(filter)).length;
  expect(count(session, { ...things, filter })).toBe(expected);
});

function manyFrom(start: number): number[] {
  return Array.from({ length: 1000 }, (_, i) => start + i);
}

function nested(depth: number): Document {
  let filter: Document = { a: { $gte: 10 } };
  for (let i = 0; i < depth; i++) filter = { [i % 2 === 0 ? '$and' : '$or']: [filter] };
  return filter;
}

test('a few documents are joined with a collection that is larger than the memory of a stage', () => {
  const orders = numbered(1300, (i) => ({ customer: i % 10, pad: 'x'.repeat(90_000) }));
  const { session } = filled({ things: numbered(5), orders });
  const { documents } = aggregate(session, {
    ...things,
    ...bounds,
    pipeline: [
      { $match: { _id: { $lt: 2 } } },
      { $lookup: { from: 'orders', localField: '_id', foreignField: 'customer', as: 'orders' } },
      { $project: { n: { $size: '$orders' } } },
    ],
  });
  expect(documents.map(decode)).toEqual([
    { _id: 0, n: 130 },
    { _id: 1, n: 130 },
  ]);
});
