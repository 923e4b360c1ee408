import type { Document } from '../../../../src/mql/index.ts';
import type {
  ChangeRequest,
  DocumentStore,
  UpdateRequest,
} from '../../../../src/stores/documents/document-store.ts';
import { bounds, readerCall } from './support.ts';

// What tries to learn a hidden value, or anything of another tenant's row, are made of.

/** Returns whatever the caller gets to see. */
export type Attack = (store: DocumentStore, database: string) => Promise<unknown>;

/** Rows that the attacker may see, with fields that it may not: `secret`, `salary`, `note.inner` and `lines.cost`. */
export const visibleRows: readonly Document[] = [
  {
    _id: 1,
    tenant: 'a',
    item: '10',
    price: 5,
    salary: 4711,
    secret: 'SESAME-1',
    note: { text: 'x', inner: 'SESAME-2' },
    lines: [
      { sku: 'k', cost: 4712 },
      { sku: 'm', cost: 4713 },
    ],
  },
  {
    _id: 3,
    tenant: 'a',
    item: '20',
    price: 7,
    salary: 9,
    secret: 'SESAME-0',
    note: { text: 'z', inner: 'SESAME-3' },
    lines: [{ sku: 'n', cost: 1 }],
  },
];

/** The same rows as the attacker sees them. */
export const seenRows: readonly Document[] = [
  { _id: 1, tenant: 'a', item: '10', price: 5, note: { text: 'x' }, lines: [{ sku: 'k' }, { sku: 'm' }] },
  { _id: 3, tenant: 'a', item: '20', price: 7, note: { text: 'z' }, lines: [{ sku: 'n' }] },
];

/** Rows of others: a value that is no number, a price of zero, a tenant that only a collation makes the attacker's. */
export const otherRows: readonly Document[] = [
  {
    _id: 0,
    tenant: 'b',
    item: 'RIVAL-1',
    price: 0,
    salary: 3,
    secret: 'SESAME-1',
    note: { text: 'RIVAL-2', inner: 'SESAME-1' },
    lines: [{ sku: 'k', cost: 4712 }],
  },
  { _id: 2, tenant: 'A', item: 'RIVAL-3', price: 'RIVAL-4', salary: 1, secret: 'x', note: {}, lines: [] },
];

export const hidden = ['secret', 'salary', 'note.inner', 'lines.cost'];

/** What must be in no answer and no error. */
export const planted = /SESAME-\d|RIVAL|471\d|VAULT-\d/;

export const orders = (database: string) => ({ database, collection: 'orders' });

export const find =
  (query: Document): Attack =>
  async (store, database) => {
    const page = await store.find(
      { ...orders(database), filter: {}, skip: 0, ...bounds, ...query },
      readerCall(),
    );
    return { ...page, next: page.next !== undefined };
  };
export const where = (filter: Document): Attack => find({ filter });
export const expr = (expression: unknown): Attack => find({ filter: { $expr: expression } });
export const project = (projection: Document): Attack => find({ projection });
export const counting =
  (filter: Document): Attack =>
  (store, database) =>
    store.count({ ...orders(database), filter }, readerCall());
export const distinct =
  (key: string, filter: Document = {}, rest: Document = {}): Attack =>
  (store, database) =>
    store.distinct({ ...orders(database), key, filter, ...bounds, ...rest }, readerCall());
export const pipeline =
  (stages: readonly Document[], collection = 'orders', rest: Document = {}): Attack =>
  (store, database) =>
    store.aggregate({ database, collection, pipeline: stages, ...bounds, ...rest }, readerCall());
export const outside = (stages: readonly Document[]): Attack => pipeline(stages, 'customers');
export const explain =
  (filter: Document): Attack =>
  (store, database) =>
    store.explain({ ...orders(database), filter }, readerCall());

const limits = { maxDocuments: 100 };
const changing =
  (request: (database: string) => ChangeRequest): Attack =>
  async (store, database) => {
    const shown = await store.preview(request(database), limits, readerCall());
    const made = await store.apply(request(database), { ...limits, state: shown.state }, readerCall());
    return { matched: shown.matched, examples: shown.examples, made };
  };
export const update = (request: Partial<UpdateRequest>): Attack =>
  changing((database) => ({
    kind: 'update',
    ...orders(database),
    filter: {},
    update: { $set: { hit: 1 } },
    many: true,
    upsert: false,
    ...request,
  }));
export const remove = (filter: Document, rest: Document = {}): Attack =>
  changing((database) => ({ kind: 'delete', ...orders(database), filter, many: true, ...rest }));

export const self = (args: Document): Document => ({ $lookup: { from: 'orders', as: 'found', ...args } });
export const graph = (args: Document): Document => ({
  $graphLookup: {
    from: 'orders',
    startWith: '$guess',
    connectFromField: 'price',
    connectToField: '_id',
    as: 'found',
    ...args,
  },
});
export const en = { locale: 'en', strength: 1 };
