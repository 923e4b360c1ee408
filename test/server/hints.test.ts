import { expect, test } from 'vitest';
import { call, summaryOf } from '../support/answers.ts';
import { clientOf, sharedApp } from '../support/connected.ts';

const status = ['pending', 'paid', 'shipped'];
const orders = Array.from({ length: 30 }, (_, n) => ({
  _id: n,
  status: status[n % 3],
  amount: n + 0.5,
  postcode: String(10_000 + n),
  paid: n % 2 === 0,
  items: [{ sku: `SKU-${n}`, qty: 1 + (n % 4) }],
}));
const data = { orders };
const app = sharedApp({ data });

test.each<[string, string, Record<string, unknown>, RegExp]>([
  [
    'a value in another case',
    'find',
    { filter: { status: 'Paid' } },
    /No sampled document has "Paid" as "status": did you mean "paid"\?$/,
  ],
  [
    'a value like no other',
    'count',
    { filter: { status: { $in: ['unknown'] } } },
    /Values of .{1,2}status.{1,2} include .*pending/,
  ],
  ['text for a number', 'find', { filter: { amount: { $gt: '5' } } }, /"amount" holds numbers, not text/],
  ['a number for text', 'find', { filter: { postcode: 10_001 } }, /"postcode" holds text.*write "10001"/],
  ['text for true', 'find', { filter: { paid: 'true' } }, /"paid" holds true or false, not text/],
  [
    'a misspelt field below $elemMatch',
    'find',
    { filter: { items: { $elemMatch: { skv: 'SKU-1' } } } },
    /"items\.skv": did you mean "items\.sku"/,
  ],
  ['too large a skip', 'find', { skip: 40 }, /At most 40 documents match: "skip" skips them/],
  ['a misspelt $match', 'aggregate', { pipeline: [{ $match: { statu: 'paid' } }] }, /did you mean "status"/],
  ['a misspelt $unwind', 'aggregate', { pipeline: [{ $unwind: '$item' }] }, /"item": did you mean "items"/],
  ['an export of nothing', 'export', { filter: { statu: 'paid' } }, /did you mean "status"/],
])('nothing found because of %s is explained', async (_what, tool, args, message) => {
  const client = await clientOf(app());
  expect(summaryOf(await call(client, tool, { collection: 'orders', ...args }))).toMatch(message);
});

test.each<[string, string, Record<string, unknown>, RegExp]>([
  ['a sort', 'find', { sort: { amont: -1 } }, /field "amont": did you mean "amount"/],
  ['a projection', 'find', { projection: { amont: 1 } }, /field "amont": did you mean "amount"/],
  [
    'a group key',
    'aggregate',
    { pipeline: [{ $group: { _id: '$stats', n: { $sum: 1 } } }] },
    /field "stats": did you mean "status"/,
  ],
  [
    'a sum',
    'aggregate',
    { pipeline: [{ $group: { _id: '$status', total: { $sum: '$amont' } } }] },
    /field "amont": did you mean "amount"/,
  ],
  [
    'a $project',
    'aggregate',
    { pipeline: [{ $project: { _id: 0, 'items.skv': 1, amont: 1 } }] },
    /field "items\.skv": did you mean "items\.sku"/,
  ],
])('rows that are there in spite of a misspelt field in %s say so', async (_what, tool, args, message) => {
  const client = await clientOf(app());
  expect(summaryOf(await call(client, tool, { collection: 'orders', limit: 2, ...args }))).toMatch(message);
});

test.each<[string, string, Record<string, unknown>]>([
  ['a query of types', 'find', { filter: { amount: { $type: 'string' } } }],
  ['a range without matches', 'find', { filter: { amount: { $gt: 1_000 } } }],
  ['a field of an item', 'find', { filter: { 'items.0.sku': 'none' } }],
  ['a sum of nothing', 'aggregate', { pipeline: [{ $group: { _id: null, n: { $sum: 0 } } }] }],
  [
    'fields that the pipeline itself made',
    'aggregate',
    {
      pipeline: [
        { $set: { total: { $multiply: ['$amount', 0] } } },
        { $lookup: { from: 'orders', localField: '_id', foreignField: 'none', as: 'others' } },
        { $project: { total: 1, others: 1 } },
      ],
    },
  ],
])('%s gets no hint', async (_what, tool, args) => {
  const client = await clientOf(app());
  const summary = summaryOf(await call(client, tool, { collection: 'orders', ...args }));
  expect(summary).not.toMatch(/No document looked at|holds|such as/);
});

test('a limit that was reached says how far it may be raised', async () => {
  const client = await clientOf(app());
  const summary = summaryOf(await call(client, 'find', { collection: 'orders', limit: 2 }));
  expect(summary).toMatch(/More remain: the limit is 2 \(at most 100\)/);
});
