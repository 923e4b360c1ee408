// `toolPrefix`: two servers in one agent whose tools have different names. A model is told the names that it can call,
// wherever a text of ours names a tool; data, workflows and the log have the plain ones.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Client } from '@modelcontextprotocol/client';
import { pino } from 'pino';
import { expect, test } from 'vitest';
import { settings as configSettings, type GivenSettings } from '../../src/config.ts';
import { tools } from '../../src/tools/tools.ts';
import { call, failure, rowsOf, summaryOf } from '../support/answers.ts';
import { temporaryDirectory, testCall } from '../support/call.ts';
import { clientOf, connected, eras } from '../support/connected.ts';

const data = { plants: [{ _id: 1, note: 'see describe_collection and `find`', at: new Date(0) }] };
const withPrefix = (settings: Partial<GivenSettings> = {}, more: object = {}) =>
  connected({
    data,
    settings: { toolPrefix: 'sales_', enableWrites: true, enableIngest: true, ...settings },
    ...more,
  });

const names = tools.map(({ name }) => name);
/** Tools that a text names without the prefix: those of several words, and those of one in backticks. */
function plainNames(text: string): string[] {
  const found = names.flatMap((name) => [
    ...(name.includes('_') ? [...text.matchAll(new RegExp(`(?<!\\w)${name}(?!\\w)`, 'g'))] : []),
    ...text.matchAll(new RegExp(`\`${name}\`|the ${name} tool`, 'g')),
  ]);
  return found.map(([name]) => name);
}

test.each(eras)('in %s tools are listed and called by the names with the prefix', async (era) => {
  const { client } = await withPrefix({}, { era });
  expect((await client.listTools()).tools.map(({ name }) => name)).toEqual(
    names.map((name) => `sales_${name}`),
  );
  expect((await call(client, 'sales_count', { collection: 'plants' })).structuredContent).toEqual({
    count: 1,
  });
  await expect(client.callTool({ name: 'count', arguments: { collection: 'plants' } })).rejects.toThrow(
    /Tool count not found/,
  );
});

async function textsOf(client: Client): Promise<string[]> {
  const { tools: listed } = await client.listTools();
  const { prompts } = await client.listPrompts();
  const filled = prompts.map(({ name, arguments: args = [] }) =>
    client.getPrompt({ name, arguments: Object.fromEntries(args.map((argument) => [argument.name, 'gas'])) }),
  );
  return [
    client.getInstructions() ?? '',
    ...listed.map(({ name: _name, ...rest }) => JSON.stringify(rest)),
    ...prompts.map(({ description = '' }) => description),
    ...(await Promise.all(filled)).map(({ messages }) => JSON.stringify(messages)),
    ...(await client.listResources()).resources.map(({ description = '' }) => description),
    ...(await client.listResourceTemplates()).resourceTemplates.map(({ description = '' }) => description),
  ];
}

test('instructions, descriptions and prompts name no tool that is not there', async () => {
  const plain = await connected({ data, settings: { enableWrites: true }, era: '2025-11-25' });
  expect((await textsOf(plain.client)).flatMap(plainNames).length).toBeGreaterThan(15);
  const { client } = await withPrefix({}, { era: '2025-11-25' });
  const texts = await textsOf(client);
  expect(texts.flatMap(plainNames)).toEqual([]);
  expect(texts[0]).toMatch(/\(`sales_search`, sales_get_document\)/);
});

test('answers and errors name the tools with the prefix', async () => {
  const { client } = await withPrefix();
  expect(await failure(client, 'sales_find', { colection: 'x' })).toMatch(
    /^sales_find: .*unknown argument "colection"/,
  );
  expect(await failure(client, 'sales_get_run', {})).toMatch(/^sales_get_run: argument "run_id" is missing/);
  expect(await failure(client, 'sales_ingest', { paths: ['x'] })).toMatch(
    /send text with sales_add_document/,
  );
  expect(await failure(client, 'sales_get_document', { id: 'x' })).toMatch(
    /sales_list_documents shows the ids/,
  );
  const empty = await call(client, 'sales_find', { collection: 'plants', filter: { zzzzzz: 1 } });
  expect(summaryOf(empty)).toMatch(/see sales_describe_collection/);
});

test('a tool that is switched off, and one to call again, are named like that', async () => {
  const { client } = await withPrefix({ enableIngest: false, confirmBy: 'either' });
  expect(await failure(client, 'sales_ingest', {})).toMatch(/The tool "sales_ingest" is switched off here/);
  const args = { collection: 'plants', filter: {} };
  const question = await failure(client, 'sales_delete', args);
  expect(question).toMatch(/call sales_delete again/);
  // What is there is shown as it is.
  expect(question).toContain('see describe_collection and `find`');
});

test('data is as it is', async () => {
  const { app, client } = await withPrefix();
  expect(rowsOf(await call(client, 'sales_find', { collection: 'plants', limit: 1 }))).toMatchObject([
    { note: 'see describe_collection and `find`' },
  ]);
  const text = 'Use describe_collection, or `find`.';
  await app.library.add({ name: 'note', text, type: 'text', metadata: {} }, testCall());
  const read = await call(client, 'sales_get_document', { id: 'inline/note' });
  expect(read.content[1]).toEqual({ type: 'text', text });
});

test('workflows call tools by their plain names, and the log has those', async () => {
  const folder = await temporaryDirectory();
  await writeFile(
    join(folder, 'count.yaml'),
    "document: { dsl: '1.0.3', namespace: test, name: counting, version: '1.0.0' }\ndo:\n  - n: { call: count, with: { collection: plants } }\n",
  );
  const { app } = await withPrefix({ workflowFolders: [folder] });
  const lines: Record<string, unknown>[] = [];
  const log = pino({ level: 'info' }, { write: (line: string) => void lines.push(JSON.parse(line)) });
  const client = await clientOf({ ...app, log });
  const run = await call(client, 'sales_run_workflow', { workflow: 'counting' });
  expect(run.structuredContent).toMatchObject({ state: 'completed', output: { count: 1 } });
  expect(lines).toContainEqual(expect.objectContaining({ kind: 'tool', name: 'run_workflow' }));
});

test('tools are switched off by their plain names', async () => {
  const { client } = await withPrefix({ disabledTools: ['count'] });
  expect(await failure(client, 'sales_count', { collection: 'plants' })).toMatch(/setting disabledTools/);
});

test.each(['1a', 'a b', 'ä', 'a.', '_', 'a'.repeat(32)])('the prefix %s is refused', (toolPrefix) => {
  expect(configSettings.safeParse({ toolPrefix }).success).toBe(false);
});
