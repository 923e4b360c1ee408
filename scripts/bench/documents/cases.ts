import type { Document } from '../../../src/mql/formats.ts';

/** A query of the bench; `orders` and `customers` are the collections. */
export type Query =
  | { readonly kind: 'find'; readonly filter: Document; readonly sort?: Document; readonly limit: number }
  | { readonly kind: 'count'; readonly filter: Document }
  | { readonly kind: 'aggregate'; readonly from?: 'customers'; readonly pipeline: Document[] };

export interface Case {
  readonly what: string;
  readonly query: Query;
  /** Most CPU, ms, with 200,000 documents. */
  readonly target?: number;
}

/** The indexes that the cases rely on. */
export const indexes: readonly Document[] = [
  { number: 1 },
  { customerId: 1 },
  { status: 1 },
  { createdAt: 1 },
];

const nested: Document = { 'address.city': 'Paris', amount: { $gt: 500 }, tags: 'gift' };

export const cases: readonly Case[] = [
  {
    what: 'find by equality, indexed',
    query: { kind: 'find', filter: { number: 'ORD-00012345' }, limit: 20 },
    target: 1,
  },
  {
    what: 'find by equality, indexed, 20 of about 200',
    query: { kind: 'find', filter: { customerId: 42 }, limit: 20 },
    target: 1,
  },
  {
    what: 'nested equality, range, array: sum of the matches',
    query: {
      kind: 'aggregate',
      pipeline: [{ $match: nested }, { $group: { _id: null, total: { $sum: '$amount' } } }],
    },
    target: 300,
  },
  {
    what: 'nested equality, range, array: count',
    query: { kind: 'count', filter: nested },
    target: 300,
  },
  {
    what: '$group by status: count, avg, max',
    query: {
      kind: 'aggregate',
      pipeline: [
        {
          $group: {
            _id: '$status',
            count: { $sum: 1 },
            average: { $avg: '$amount' },
            highest: { $max: '$amount' },
          },
        },
      ],
    },
    target: 900,
  },
  {
    what: '$lookup into 1,000, $unwind, $group',
    query: {
      kind: 'aggregate',
      pipeline: [
        { $lookup: { from: 'customers', localField: 'customerId', foreignField: '_id', as: 'customer' } },
        { $unwind: '$customer' },
        { $group: { _id: '$customer.tier', count: { $sum: 1 }, total: { $sum: '$amount' } } },
      ],
    },
    target: 900,
  },
  {
    what: 'sort, limit 20, indexed',
    query: { kind: 'find', filter: {}, sort: { createdAt: -1 }, limit: 20 },
    target: 1,
  },
  {
    what: 'sort, limit 20, not indexed',
    query: { kind: 'find', filter: {}, sort: { amount: -1 }, limit: 20 },
    target: 500,
  },
  {
    what: '$sort, $limit 20, not indexed',
    query: { kind: 'aggregate', pipeline: [{ $sort: { 'address.postcode': 1 } }, { $limit: 20 }] },
    target: 500,
  },
  {
    what: 'count by an indexed field',
    query: { kind: 'count', filter: { status: 'paid' } },
    target: 3,
  },
  {
    what: '$unwind of items, $group',
    query: {
      kind: 'aggregate',
      pipeline: [
        { $unwind: '$items' },
        { $group: { _id: '$items.qty', count: { $sum: 1 }, total: { $sum: '$items.price' } } },
      ],
    },
  },
  {
    what: '5 customers with all their orders',
    query: {
      kind: 'aggregate',
      from: 'customers',
      pipeline: [
        { $limit: 5 },
        { $lookup: { from: 'orders', localField: '_id', foreignField: 'customerId', as: 'orders' } },
        { $project: { orders: { $size: '$orders' } } },
      ],
    },
  },
];
