import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ObjectId } from 'bson';
import { beforeAll, describe, expect, test } from 'vitest';
import type { App } from '../../src/app.ts';
import type { GivenSettings } from '../../src/config.ts';
import type { Document } from '../../src/mql/index.ts';
import type { Tool } from '../../src/tools/common/define.ts';
import { executeTool } from '../../src/tools/common/execute.ts';
import { tools } from '../../src/tools/tools.ts';
import { call, failure } from '../support/answers.ts';
import { temporaryDirectory, testCall } from '../support/call.ts';
import { beginWith, clientOf, connected, openedApp, sharedApp } from '../support/connected.ts';

const plants = [
  {
    _id: 1,
    type: 'PEM',
    mw: 10,
    sites: [
      { name: 'a', n: 1 },
      { name: 'b', n: 2 },
    ],
  },
  { _id: 2, type: 'PEM', mw: 20, sites: [] },
  { _id: 3, type: 'SOEC', mw: 5, sites: [] },
];

async function documentsOf(app: App, collection = 'plants'): Promise<readonly Document[]> {
  const query = { database: 'main', collection, filter: {}, sort: { _id: 1 }, skip: 0 };
  const { store } = app.connections.get();
  return (await store.find({ ...query, limit: 1_000, maxBytes: 1e6 }, testCall())).documents;
}

const mayWrite = { enableWrites: true, confirmWrites: 'never' } as const;
const shared = sharedApp({ settings: mayWrite });

/** A client that may write without being asked, where there are the plants and nothing else. */
async function writing(more?: Partial<GivenSettings>) {
  const app = more ? await openedApp({ settings: { ...mayWrite, ...more } }) : shared();
  await beginWith(app, { plants });
  return { app, client: await clientOf(app), all: (collection?: string) => documentsOf(app, collection) };
}

const toPem = { collection: 'plants', filter: { type: 'PEM' } };

test.each(['insert', 'update', 'delete', 'create_index', 'drop_index', 'drop_collection'])(
  '%s is not offered unless writes are enabled',
  async (name) => {
    const { client } = await connected();
    expect((await client.listTools()).tools.map((tool) => tool.name)).not.toContain(name);
    expect(await failure(client, name)).toMatch(
      `The tool "${name}" is switched off here: the setting enableWrites (HYDROGEN_ENABLE_WRITES) is false.`,
    );
  },
);

test('tools that write say that they do', async () => {
  const { client } = await writing();
  const { tools: offered } = await client.listTools();
  const writes = offered.filter(({ annotations }) => annotations?.destructiveHint).map(({ name }) => name);
  expect(writes).toEqual(['insert', 'update', 'delete', 'create_index', 'drop_index', 'drop_collection']);
});

test('documents are inserted with their types, and their ids are told', async () => {
  const { client, all } = await writing();
  const id = { $oid: '507f1f77bcf86cd799439011' };
  const { structuredContent } = await call(client, 'insert', {
    collection: 'sites',
    documents: [
      { _id: id, opened: { $date: '2026-01-31T00:00:00Z' } },
      { _id: 'b', mw: 1.5 },
    ],
  });
  expect(structuredContent).toMatchObject({ inserted: 2, ids: [id, 'b'] });
  expect(await all('sites')).toEqual([
    { _id: 'b', mw: 1.5 },
    { _id: new ObjectId(id.$oid), opened: new Date('2026-01-31') },
  ]);
});

test('an insert that makes a collection says so, and names the near one', async () => {
  const { client } = await writing();
  const noteOf = async (collection: string): Promise<unknown> => {
    const answer = await call(client, 'insert', { collection, documents: [{ mw: 1 }] });
    return (answer.structuredContent as { note?: string }).note;
  };
  expect(await noteOf('plant')).toMatch(/"plant" was created\. There was no collection "plant".*"plants"/);
  expect(await noteOf('sites')).toBe('The collection "sites" was created.');
  expect(await noteOf('sites')).toBeUndefined();
});

test('an index on a field that no document has says so', async () => {
  const { client } = await writing();
  const { structuredContent } = await call(client, 'create_index', {
    collection: 'plants',
    key: { tpye: 1 },
  });
  expect(structuredContent).toMatchObject({
    created: true,
    note: expect.stringMatching(/"tpye": did you mean "type"/),
  });
});

test('a document that cannot be inserted leaves none of the others', async () => {
  const { client, all } = await writing();
  const documents = [{ _id: 8 }, { _id: 2 }, { _id: 9 }];
  expect(await failure(client, 'insert', { collection: 'plants', documents })).toMatch(
    /_id 2 already exists in "plants"\. Nothing was changed/,
  );
  expect(await all()).toEqual(plants);
});

test('the first match is updated, or all with many', async () => {
  const { client, all } = await writing();
  const update = { $inc: { mw: 1 } };
  expect((await call(client, 'update', { ...toPem, update })).structuredContent).toEqual({
    matched: 1,
    changed: 1,
  });
  expect((await call(client, 'update', { ...toPem, update, many: true })).structuredContent).toEqual({
    matched: 2,
    changed: 2,
  });
  expect((await all()).map(({ mw }) => mw)).toEqual([12, 21, 5]);
});

test('an update that changes nothing says so', async () => {
  const { client } = await writing();
  const update = { $set: { type: 'PEM' } };
  const answer = await call(client, 'update', { ...toPem, update, many: true });
  expect(answer.structuredContent).toEqual({ matched: 2, changed: 0 });
});

test('array filters and pipelines update as in MongoDB', async () => {
  const { client, all } = await writing();
  await call(client, 'update', {
    collection: 'plants',
    filter: { _id: 1 },
    update: { $set: { 'sites.$[big].n': 9 } },
    array_filters: [{ 'big.n': { $gt: 1 } }],
  });
  await call(client, 'update', {
    collection: 'plants',
    filter: { _id: 1 },
    update: [{ $set: { kw: { $multiply: ['$mw', 1000] } } }, { $unset: 'mw' }],
  });
  expect((await all())[0]).toEqual({
    _id: 1,
    type: 'PEM',
    sites: [
      { name: 'a', n: 1 },
      { name: 'b', n: 9 },
    ],
    kw: 10_000,
  });
});

test('a replacement keeps the id and nothing else', async () => {
  const { client, all } = await writing();
  await call(client, 'update', {
    collection: 'plants',
    filter: { _id: 3 },
    replacement: { type: 'alkaline' },
  });
  expect((await all())[2]).toEqual({ _id: 3, type: 'alkaline' });
});

test('an upsert inserts what the filter and the update say, and begins a collection', async () => {
  const { client, all } = await writing();
  const answer = await call(client, 'update', {
    collection: 'counters',
    filter: { _id: 'runs' },
    update: { $inc: { n: 2 } },
    upsert: true,
  });
  expect(answer.structuredContent).toEqual({ matched: 0, changed: 0, upserted_id: 'runs' });
  expect(await all('counters')).toEqual([{ _id: 'runs', n: 2 }]);
});

test('an update that fails at one document changes none', async () => {
  const { client, app, all } = await writing();
  const { store } = app.connections.get();
  await store.insert({ database: 'main', collection: 'plants' }, [{ _id: 4, mw: 'many' }], testCall());
  const before = await all();
  const args = { collection: 'plants', filter: {}, update: { $inc: { mw: 1 } }, many: true };
  expect(await failure(client, 'update', args)).toMatch(/\$inc/);
  expect(await all()).toEqual(before);
});

test('an update that breaks a unique index changes nothing', async () => {
  const { client, all } = await writing();
  await call(client, 'create_index', { collection: 'plants', key: { mw: 1 }, unique: true });
  const args = { collection: 'plants', filter: {}, update: { $set: { mw: 7 } }, many: true };
  expect(await failure(client, 'update', args)).toMatch(/unique index "mw_1".*Nothing was changed/);
  expect(await all()).toEqual(plants);
});

test('the first match is deleted, or all with many', async () => {
  const { client, all } = await writing();
  expect((await call(client, 'delete', toPem)).structuredContent).toEqual({ deleted: 1 });
  expect((await call(client, 'delete', { ...toPem, many: true })).structuredContent).toEqual({ deleted: 1 });
  expect((await all()).map(({ _id }) => _id)).toEqual([3]);
});

test('a filter that matches nothing is told with why that may be', async () => {
  const { client, all } = await writing();
  const answer = await call(client, 'delete', { collection: 'plants', filter: { tipe: 'PEM' }, many: true });
  expect(answer.structuredContent).toEqual({
    deleted: 0,
    note: expect.stringMatching(/No document matches.*"tipe": did you mean "type"\?/),
  });
  expect(await all()).toEqual(plants);
});

test('an index is made once and dropped by its name', async () => {
  const { client } = await writing();
  const index = { collection: 'plants', key: { type: 1, mw: -1 } };
  expect((await call(client, 'create_index', index)).structuredContent).toEqual({
    name: 'type_1_mw_-1',
    created: true,
  });
  expect((await call(client, 'create_index', index)).structuredContent).toMatchObject({ created: false });
  expect(await failure(client, 'drop_index', { collection: 'plants', name: 'type_1' })).toMatch(
    /no index "type_1"\. There is "type_1_mw_-1"/,
  );
  const name = 'type_1_mw_-1';
  expect((await call(client, 'drop_index', { collection: 'plants', name })).structuredContent).toEqual({
    dropped: name,
  });
  expect(await failure(client, 'drop_index', { collection: 'plants', name })).toMatch(/no index/);
});

test('a collection is dropped with all it holds', async () => {
  const { client } = await writing();
  const { structuredContent } = await call(client, 'drop_collection', { collection: 'plants' });
  expect(structuredContent).toEqual({ dropped: 'plants', documents: 3 });
  expect(await failure(client, 'count', { collection: 'plants' })).toMatch(
    /no (collection "plants"|database)/,
  );
});

test.each<[string, string, Record<string, unknown>]>([
  ['insert', 'insert', { collection: 'plants', documents: [{}, {}, {}] }],
  ['update', 'update', { collection: 'plants', filter: {}, update: { $set: { a: 1 } }, many: true }],
  ['delete', 'delete', { collection: 'plants', filter: {}, many: true }],
  ['dropped collection', 'drop_collection', { collection: 'plants' }],
])('an %s of more documents than one call may write changes nothing', async (_what, tool, args) => {
  const { client, all } = await writing({ maxWriteDocuments: 2 });
  expect(await failure(client, tool, args)).toMatch(/Nothing was changed.*2.*maxWriteDocuments/);
  expect(await all()).toEqual(plants);
});

describe('what cannot be done', () => {
  beforeAll(() => beginWith(shared(), { plants }));

  test.each<[string, string, Record<string, unknown>, RegExp]>([
    ['an update without a filter', 'update', { update: { $set: { a: 1 } } }, /argument "filter" is missing/],
    ['a delete without a filter', 'delete', { many: true }, /argument "filter" is missing/],
    [
      'an update that forgot $set',
      'update',
      { filter: {}, update: { a: 1 } },
      /needs operators.*"replacement"/,
    ],
    ['an empty update', 'update', { filter: {}, update: {} }, /needs operators/],
    ['an update that is text', 'update', { filter: {}, update: '{}' }, /argument "update" must be an object/],
    [
      'neither update nor replacement',
      'update',
      { filter: {} },
      /one of "update".*"pipeline".*"replacement"/,
    ],
    ['operators in a replacement', 'update', { filter: {}, replacement: { $set: {} } }, /\$set.*"update"/],
    ['a replacement of many', 'update', { filter: {}, replacement: { a: 1 }, many: true }, /one document/],
    ['an unknown operator', 'update', { filter: {}, update: { $sett: { a: 1 } } }, /\$sett/],
    ['another _id', 'update', { filter: {}, update: { $set: { _id: 9 } } }, /_id/],
    ['$where', 'delete', { filter: { $where: '1' } }, /\$where is refused/],
    [
      'JavaScript in an update',
      'update',
      { filter: {}, update: [{ $set: { a: { $function: {} } } }] },
      /\$function/,
    ],
    ['no documents', 'insert', { documents: [] }, /argument "documents"/],
    ['a document that is text', 'insert', { documents: ['{}'] }, /must be an object/],
    ['an _id that is an array', 'insert', { documents: [{ _id: [1] }] }, /_id cannot be of type array/],
    ['another kind of index', 'create_index', { key: { a: 'text' } }, /text/],
    ['the index of _id', 'drop_index', { name: '_id_' }, /_id/],
  ])('%s is refused and changes nothing', async (_what, tool, args, message) => {
    const asked = tools.find(({ name }) => name === tool) as Tool;
    await expect(executeTool(asked, { collection: 'plants', ...args }, shared(), testCall())).rejects.toThrow(
      message,
    );
    expect(await documentsOf(shared())).toEqual(plants);
  });
});

test.each(['update', 'delete', 'drop_index', 'drop_collection'])(
  '%s on a collection that does not exist offers the near names',
  async (tool) => {
    const { client } = await writing();
    const args = {
      update: { filter: {}, update: { $set: { a: 1 } } },
      delete: { filter: {} },
      drop_index: { name: 'a_1' },
      drop_collection: {},
    }[tool];
    expect(await failure(client, tool, { collection: 'plant', ...args })).toMatch(/"plant".*"plants"/);
  },
);

test('an aggregation cannot write, also where writes are enabled', async () => {
  const { client } = await writing();
  const args = { collection: 'plants', pipeline: [{ $out: 'copy' }] };
  expect(await failure(client, 'aggregate', args)).toMatch(/\$out is refused/);
});

test('a workflow cannot write', async () => {
  const folder = await temporaryDirectory();
  const tasks = 'do: [{ remove: { call: delete, with: { collection: plants, filter: {} } } }]';
  await writeFile(
    join(folder, 'remover.yaml'),
    `document: { dsl: '1.0.3', namespace: test, name: remover, version: '1.0.0' }\n${tasks}\n`,
  );
  const { client, all } = await writing({ workflowFolders: [folder] });
  expect(await failure(client, 'run_workflow', { workflow: 'remover' })).toMatch(/remover.*delete/s);
  expect(await all()).toEqual(plants);
});
