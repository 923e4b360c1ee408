import { Decimal128, Long, ObjectId } from 'bson';
import { expect, test } from 'vitest';
import type { Document } from '../../../../src/mql/index.ts';
import { describeSample } from '../../../../src/stores/documents/describe/fields.ts';
import type { FieldDescription } from '../../../../src/stores/documents/document-store.ts';
import { testCall } from '../../../support/call.ts';
import { useStore } from '../import/support.ts';

const bench = useStore();

function field(documents: readonly Document[], path: string): FieldDescription | undefined {
  return describeSample(documents).fields.find((one) => one.path === path);
}

const times = <Item>(count: number, make: (n: number) => Item): Item[] =>
  Array.from({ length: count }, (_, n) => make(n));

test('types are counted by document, and a field that is not always there says how often it is', () => {
  const documents = [{ a: 1 }, { a: '1' }, { a: null }, { b: { c: [1, 2, 'x'] } }];
  expect(field(documents, 'a')).toMatchObject({ types: { int: 1, string: 1, null: 1 }, present: 3, of: 4 });
});

test('an array tells how many elements it has, and its elements are counted by themselves', () => {
  const documents = [
    { tags: ['a', 'b', 3] },
    { tags: [] },
    { items: [{ sku: 'x' }, { sku: 'y', parts: [1, 2] }] },
  ];
  expect(field(documents, 'tags')).toMatchObject({
    types: { array: 2 },
    present: 2,
    of: 3,
    elements: { min: 0, max: 3 },
  });
  expect(field(documents, 'tags[]')).toMatchObject({ types: { string: 2, int: 1 }, present: 3, of: 3 });
  expect(field(documents, 'items[].sku')).toMatchObject({ types: { string: 2 }, present: 2, of: 2 });
  expect(field(documents, 'items[].parts')).toMatchObject({
    present: 1,
    of: 2,
    elements: { min: 2, max: 2 },
  });
});

test('that of a long array only the first elements are looked at is known', () => {
  const { elementsLeftOut, fields } = describeSample([{ many: times(150, (n) => n) }]);
  expect(elementsLeftOut).toBe(true);
  expect(fields.find(({ path }) => path === 'many')?.elements).toEqual({ min: 150, max: 150 });
  expect(fields.find(({ path }) => path === 'many[]')?.of).toBe(100);
});

test('fields that are too deep to be listed are not passed over in silence', () => {
  const deep = times(8, () => 0).reduce<Document>((inner) => ({ in: inner }), { end: 1 });
  expect(describeSample([deep]).deeperLeftOut).toBe(true);
  expect(describeSample([{ a: { b: 1 } }]).deeperLeftOut).toBe(false);
});

test('distinct values are counted, up to a thousand', () => {
  const texts = times(1_100, (n) => `${n}${'x'.repeat(300)}`);
  expect(
    field(
      texts.slice(0, 400).map((text) => ({ text })),
      'text',
    ),
  ).toMatchObject({ distinct: 400 });
  expect(
    field(
      texts.map((text) => ({ text })),
      'text',
    ),
  ).toMatchObject({ distinct: 1_000, moreDistinct: true });
});

test('numbers of all types have one range, dates their own', () => {
  const documents = [
    { n: 2.5 },
    { n: Long.fromNumber(7) },
    { n: Decimal128.fromString('-1.1') },
    { n: Number.NaN },
  ];
  expect(field(documents, 'n')?.range).toEqual({
    min: Decimal128.fromString('-1.1'),
    max: Long.fromNumber(7),
    exact: false,
  });
  const dates = ['2026-01-31', '2024-02-29', '2025-06-01'].map((day) => ({ at: new Date(day) }));
  expect(field(dates, 'at')?.range).toEqual({
    min: new Date('2024-02-29'),
    max: new Date('2026-01-31'),
    exact: false,
  });
});

test('a field of few values lists them, the most frequent first', () => {
  const documents = times(30, (n) => ({ status: n % 3 === 0 ? 'open' : 'paid', name: `name ${n}`, n }));
  expect(field(documents, 'status')?.values).toEqual([
    { value: 'paid', count: 20 },
    { value: 'open', count: 10 },
  ]);
  expect(field(documents, 'name')?.values).toBeUndefined();
});

test('of more than 100 fields the ones that are there most often are told', () => {
  const documents = times(200, (n) => ({ [`id-${n}`]: 1, always: n }));
  const { fields, fieldsLeftOut } = describeSample(documents);
  expect(fields).toHaveLength(100);
  expect(fields.map(({ path }) => path)).toContain('always');
  expect(fieldsLeftOut).toBe(101);
});

test('a long text is shown by its beginning', () => {
  expect(field([{ text: 'x'.repeat(100) }], 'text')?.examples).toEqual([`${'x'.repeat(60)}…`]);
});

test('fields whose values are _ids of another collection refer to it', async () => {
  const { store, database } = await bench();
  const ids = times(20, () => new ObjectId());
  const put = (collection: string, documents: Document[]) =>
    store.put({ database, collection }, documents, { drop: false }, testCall());
  await put(
    'customers',
    times(20, (n) => ({ _id: n })),
  );
  await put(
    'categories',
    times(3, (n) => ({ _id: `c${n}` })),
  );
  await put(
    'files',
    ids.map((_id) => ({ _id })),
  );
  await put(
    'orders',
    times(20, (n) => ({
      customerId: n,
      category: `c${n % 3}`,
      attached: [ids[n]],
      amount: n,
      parent: new ObjectId(),
    })),
  );
  const { fields } = await store.describe({ database, collection: 'orders' }, testCall());
  const references = fields.filter((one) => one.references !== undefined);
  expect(Object.fromEntries(references.map((one) => [one.path, one.references]))).toEqual({
    customerId: 'customers',
    category: 'categories',
    'attached[]': 'files',
  });
});

test('of a large collection a sample that is spread over all of it is read', async () => {
  const { store, database } = await bench();
  const collection = 'large';
  const documents = times(5_000, (n) => ({ _id: n, n }));
  await store.put({ database, collection }, documents, { drop: false }, testCall());
  const { sampled, fields, indexes } = await store.describe({ database, collection }, testCall());
  expect(sampled).toBe(500);
  expect(fields.find(({ path }) => path === 'n')?.range).toEqual({ min: 0, max: 4_999, exact: false });
  expect(indexes).toEqual([{ name: '_id_', key: { _id: 1 }, unique: true }]);
});
