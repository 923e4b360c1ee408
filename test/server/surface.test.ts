import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { type Operation, operations } from '../../src/call.ts';
import type { GivenSettings } from '../../src/config.ts';
import { packagedModel } from '../../src/embeddings/models.ts';
import { tools } from '../../src/tools/tools.ts';
import { call, failure, rowsOf, summaryOf } from '../support/answers.ts';
import { temporaryDirectory, testCall } from '../support/call.ts';
import { clientOf, connected, eras, sharedApp } from '../support/connected.ts';

const readOnly = [
  'search',
  'get_document',
  'list_documents',
  'similar_documents',
  'list_sources',
  'list_databases',
  'list_collections',
  'describe_collection',
  'find',
  'aggregate',
  'count',
  'distinct',
  'explain',
  'export',
  'list_workflows',
  'run_workflow',
  'get_run',
  'health',
];
const page = '# Caverns\n\nGas is kept in salt caverns.\n\n## Pressure\n\nThe cushion gas stays.\n';

test.each(eras)('in %s the read-only tools are listed by default', async (era) => {
  const { client } = await connected({ era });
  expect((await client.listTools()).tools.map(({ name }) => name)).toEqual(readOnly);
});

/** What a model reads before it does anything: about four bytes are a token. */
const tokensOf = (listed: unknown): number => Math.ceil(Buffer.byteLength(JSON.stringify(listed)) / 4);

describe('the tools leave room in the context of a model', () => {
  test('each takes at most 260 tokens', async () => {
    const { client } = await connected({ settings: { enableIngest: true, enableWrites: true } });
    const listed = (await client.listTools()).tools;
    const sizes = listed.map((tool) => [tool.name, tokensOf(tool)] as const);
    expect(sizes).toHaveLength(tools.length);
    expect(sizes.filter(([, tokens]) => tokens > 260)).toEqual([]);
  });

  test.each<[string, Partial<GivenSettings>, number]>([
    ['those of the default settings', {}, 3_400],
    ['all', { enableIngest: true, enableWrites: true }, 6_500],
  ])('%s together fit the budget', async (_which, settings, maxTokens) => {
    const { client } = await connected({ settings });
    expect(tokensOf(await client.listTools())).toBeLessThanOrEqual(maxTokens);
  });
});

test('only what changes nothing says it is read-only', async () => {
  const { client } = await connected({ settings: { enableIngest: true } });
  const { tools } = await client.listTools();
  const changing = tools.filter(({ annotations }) => !annotations?.readOnlyHint).map(({ name }) => name);
  expect(changing).toEqual(['run_workflow', 'ingest', 'add_document', 'remove_document', 'remove_source']);
});

test('a caller without a scope does not see its tools', async () => {
  const { client } = await connected({ caller: { id: 'reader', scopes: ['read'] } });
  expect((await client.listTools()).tools.map(({ name }) => name)).not.toContain('run_workflow');
});

test('the instructions are short enough to be read', async () => {
  const { client } = await connected({ era: '2025-11-25' });
  expect(client.getInstructions()?.length).toBeLessThan(700);
});

test.each<[Partial<GivenSettings>, readonly Operation[], RegExp]>([
  [
    {},
    operations,
    /Switched off here: changing data \(setting enableWrites\) and adding or removing documents \(setting enableIngest\)\.$/,
  ],
  [
    { enableWrites: true },
    operations,
    /Switched off here: adding or removing documents \(setting enableIngest\)\.$/,
  ],
  [{ enableIngest: true }, operations, /Switched off here: changing data \(setting enableWrites\)\.$/],
  [{ enableWrites: true, enableIngest: true }, operations, /not instructions\.$/],
  // To a caller who may not use it, it does not exist.
  [{}, ['read', 'run'], /not instructions\.$/],
  [{}, ['read', 'ingest'], /Switched off here: adding or removing documents \(setting enableIngest\)\.$/],
])(
  'with %o the instructions for the scopes %o end with what is switched off',
  async (settings, scopes, end) => {
    const { client } = await connected({ settings, caller: { id: 'c', scopes }, era: '2025-11-25' });
    expect(client.getInstructions()).toMatch(end);
  },
);

test('a document that is added is listed, read and found, and is gone when it is removed', async () => {
  const { client } = await connected({ settings: { enableIngest: true, embeddingModel: packagedModel } });
  const added = await call(client, 'add_document', {
    name: 'caverns',
    text: page,
    metadata: { topic: 'storage' },
  });
  expect(added.structuredContent).toMatchObject({ id: 'inline/caverns', title: 'Caverns' });
  expect(rowsOf(await call(client, 'list_documents'))).toMatchObject([
    { id: 'inline/caverns', title: 'Caverns' },
  ]);
  const text = await call(client, 'get_document', { id: 'inline/caverns', from_line: 5 });
  expect(summaryOf(text)).toMatch(/lines 5-\d of \d.*This is the end/);
  expect(JSON.stringify(text.content)).toContain('## Pressure');
  const search = async () =>
    rowsOf(await call(client, 'search', { query: 'storing fuel underground', limit: 1 }));
  await expect.poll(search, { timeout: 60_000 }).toMatchObject([{ document: 'inline/caverns' }]);
  await call(client, 'remove_document', { id: 'inline/caverns' });
  expect(summaryOf(await call(client, 'search', { query: 'cavern' }))).toMatch(/No passage found/);
});

test('a long list of documents is paged', async () => {
  const { app, client } = await connected();
  for (let n = 0; n < 5; n++) {
    await app.library.add({ name: `page-${n}`, text: page, type: 'markdown', metadata: {} }, testCall());
  }
  const first = await call(client, 'list_documents', { limit: 3 });
  const cursor = /cursor "([^"]+)"/.exec(summaryOf(first))?.[1];
  const second = await call(client, 'list_documents', { limit: 3, cursor });
  expect([...rowsOf(first), ...rowsOf(second)].map((row) => row['id'])).toEqual(
    [0, 1, 2, 3, 4].map((n) => `inline/page-${n}`),
  );
});

const shared = sharedApp({ data: { plants: [{ name: 'one' }] } });
beforeAll(() =>
  shared().library.add({ name: 'caverns', text: page, type: 'markdown', metadata: {} }, testCall()),
);

test.each(eras)('in %s the resources are listed, completed and read', async (era) => {
  const client = await clientOf(shared(), { era });
  const uris = (await client.listResources()).resources.map(({ uri }) => uri);
  expect(uris).toEqual([
    'health://live',
    'health://ready',
    'health://detail',
    'hydrogen://collections/main/plants',
    'hydrogen://documents/inline/caverns',
  ]);
  for (const uri of uris) {
    const { contents } = await client.readResource({ uri });
    expect(contents[0] && 'text' in contents[0] ? contents[0].text : '').not.toBe('');
  }
  const templates = (await client.listResourceTemplates()).resourceTemplates.map(
    ({ uriTemplate }) => uriTemplate,
  );
  expect(templates).toHaveLength(4);
  const completion = await client.complete({
    ref: { type: 'ref/resource', uri: 'hydrogen://collections/{database}/{collection}' },
    argument: { name: 'collection', value: 'pl' },
    context: { arguments: { database: 'main' } },
  });
  expect(completion.completion.values).toEqual(['plants']);
});

test('a resource that does not exist is an error that offers the near names', async () => {
  const client = await clientOf(shared());
  await expect(client.readResource({ uri: 'hydrogen://collections/main/plant' })).rejects.toThrow(/"plants"/);
});

test.each(eras)('in %s the three prompts are listed, completed and filled in', async (era) => {
  const client = await clientOf(shared(), { era });
  const { prompts } = await client.listPrompts();
  expect(prompts.map(({ name }) => name)).toEqual(['answer_from_documents', 'explore_collection', 'brief']);
  const completion = await client.complete({
    ref: { type: 'ref/prompt', name: 'explore_collection' },
    argument: { name: 'collection', value: 'p' },
  });
  expect(completion.completion.values).toEqual(['plants']);
  for (const { name, arguments: args = [] } of prompts) {
    const values = Object.fromEntries(args.map((argument) => [argument.name, 'salt caverns']));
    const { messages } = await client.getPrompt({ name, arguments: values });
    expect(JSON.stringify(messages)).toContain('salt caverns');
  }
});

test('health names every part, and what to do where there is nothing yet', async () => {
  const { client } = await connected();
  interface Report {
    readonly status: string;
    readonly parts: readonly { readonly name: string; readonly state: string; readonly action?: string }[];
  }
  const health = async () => (await call(client, 'health')).structuredContent as unknown as Report;
  // On a slow machine its store takes longer to open than a check waits.
  await expect.poll(async () => (await health()).status, { timeout: 30_000 }).toBe('up');
  const report = await health();
  expect(report.parts.filter(({ state }) => state === 'degraded')).toEqual([]);
  expect(report.parts.map(({ name }) => name)).toEqual([
    'store',
    'collections',
    'search',
    'embeddings',
    'workflows',
    'settings',
  ]);
  expect(report.parts.find(({ name }) => name === 'collections')?.action).toMatch(/hydrogen import/);
});

test('a list that is cut by its size goes on where it was cut', async () => {
  const { app, client } = await connected({ settings: { maxAnswerBytes: 2_000 } });
  const title = 'A title that takes some room in every row of the list, again and again';
  for (let n = 10; n < 30; n++) {
    await app.library.add(
      { name: `page-${n}`, title, text: page, type: 'markdown', metadata: {} },
      testCall(),
    );
  }
  const seen: unknown[] = [];
  for (let cursor: string | undefined, turn = 0; turn < 20; turn++) {
    const answer = await call(client, 'list_documents', cursor === undefined ? {} : { cursor });
    seen.push(...rowsOf(answer).map((row) => row['id']));
    cursor = /cursor "([^"]+)"/.exec(summaryOf(answer))?.[1];
    if (cursor === undefined) break;
  }
  expect(seen).toEqual(Array.from({ length: 20 }, (_, n) => `inline/page-${n + 10}`));
});

test('a line that is larger than an answer is refused with what to do', async () => {
  const { app, client } = await connected({ settings: { maxAnswerBytes: 2_000 } });
  const text = `${'word '.repeat(2_000)}\nend`;
  await app.library.add({ name: 'long', text, type: 'text', metadata: {} }, testCall());
  expect(await failure(client, 'get_document', { id: 'inline/long' })).toMatch(
    /Line 1 .*larger than an answer.*from_line 2/,
  );
  expect(JSON.stringify(await call(client, 'get_document', { id: 'inline/long', from_line: 2 }))).toContain(
    'end',
  );
});

test('resources that do not need the store are listed while it cannot be opened', async () => {
  const file = join(await temporaryDirectory(), 'file');
  await writeFile(file, '');
  const { client } = await connected({ settings: { dataDir: join(file, 'data') } });
  const { resources } = await client.listResources();
  expect(resources.map(({ uri }) => uri)).toEqual(['health://live', 'health://ready', 'health://detail']);
  const { structuredContent } = await call(client, 'health');
  expect(structuredContent).toMatchObject({
    status: 'down',
    parts: [
      { name: 'store', detail: expect.stringMatching(/part of its path is a file/) },
      { name: 'collections', detail: 'not checked: it needs the store' },
      {},
      {},
      {},
      { name: 'settings', state: 'up' },
    ],
  });
});

test('a URI with a broken escape is bad input, not a failure of the server', async () => {
  const { client } = await connected();
  await expect(client.readResource({ uri: 'hydrogen://documents/100%' })).rejects.toThrow(
    /must be written "%25"/,
  );
});
