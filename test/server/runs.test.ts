import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Document } from '../../src/mql/index.ts';
import { fromExtendedJson } from '../../src/mql/index.ts';
import { call, failure, rowsOf } from '../support/answers.ts';
import { testCall } from '../support/call.ts';
import { clientOf, connected, openedApp } from '../support/connected.ts';
import { root } from '../support/process.ts';

const workflow = 'electrolyser-cost-brief';

const lines = (await readFile(join(root, 'samples/collections/technologies.jsonl'), 'utf8')).split('\n');
const technologies = lines
  .filter((line) => line.includes('"Electrolysis"'))
  .map((line) => fromExtendedJson(line) as Document);

interface RunFact {
  readonly run_id: string;
  readonly state: string;
  readonly steps: readonly string[];
  readonly output?: { readonly rows: readonly unknown[]; readonly passages: readonly unknown[] };
  readonly note?: string;
}

async function withSamples() {
  const both = await connected({ data: { technologies } });
  const text = '# Cost\n\nThe cost of an electrolyser falls with size.\n';
  await both.app.library.add({ name: 'cost', text, type: 'markdown', metadata: {} }, testCall());
  return both;
}

test('a run gives its steps and an output that joins figures and passages', async () => {
  const { client } = await withSamples();
  const { structuredContent } = await call(client, 'run_workflow', { workflow });
  const run = structuredContent as unknown as RunFact;
  expect(run.state).toBe('completed');
  expect(run.steps).toContain('passages (call): completed');
  expect(run.output?.rows.length).toBeGreaterThan(0);
  expect(run.output?.passages).toMatchObject([{ cite: 'inline/cost:3' }]);
});

test('get_run gives the same again', async () => {
  const { client } = await withSamples();
  const { structuredContent: run } = await call(client, 'run_workflow', { workflow });
  const { run_id } = run as unknown as RunFact;
  expect((await call(client, 'get_run', { run_id })).structuredContent).toEqual(run);
});

test('the resource of a run has its whole output', async () => {
  const { client } = await withSamples();
  const { structuredContent: run } = await call(client, 'run_workflow', { workflow });
  const { run_id, output } = run as unknown as RunFact;
  const { contents } = await client.readResource({ uri: `hydrogen://runs/${run_id}` });
  const text = contents[0] && 'text' in contents[0] ? contents[0].text : '{}';
  expect(JSON.parse(text)).toMatchObject({ id: run_id, state: 'completed', output });
});

test('progress begins with the first step', async () => {
  const { client } = await withSamples();
  const messages: (string | undefined)[] = [];
  await client.callTool(
    { name: 'run_workflow', arguments: { workflow } },
    { onprogress: ({ message }) => messages.push(message) },
  );
  expect(messages.length).toBeGreaterThan(0);
});

test('a call that does not wait is told how to ask for the run', async () => {
  const { client } = await withSamples();
  const { structuredContent } = await call(client, 'run_workflow', { workflow, wait_seconds: 0 });
  const { run_id, note } = structuredContent as unknown as RunFact;
  expect(note).toContain(`call get_run with run_id "${run_id}"`);
  const done = (await call(client, 'get_run', { run_id, wait_seconds: 30 })).structuredContent;
  expect(done).toMatchObject({ state: 'completed' });
});

test('the same idempotency key is the same run', async () => {
  const { client } = await withSamples();
  const args = { workflow, idempotency_key: 'once' };
  const first = (await call(client, 'run_workflow', args)).structuredContent as unknown as RunFact;
  const second = (await call(client, 'run_workflow', args)).structuredContent as unknown as RunFact;
  expect(second.run_id).toBe(first.run_id);
});

test('an input that does not fit is refused with what does not', async () => {
  const { client } = await withSamples();
  expect(await failure(client, 'run_workflow', { workflow, input: { topic: 7 } })).toMatch(/topic/);
});

test("another caller's run does not exist", async () => {
  const app = await openedApp({ data: { technologies } });
  const [ada, bob] = await Promise.all(
    ['ada', 'bob'].map((id) => clientOf(app, { caller: { id, scopes: ['read', 'run'] } })),
  );
  if (!ada || !bob) throw new Error('no clients');
  const { structuredContent } = await call(ada, 'run_workflow', { workflow, wait_seconds: 0 });
  const { run_id } = structuredContent as unknown as RunFact;
  expect(await failure(bob, 'get_run', { run_id })).toMatch(/There is no run/);
});

test('every sample workflow can be run on the samples', async () => {
  const { client } = await connected({ data: { technologies } });
  const listed = rowsOf(await call(client, 'list_workflows'));
  expect(listed.length).toBeGreaterThan(0);
  expect(listed.filter((row) => row['problem'] !== undefined)).toEqual([]);
});
