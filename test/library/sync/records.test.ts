import { Decimal128, ObjectId } from 'bson';
import { expect, test } from 'vitest';
import type { CollectionSource } from '../../../src/library/sync/collections/collection-source.ts';
import { recordText } from '../../../src/library/sync/collections/records.ts';

const source = (fields: string[], title?: string) =>
  ({ name: 'plants', fields, ...(title && { title }) }) as unknown as CollectionSource;

test('short values become lines of "field: value", in the order of the fields', () => {
  const plant = { _id: 1, country: 'Spain', capacity: 20, kind: 'PEM' };

  const { text } = recordText(plant, source(['kind', 'capacity', 'country']));

  expect(text).toBe('# 1\n\nkind: PEM\n\ncapacity: 20\n\ncountry: Spain\n');
});

test('a long text stands below a heading of its own', () => {
  const { text } = recordText({ _id: 1, body: 'First line.\nSecond line.' }, source(['body']));

  expect(text).toContain('## body\n\nFirst line.\nSecond line.');
});

test('the title field names the document', () => {
  expect(recordText({ _id: 1, name: 'Puertollano', kind: 'PEM' }, source(['kind'], 'name'))).toMatchObject({
    title: 'Puertollano',
    path: '1',
  });
});

test('values inside arrays and documents are reached by dotted paths', () => {
  const { text } = recordText(
    { _id: 1, parts: [{ name: 'stack' }, { name: 'pump' }] },
    source(['parts.name']),
  );

  expect(text).toContain('parts.name: stack, pump');
});

test('dates, ids and decimals are written as a reader writes them', () => {
  const id = new ObjectId('65f0a1b2c3d4e5f60718293a');
  const record = { _id: id, at: new Date(0), price: Decimal128.fromString('1.50') };

  const { path, text } = recordText(record, source(['at', 'price']));

  expect(path).toBe('65f0a1b2c3d4e5f60718293a');
  expect(text).toContain('at: 1970-01-01T00:00:00.000Z\n\nprice: 1.50');
});

test('a document without a title and without any of the fields has no text', () => {
  expect(recordText({ _id: 1, other: 'x' }, source(['body', 'kind'])).text).toBe('');
});

test('a document that has a title and none of the fields is its title', () => {
  expect(recordText({ _id: 1, name: 'Puertollano' }, source(['body'], 'name')).text).toBe('# Puertollano\n');
});

test('plain values can be filtered by, long texts cannot', () => {
  const { metadata } = recordText(
    { _id: 1, year: 2024, open: true, body: 'x'.repeat(300) },
    source(['body']),
  );

  expect(metadata).toEqual({ year: 2024, open: true });
});
