import { expect, test } from 'vitest';
import { type Document, encode } from '../../../../../src/mql/index.ts';
import type { NewIndex } from '../../../../../src/stores/documents/document-store.ts';
import { requireCollection } from '../../../../../src/stores/embedded/documents/collections.ts';
import { documentHandlers as handlers } from '../../../../../src/stores/embedded/documents/handlers.ts';
import { dropIndex, requireIndex } from '../../../../../src/stores/embedded/documents/indexes/manage.ts';
import { dropCollection } from '../../../../../src/stores/embedded/documents/rows.ts';
import { memoryStore, transaction } from '../session.ts';

const users = { database: 'main', collection: 'users' };

function withUsers(...documents: Document[]) {
  const store = memoryStore();
  const put = (...more: Document[]) =>
    transaction(store.session(), (s) =>
      handlers.put(s, { ...users, documents: Buffer.concat(more.map(encode)), drop: false }),
    );
  put(...documents);
  return {
    ...store,
    put,
    createIndex: (index: Partial<NewIndex> & Pick<NewIndex, 'key'>, session = store.session()) =>
      transaction(session, (s) => handlers.createIndex(s, encode({ ...users, unique: false, ...index }))),
    indexes: () => handlers.indexes(store.session(), users),
    count: (filter: Document) => handlers.count(store.session(), encode({ ...users, filter })),
    entries: () => Number(store.db.prepare('SELECT count(*) AS n FROM index_entries').get()?.['n']),
  };
}

test('an index has the name MongoDB would give it, and is listed beside that of _id', () => {
  const { createIndex, indexes } = withUsers({ _id: 1 });
  expect(createIndex({ key: { city: 1, age: -1 } })).toEqual({ name: 'city_1_age_-1', created: true });
  expect(indexes()).toEqual([
    { name: '_id_', key: { _id: 1 }, unique: true },
    { name: 'city_1_age_-1', key: { city: 1, age: -1 }, unique: false },
  ]);
});

test('asking for an index that is there changes nothing', () => {
  const { createIndex, indexes } = withUsers({ _id: 1 });
  createIndex({ key: { city: 1 } });
  expect(createIndex({ key: { city: 1 } })).toEqual({ name: 'city_1', created: false });
  expect(createIndex({ key: { _id: 1 } })).toEqual({ name: '_id_', created: false });
  expect(indexes()).toHaveLength(2);
});

test('an index in the way of another is a conflict that names it', () => {
  const { createIndex } = withUsers({ _id: 1 });
  createIndex({ key: { city: 1 }, name: 'towns' });
  expect(() => createIndex({ key: { age: 1 }, name: 'towns' })).toThrow(
    /"towns" is on other fields.*"city": 1/,
  );
  expect(() => createIndex({ key: { city: 1 }, name: 'other' })).toThrow(/already exists, named "towns"/);
  expect(() => createIndex({ key: { city: 1 }, unique: true })).toThrow(/is not unique. Drop it first/);
});

test.each([
  [{ key: { bio: 'text' } }, /a text index is not supported/],
  [{ key: { place: '2dsphere' } }, /a 2dsphere index is not supported/],
  [{ key: { city: 'hashed' } }, /a hashed index is not supported/],
  [{ key: { '$**': 1 } }, /a wildcard index is not supported/],
  [{ key: { 'tags.0': 1 } }, /array position \("tags.0"\) is not supported/],
  [{ key: { city: 1 }, sparse: true }, /index option "sparse" is not supported/],
  [{ key: { city: 1 }, expireAfterSeconds: 5 }, /index option "expireAfterSeconds" is not supported/],
  [{ key: { city: 1 }, partialFilterExpression: {} }, /"partialFilterExpression" is not supported/],
  [{ key: {} }, /at least one field/],
  [{ key: { city: 0 } }, /with 1 or -1/],
  [{ key: { city: 'up' } }, /with 1 or -1/],
  [{ key: { $city: 1 } }, /not a field/],
])('%j is refused by name', (index, message) => {
  const { createIndex, indexes } = withUsers({ _id: 1 });
  expect(() => createIndex(index)).toThrow(message);
  expect(indexes()).toHaveLength(1);
});

test('an index on a collection that does not exist is an error with the near names', () => {
  const { createIndex } = withUsers({ _id: 1 });
  expect(() => createIndex({ collection: 'user', key: { city: 1 } })).toThrow(
    /no collection "user".*"users"/,
  );
});

test('a unique index refuses a second document with the value, naming index, field and value', () => {
  const { createIndex, put, count } = withUsers({ _id: 1, email: 'a@b.c' });
  createIndex({ key: { email: 1 }, unique: true });
  expect(() => put({ _id: 2, email: 'x@b.c' }, { _id: 3, email: 'a@b.c' })).toThrow(
    /"email_1" of "users" has \{"email":"a@b.c"\} already/,
  );
  expect(count({})).toBe(1);
});

test('a unique index cannot be made where values repeat', () => {
  const { createIndex, indexes, entries } = withUsers({ _id: 1, age: 7 }, { _id: 2, age: 7 });
  expect(() => createIndex({ key: { age: 1 }, unique: true })).toThrow(/"age_1".*\{"age":7\} already/);
  expect(indexes()).toHaveLength(1);
  expect(entries()).toBe(0);
});

test('in a unique index a missing field counts as null, and an array as each of its elements', () => {
  const { createIndex, put } = withUsers({ _id: 1 }, { _id: 2, tags: ['a', 'b', 'b'] });
  createIndex({ key: { tags: 1 }, unique: true });
  expect(() => put({ _id: 3, tags: null })).toThrow(/\{"tags":null\} already/);
  expect(() => put({ _id: 3, tags: ['c', 'b'] })).toThrow(/\{"tags":"b"\} already/);
  expect(put({ _id: 3, tags: ['c'] })).toMatchObject({ inserted: 1 });
});

test('a compound index refuses a document with two arrays in its fields', () => {
  const { createIndex, put } = withUsers({ _id: 1 });
  createIndex({ key: { tags: 1, cities: 1 } });
  expect(() => put({ _id: 2, tags: [1, 2], cities: [3, 4] })).toThrow(
    /"tags_1_cities_1".*two different arrays.*"tags", "cities"/,
  );
});

test('an index that is cancelled half way leaves nothing behind', () => {
  const { createIndex, session, indexes, entries } = withUsers({ _id: 1, age: 1 }, { _id: 2, age: 2 });
  let ticks = 0;
  const tick = () => {
    if (++ticks > 3) throw new Error('cancelled');
  };
  expect(() => createIndex({ key: { age: 1 } }, { ...session(), tick })).toThrow(/cancelled/);
  expect(indexes()).toHaveLength(1);
  expect(entries()).toBe(0);
});

test('the index and the collection can be dropped, with all entries', () => {
  const { createIndex, session, entries, indexes } = withUsers({ _id: 1, age: 1, city: 'x' });
  createIndex({ key: { age: 1 } });
  createIndex({ key: { city: 1 } });
  const first = session();
  const { id } = requireCollection(first, users);
  expect(() => requireIndex(first, id, 'ages')).toThrow(/no index "ages".*"age_1"/);
  expect(() => requireIndex(first, id, '_id_')).toThrow(/cannot be dropped/);
  dropIndex(first, requireIndex(first, id, 'age_1'));
  expect(indexes().map(({ name }) => name)).toEqual(['_id_', 'city_1']);
  expect(entries()).toBe(1);
  dropCollection(session(), id);
  expect(entries()).toBe(0);
  expect(() => indexes()).toThrow(/no database "main"/);
});

test('what is counted by an index alone is what a scan counts', () => {
  const values = [1, 1.5, '1', null, [1, 2], [], { a: 1 }, true, new Date(5), Number.NaN];
  const { createIndex, count } = withUsers(...values.map((v, _id) => ({ _id, v })), { _id: 99 });
  const filters = [
    { v: 1 },
    { v: null },
    { v: { $gte: 1 } },
    { v: { $in: [1, '1', true] } },
    { v: { a: 1 } },
  ];
  const scanned = filters.map(count);
  createIndex({ key: { v: -1 } });
  expect(filters.map(count)).toEqual(scanned);
  expect(scanned).toEqual([2, 2, 3, 4, 1]);
});

test('counts are right below, at and beyond the number of values up to which they are kept', () => {
  const { createIndex, put, count, db } = withUsers({ _id: 'first', n: 0 });
  createIndex({ key: { n: 1 } });
  const kept = () => Number(db.prepare('SELECT count(*) AS n FROM index_counts').get()?.['n']);
  put(...Array.from({ length: 1_500 }, (_, _id) => ({ _id, n: _id % 999 })));
  expect([kept(), count({ n: 0 }), count({ n: { $gte: 500 } }), count({ n: 600 })]).toEqual([999, 3, 500, 1]);
  put({ _id: 'a', n: 1e6 }, { _id: 'b', n: 1e7 });
  expect([kept(), count({ n: 0 }), count({ n: { $gte: 500 } }), count({ n: 1e7 })]).toEqual([0, 3, 502, 1]);
});
