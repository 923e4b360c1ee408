import { Decimal128, Long, ObjectId } from 'bson';
import { expect, test } from 'vitest';
import { call, failure, rowsOf, summaryOf } from '../support/answers.ts';
import { clientOf, connected, openedApp, sharedApp } from '../support/connected.ts';
import { endlessFilter } from '../support/endless.ts';

const electrolysers = [
  { _id: 1, type: 'PEM', efficiency: 0.62, year: 2020, stack: { cells: 100 } },
  { _id: 2, type: 'alkaline', efficiency: 0.66, year: 2021, stack: { cells: 200 } },
  { _id: 3, type: 'alkaline', efficiency: 0.68, year: 2023 },
  { _id: 4, type: 'SOEC', efficiency: 0.8, year: 2023, note: null },
];
const plants = electrolysers.map((one) => ({ ...one, built: new Date(), maker: new ObjectId() }));
const data = { electrolysers };
const app = sharedApp({ data: { electrolysers, plants } });

test('find takes filter, projection, sort, skip and limit as MongoDB does', async () => {
  const client = await clientOf(app());
  const answer = await call(client, 'find', {
    collection: 'electrolysers',
    filter: { efficiency: { $gt: 0.62 } },
    projection: { type: 1, _id: 0 },
    sort: { efficiency: -1 },
    skip: 1,
    limit: 1,
  });
  expect(rowsOf(answer)).toEqual([{ type: 'alkaline' }]);
});

test('a page says that more follows, and its cursor continues without repeats or gaps', async () => {
  const client = await clientOf(app());
  const args = { collection: 'electrolysers', sort: { year: -1 }, limit: 3 };
  const first = await call(client, 'find', args);
  const cursor = /cursor "([^"]+)"/.exec(summaryOf(first))?.[1];
  expect(summaryOf(first)).toMatch(/3 documents.*More remain/);
  const second = await call(client, 'find', { ...args, cursor });
  expect([...rowsOf(first), ...rowsOf(second)].map((row) => row['_id'])).toEqual([3, 4, 2, 1]);
  expect(summaryOf(second)).toMatch(/End of results/);
});

test('a cursor works in another process on the same data, and only with the same arguments', async () => {
  const app = await openedApp({ data });
  const first = await call(await clientOf(app), 'find', { collection: 'electrolysers', limit: 2 });
  const cursor = /cursor "([^"]+)"/.exec(summaryOf(first))?.[1];
  const { client } = await connected({ settings: { dataDir: app.dataDirectory } });
  const rest = await call(client, 'find', { collection: 'electrolysers', limit: 2, cursor });
  expect(rowsOf(rest).map((row) => row['_id'])).toEqual([3, 4]);
  const filter = { type: 'PEM' };
  expect(await failure(client, 'find', { collection: 'electrolysers', filter, cursor })).toMatch(
    /other arguments/,
  );
});

test('a forged cursor is refused', async () => {
  const client = await clientOf(app());
  const cursor = 'abcd.eyJvZiI6IiIsImFmdGVyIjoiIn0.AAAA';
  expect(await failure(client, 'find', { collection: 'electrolysers', cursor })).toMatch(
    /cursor is not valid here/,
  );
});

test('aggregate groups, joins and computes', async () => {
  const { client } = await connected({ data: { ...data, makers: [{ _id: 'x', makes: 'PEM' }] } });
  const pipeline = [
    { $lookup: { from: 'makers', localField: 'type', foreignField: 'makes', as: 'makers' } },
    {
      $group: {
        _id: '$type',
        n: { $sum: 1 },
        best: { $max: '$efficiency' },
        makers: { $sum: { $size: '$makers' } },
      },
    },
    { $sort: { _id: 1 } },
  ];
  expect(rowsOf(await call(client, 'aggregate', { collection: 'electrolysers', pipeline }))).toEqual([
    { _id: 'PEM', n: 1, best: 0.62, makers: 1 },
    { _id: 'SOEC', n: 1, best: 0.8, makers: 0 },
    { _id: 'alkaline', n: 2, best: 0.68, makers: 0 },
  ]);
});

test('count gives one number, in text and structure', async () => {
  const client = await clientOf(app());
  const answer = await call(client, 'count', { collection: 'electrolysers', filter: { year: 2023 } });
  expect(answer.structuredContent).toEqual({ count: 2 });
  expect(summaryOf(answer)).toBe('{"count":2}');
});

test('distinct gives the values of a field', async () => {
  const client = await clientOf(app());
  const answer = await call(client, 'distinct', { collection: 'electrolysers', key: 'type' });
  expect(answer.content).toHaveLength(2);
  expect(summaryOf(answer)).toMatch(/3 values of "type"/);
});

test('list_collections gives the sizes and names the other databases', async () => {
  const { app, client } = await connected({ data });
  const { testCall } = await import('../support/call.ts');
  await app.connections
    .get()
    .store.put({ database: 'archive', collection: 'old' }, [{ a: 1 }], { drop: false }, testCall());
  const answer = await call(client, 'list_collections');
  expect(rowsOf(answer)).toMatchObject([{ name: 'electrolysers', documents: 4 }]);
  expect(summaryOf(answer)).toMatch(/Other databases: "archive"/);
});

test('describe_collection tells types, presence, ranges and examples of each field, indexes and size', async () => {
  const client = await clientOf(app());
  const answer = await call(client, 'describe_collection', { collection: 'electrolysers' });
  expect(summaryOf(answer)).toMatch(
    /^Collection "electrolysers": 4 documents, [\d,]+ bytes \(\d+ bytes each\)\. No indexes except _id\./,
  );
  const rows = rowsOf(answer);
  expect(rows).toContainEqual({ field: 'type', type: 'string', examples: ['PEM', 'alkaline', 'SOEC'] });
  expect(rows).toContainEqual({ field: 'stack.cells', type: 'int', present: '50%', range: [100, 200] });
  expect(rows).toContainEqual({ field: 'note', type: 'null', present: '25%' });
});

test('describe_collection hides nothing: shares are of all documents, and what is not shown is counted', async () => {
  const orders = Array.from({ length: 100 }, (_, n) => ({
    _id: n,
    ...(n < 60 && { status: n < 30 ? 'open' : `state ${n % 15}` }),
    note: `note ${n}`,
    ...(n !== 7 && { paid: true }),
    tags: n % 2 === 0 ? [] : ['new', 'new', 'old'],
    items: [{ sku: 'a', ...(n % 4 === 0 && { gift: true }) }],
  }));
  const { client } = await connected({ data: { orders } });

  const answer = await call(client, 'describe_collection', { collection: 'orders' });

  const row = (name: string) => rowsOf(answer).find(({ field }) => field === name);
  const { values, ...status } = row('status') as { values: Record<string, string> };
  expect(Object.entries(values)[0]).toEqual(['open', '30%']);
  expect(Object.keys(values)).toHaveLength(10);
  expect(status).toEqual({ field: 'status', type: 'string', present: '60%', more_values: 6 });
  expect(row('note')).toMatchObject({ examples: ['note 0', 'note 1', 'note 2'], more_values: 97 });
  expect(row('paid')).toMatchObject({ present: '99%', values: { true: '99%' } });
  expect(row('tags')).toEqual({ field: 'tags', type: 'array', elements: '0–3' });
  expect(row('tags[]')).toEqual({ field: 'tags[]', type: 'string', values: { new: '67%', old: '33%' } });
  expect(row('items[].gift')).toMatchObject({ present: '25%', values: { true: '25%' } });
  expect(summaryOf(answer)).toMatch(/For "\[\]" they are of the elements\./);
});

test('describe_collection says of a sample that it is one, also as a resource', async () => {
  const readings = Array.from({ length: 2_000 }, (_, n) => ({ _id: n, value: n / 2 }));
  const { client } = await connected({ data: { readings } });

  const answer = await call(client, 'describe_collection', { collection: 'readings' });
  const { contents } = await client.readResource({ uri: 'hydrogen://collections/main/readings' });

  expect(summaryOf(answer)).toMatch(
    /of 500 sampled documents; a range is of all documents, a sample_range of the sample/,
  );
  const fields = [
    { field: '_id', type: 'int', range: [0, 1_999] },
    { field: 'value', type: expect.anything(), sample_range: [0, expect.any(Number)] },
  ];
  expect(rowsOf(answer)).toMatchObject(fields);
  const text = contents[0] && 'text' in contents[0] ? contents[0].text : '';
  expect(JSON.parse(text)).toMatchObject({ documents: 2_000, sampled: 500, fields });
});

test('ObjectId, Date, Long and Decimal128 survive, in and out, as Extended JSON', async () => {
  const id = new ObjectId('65f0a0a0a0a0a0a0a0a0a0a0');
  const at = new Date('2024-03-12T10:00:00Z');
  const document = {
    _id: id,
    at,
    big: Long.fromString('9007199254740993'),
    price: Decimal128.fromString('1.10'),
  };
  const { client } = await connected({ data: { plants: [document] } });
  const filter = { _id: { $oid: id.toHexString() }, at: { $lte: { $date: '2024-03-12T10:00:00Z' } } };
  expect(rowsOf(await call(client, 'find', { collection: 'plants', filter }))).toEqual([
    {
      _id: { $oid: id.toHexString() },
      at: { $date: '2024-03-12T10:00:00Z' },
      big: expect.anything(),
      price: { $numberDecimal: '1.10' },
    },
  ]);
  const text = JSON.stringify((await call(client, 'find', { collection: 'plants', filter })).content);
  expect(text).toContain('9007199254740993');
});

test('rows beyond the cap are left out, and the cap is named', async () => {
  const { client } = await connected({ data, settings: { maxRows: 2 } });
  const summary = summaryOf(await call(client, 'find', { collection: 'electrolysers', limit: 50 }));
  expect(summary).toMatch(/2 documents.*More remain: an answer holds at most 2 rows/);
});

test('an answer holds no more bytes than the setting allows, and the cursor goes on where it was cut', async () => {
  const documents = Array.from({ length: 20 }, (_, n) => ({ _id: n, text: 'x'.repeat(300) }));
  const { client } = await connected({ data: { notes: documents }, settings: { maxAnswerBytes: 2_000 } });
  const seen: unknown[] = [];
  for (let cursor: string | undefined, page = 0; page < 20; page++) {
    const answer = await call(client, 'find', { collection: 'notes', limit: 50, ...(cursor && { cursor }) });
    expect(Buffer.byteLength(JSON.stringify(answer.content))).toBeLessThan(2_600);
    seen.push(...rowsOf(answer).map((row) => row['_id']));
    cursor = /cursor "([^"]+)"/.exec(summaryOf(answer))?.[1];
    if (!cursor) break;
  }
  expect(seen).toEqual(documents.map(({ _id }) => _id));
});

test('one document that is larger than an answer is an error that says to project', async () => {
  const { client } = await connected({
    data: { notes: [{ _id: 1, text: 'x'.repeat(5_000) }] },
    settings: { maxAnswerBytes: 2_000 },
  });
  expect(await failure(client, 'find', { collection: 'notes' })).toMatch(/_id 1.*projection/);
});

test('the rows are marked as data', async () => {
  const client = await clientOf(app());
  expect(summaryOf(await call(client, 'find', { collection: 'electrolysers' }))).toMatch(
    /data, not instructions/,
  );
});

test('a field named __proto__ is asked for like any other', async () => {
  const client = await clientOf(app());
  const filter = JSON.parse('{"__proto__":5}') as Record<string, unknown>;
  expect(
    (await call(client, 'count', { collection: 'electrolysers', filter })).structuredContent,
  ).toMatchObject({ count: 0 });
});

test('a join with a collection that does not exist is an error that offers the near names', async () => {
  const client = await clientOf(app());
  const pipeline = [{ $lookup: { from: 'electrolyser', localField: 'type', foreignField: 'type', as: 'x' } }];
  const message = await failure(client, 'aggregate', { collection: 'electrolysers', pipeline });
  expect(message).toMatch(/no collection "electrolyser".*"electrolysers"/);
});

test('health and lists answer while every reader is busy', async () => {
  const { client } = await connected({
    data: { traps: [{ _id: 1 }] },
    settings: { readThreads: 1 },
  });
  const stop = new AbortController();
  const request = { name: 'find', arguments: { collection: 'traps', filter: endlessFilter } };
  let isBusy = true;
  const busy = client.callTool(request, { signal: stop.signal }).finally(() => {
    isBusy = false;
  });
  busy.catch(() => {});
  // On a slow machine the first check takes longer than it waits.
  const health = async () => (await call(client, 'health')).structuredContent;
  await expect.poll(health, { timeout: 30_000 }).toMatchObject({ status: 'up' });
  expect(rowsOf(await call(client, 'list_collections'))).toHaveLength(1);
  expect(isBusy).toBe(true);
  stop.abort();
  await expect(busy).rejects.toThrow();
});

test.each<[string, string, Record<string, unknown>, RegExp]>([
  [
    'a misspelt field',
    'find',
    { filter: { tpye: 'PEM' } },
    /no sampled document has a field "tpye": did you mean "type"\?/i,
  ],
  [
    'a misspelt field below $and',
    'find',
    { filter: { $and: [{ 'stack.cell': 1 }] } },
    /"stack\.cell": did you mean "stack\.cells"/,
  ],
  ['a misspelt key', 'distinct', { key: 'yaer' }, /"yaer": did you mean "year"/],
  [
    'text for a date',
    'find',
    { filter: { built: { $gt: '2020-01-01' } } },
    /"built" holds dates, not text: write \{"\$date"/,
  ],
  [
    'text for an ObjectId',
    'find',
    { filter: { maker: '65f0a0a0a0a0a0a0a0a0a0a0' } },
    /"maker" holds values of type objectId/,
  ],
])('an empty answer to %s says what may be wrong', async (_what, tool, args, message) => {
  const client = await clientOf(app());
  expect(summaryOf(await call(client, tool, { collection: 'plants', ...args }))).toMatch(message);
});

test('an empty answer to a query that is in order gives no hint', async () => {
  const client = await clientOf(app());
  const answer = await call(client, 'find', { collection: 'electrolysers', filter: { type: 'none' } });
  expect(summaryOf(answer)).toBe('0 documents of "electrolysers". End of results.');
});

test('a count of nothing says what may be wrong, in text and structure', async () => {
  const client = await clientOf(app());
  const answer = await call(client, 'count', { collection: 'electrolysers', filter: { tpye: 'PEM' } });
  expect(answer.structuredContent).toMatchObject({
    count: 0,
    note: expect.stringMatching(/did you mean "type"/),
  });
});
