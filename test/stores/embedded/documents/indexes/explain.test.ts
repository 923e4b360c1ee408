import { expect, test } from 'vitest';
import { type Document, encode } from '../../../../../src/mql/index.ts';
import type { ExplainQuery } from '../../../../../src/stores/documents/document-store.ts';
import { documentHandlers as handlers } from '../../../../../src/stores/embedded/documents/handlers.ts';
import { memoryStore, transaction } from '../session.ts';

const orders = { database: 'main', collection: 'orders' };

/** 200 orders: 5 statuses, 20 customers, a day each. */
function withOrders(...indexes: Document[]) {
  const { session } = memoryStore();
  const documents = Array.from({ length: 200 }, (_, _id) => ({
    _id,
    status: ['new', 'paid', 'sent', 'lost', 'back'][_id % 5],
    customer: _id % 20,
    day: new Date(_id * 86_400_000),
    total: (_id * 37) % 100,
  }));
  const args = { ...orders, documents: Buffer.concat(documents.map(encode)), drop: false };
  transaction(session(), (s) => handlers.put(s, args));
  for (const key of indexes) {
    transaction(session(), (s) => handlers.createIndex(s, encode({ ...orders, key, unique: false })));
  }
  return (query: Partial<ExplainQuery>) =>
    handlers.explain(session(), encode({ ...orders, filter: {}, ...query }));
}

test('a collection scan is named as such, and an index is suggested: equality, then sort, then range', () => {
  const explain = withOrders();
  expect(explain({ filter: { total: { $gt: 50 }, status: 'paid' }, sort: { day: -1 } })).toMatchObject({
    plan: 'collection_scan',
    documentsExamined: 200,
    documentsReturned: 20,
    sortsInMemory: true,
    suggestion: { status: 1, day: -1, total: 1 },
  });
});

test('an index that is used is named, and only what it leads to is examined', () => {
  const explain = withOrders({ customer: 1 });
  const answer = explain({ filter: { customer: 7 } });
  expect(answer).toMatchObject({
    plan: 'index',
    index: 'customer_1',
    documentsExamined: 10,
    documentsReturned: 10,
    sortsInMemory: false,
  });
  expect(answer.suggestion).toBeUndefined();
});

test('an _id is looked up by the index every collection has', () => {
  const explain = withOrders();
  expect(explain({ filter: { _id: 42 } })).toMatchObject({
    plan: 'id',
    documentsExamined: 1,
    documentsReturned: 1,
  });
});

test.each([
  [{ day: -1 }, {}, 'day_1'],
  [{ day: 1 }, {}, 'day_1'],
  [{ day: -1 }, { status: 'paid' }, 'status_1_day_1'],
  [{ status: 1, day: -1 }, { status: 'paid' }, 'status_1_day_1'],
])('a sort by %j of %j is read in the order of an index', (sort, filter, index) => {
  const explain = withOrders({ day: 1 }, { status: 1, day: 1 });
  expect(explain({ filter, sort })).toMatchObject({ plan: 'index', index, sortsInMemory: false });
});

test('of two indexes the one that leads to fewer documents is chosen', () => {
  const explain = withOrders({ status: 1 }, { customer: 1 });
  expect(explain({ filter: { status: 'paid', customer: 1 } })).toMatchObject({ index: 'customer_1' });
});

test('each branch of $or may have an index of its own', () => {
  const explain = withOrders({ customer: 1 }, { day: 1 });
  const filter = { $or: [{ customer: 3 }, { day: { $lt: new Date(3 * 86_400_000) } }] };
  expect(explain({ filter })).toMatchObject({
    plan: 'index',
    index: 'customer_1, day_1',
    documentsExamined: 13,
    documentsReturned: 13,
  });
});

test('a pipeline is explained by how it reads its collection', () => {
  const explain = withOrders({ status: 1, day: 1 });
  const pipeline = [{ $match: { status: 'paid' } }, { $sort: { day: -1 } }, { $limit: 3 }];
  expect(explain({ pipeline })).toMatchObject({
    plan: 'index',
    index: 'status_1_day_1',
    documentsExamined: 3,
    documentsReturned: 3,
    sortsInMemory: false,
  });
  expect(explain({ pipeline: [{ $group: { _id: '$status' } }] })).toMatchObject({
    plan: 'collection_scan',
    documentsExamined: 200,
    documentsReturned: 5,
  });
});

test('with a collation no index is used, and why is said', () => {
  const explain = withOrders({ status: 1 });
  const collation = { locale: 'en', strength: 2 };
  const answer = explain({ filter: { status: 'PAID' }, collation });
  expect(answer).toMatchObject({ plan: 'collection_scan', documentsReturned: 40 });
  expect(answer.notes.join()).toMatch(/collation no index is used/);
});

test('a list of more values than an index is asked for, one by one, is answered by reading the collection', () => {
  const explain = withOrders({ customer: 1 });
  const list = (length: number) => ({
    filter: { customer: { $in: Array.from({ length }, (_, i) => i + 15) } },
  });
  expect(explain(list(10_000))).toMatchObject({ plan: 'index', documentsReturned: 50 });
  expect(explain(list(10_001))).toMatchObject({ plan: 'collection_scan', documentsReturned: 50 });
});
