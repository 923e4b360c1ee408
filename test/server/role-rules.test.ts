// Rules for rows and fields through every door; `test/stores/documents/guarded` has them one by one.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Client } from '@modelcontextprotocol/client';
import { expect, test } from 'vitest';
import { call, failure, rowsOf, summaryOf } from '../support/answers.ts';
import { temporaryDirectory, testCall } from '../support/call.ts';
import { clientOf, openedApp } from '../support/connected.ts';

const operations = ['read', 'ingest', 'run', 'write', 'destroy'] as const;

const data = {
  orders: [
    { _id: 1, tenant: 'north', total: 5, card: 'n-secret' },
    { _id: 2, tenant: 'south', total: 7, card: 's-secret' },
    { _id: 3, tenant: 'north', total: 9, card: 'n-secret' },
  ],
  tenants: [
    { _id: 'north', plan: 'small' },
    { _id: 'south', plan: 'large' },
  ],
  salaries: [{ _id: 1, pay: 99 }],
};

const roles = {
  tenant: {
    operations: ['read', 'run', 'write'],
    collections: ['embedded/main/*', '!embedded/main/salaries'],
    rows: [
      { collection: 'embedded/main/orders', filter: { tenant: '$caller.tenant' } },
      { collection: 'embedded/main/tenants', filter: { _id: '$caller.tenant' } },
    ],
    hidden: [{ collection: '*/*/orders', fields: ['card'] }],
  },
  // May write where it may not read what others wrote.
  clerk: { operations: ['read'], collections: ['embedded/main/tenants'] },
  writer: { operations: ['write'], collections: ['embedded/main/orders'] },
};

const workflow = `document: { dsl: '1.0.3', namespace: test, name: mine, version: '1.0.0' }
do:
  - look: { call: find, with: { collection: orders }, output: { as: '\${ [.rows[]._id] }' } }
`;

async function opened() {
  const folder = await temporaryDirectory();
  await writeFile(join(folder, 'mine.yaml'), workflow);
  const settings = { roles, workflowFolders: [folder], enableWrites: true, confirmWrites: 'never' } as never;
  const app = await openedApp({ data, settings });
  const as = (names: readonly string[], tenant?: string): Promise<Client> =>
    clientOf(app, {
      caller: {
        id: names.join('+'),
        scopes: operations,
        roles: names,
        ...(tenant !== undefined && { claims: { tenant } }),
      },
    });
  return { app, as };
}

const idsOf = (rows: readonly Record<string, unknown>[]): unknown[] => rows.map(({ _id }) => _id);

test('a caller finds the rows of its tenant, without the hidden field', async () => {
  const { as } = await opened();
  const client = await as(['tenant'], 'north');
  const rows = rowsOf(await call(client, 'find', { collection: 'orders' }));
  expect(rows).toEqual([
    { _id: 1, tenant: 'north', total: 5 },
    { _id: 3, tenant: 'north', total: 9 },
  ]);
  expect((await call(client, 'count', { collection: 'orders' })).structuredContent).toMatchObject({
    count: 2,
  });
  expect(rowsOf(await call(client, 'distinct', { collection: 'orders', key: 'total' }))).toEqual([5, 9]);
});

test('a caller whose token lacks the claim finds no row', async () => {
  const { as } = await opened();
  expect(rowsOf(await call(await as(['tenant']), 'find', { collection: 'orders' }))).toEqual([]);
});

test('a join shows of the other collection what the caller may see of it', async () => {
  const { as } = await opened();
  const pipeline = [
    { $lookup: { from: 'tenants', pipeline: [], as: 'all' } },
    { $project: { all: '$all.plan' } },
  ];
  const rows = rowsOf(
    await call(await as(['tenant'], 'south'), 'aggregate', { collection: 'orders', pipeline }),
  );
  expect(rows).toEqual([{ _id: 2, all: ['large'] }]);
});

test('a step of a workflow sees what its caller sees', async () => {
  const { as } = await opened();
  const { structuredContent } = await call(await as(['tenant'], 'north'), 'run_workflow', {
    workflow: 'mine',
  });
  expect(structuredContent).toMatchObject({ state: 'completed', output: [1, 3] });
});

test('an export has what the caller may see', async () => {
  const { as } = await opened();
  const client = await as(['tenant'], 'north');
  const answer = await call(client, 'export', { collection: 'orders', format: 'csv' });
  const [, id = ''] = /hydrogen:\/\/exports\/([\w.-]+)/.exec(JSON.stringify(answer.content)) ?? [];
  const { contents } = await client.readResource({ uri: `hydrogen://exports/${id}` });
  const text = JSON.stringify(contents);
  expect(text).toContain('north');
  expect(text).not.toMatch(/south|secret/);
});

test('a hidden collection is in no list, completion, description or error', async () => {
  const { as } = await opened();
  const client = await as(['tenant'], 'north');
  const seen = JSON.stringify([
    await call(client, 'list_collections'),
    await call(client, 'list_databases'),
    await client.listResources(),
    await client.complete({
      ref: { type: 'ref/resource', uri: 'hydrogen://collections/{database}/{collection}' },
      argument: { name: 'collection', value: '' },
      context: { arguments: { database: 'main' } },
    }),
    await failure(client, 'find', { collection: 'salarie' }),
    await failure(client, 'find', { collection: 'salaries' }),
  ]).replaceAll('\\"salaries\\" in database', '');
  expect(seen).not.toContain('salaries');
});

test('a description tells nothing of other rows and hidden fields', async () => {
  const { as } = await opened();
  const answer = await call(await as(['tenant'], 'north'), 'describe_collection', { collection: 'orders' });
  const text = JSON.stringify(answer.content);
  expect(text).toContain('total');
  expect(text).not.toMatch(/south|card|secret/);
  expect(summaryOf(answer)).toMatch(/2 documents/);
});

test('what is written must be a row of the caller', async () => {
  const { app, as } = await opened();
  const client = await as(['tenant'], 'north');
  await call(client, 'insert', { collection: 'orders', documents: [{ _id: 4, tenant: 'north', total: 1 }] });
  await failure(client, 'insert', {
    collection: 'orders',
    documents: [{ _id: 5, tenant: 'south', total: 1 }],
  });
  await failure(client, 'update', {
    collection: 'orders',
    filter: { _id: 1 },
    update: { $set: { tenant: 'south' } },
  });
  await failure(client, 'update', {
    collection: 'orders',
    filter: { _id: 1 },
    update: { $set: { card: 'x' } },
  });
  await call(client, 'update', {
    collection: 'orders',
    filter: {},
    update: { $inc: { total: 1 } },
    many: true,
  });
  const { store } = app.connections.get('embedded');
  const { documents } = await store.find(
    {
      database: 'main',
      collection: 'orders',
      filter: {},
      skip: 0,
      limit: 9,
      maxBytes: 9_999,
      sort: { _id: 1 },
    },
    testCall(),
  );
  expect(documents.map(({ _id, total, tenant }) => [_id, total, tenant])).toEqual([
    [1, 6, 'north'],
    [2, 7, 'south'],
    [3, 10, 'north'],
    [4, 2, 'north'],
  ]);
});

test('who may read one collection and write another one cannot read the other', async () => {
  const { as } = await opened();
  const client = await as(['clerk', 'writer']);
  expect(idsOf(rowsOf(await call(client, 'find', { collection: 'tenants' })))).toEqual(['north', 'south']);
  expect(await failure(client, 'find', { collection: 'orders' })).toMatch(/There is no collection "orders"/);
  await call(client, 'insert', { collection: 'orders', documents: [{ _id: 9 }] });
  expect(await failure(client, 'insert', { collection: 'tenants', documents: [{ _id: 'x' }] })).toMatch(
    /let it read "tenants", not change it/,
  );
});
