import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CallToolResult, Client } from '@modelcontextprotocol/client';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type App, openApp } from '../../src/app.ts';
import type { Caller } from '../../src/call.ts';
import { settings } from '../../src/config.ts';
import type { Document } from '../../src/mql/index.ts';
import { createLog } from '../../src/observability/log.ts';
import { call, failure, rowsOf, summaryOf } from '../support/answers.ts';
import { testCall } from '../support/call.ts';
import { clientOf, eras, openedApp } from '../support/connected.ts';

interface RunAnswer {
  readonly run_id: string;
  readonly state: string;
  readonly steps: readonly string[];
  readonly output?: { readonly rows: readonly unknown[]; readonly passages: readonly { cite: string }[] };
  readonly note?: string;
}

const workflow = 'electrolyser-cost-brief';
const waiting = { workflow, wait_seconds: 25 };

const lines = await readFile(
  new URL('../../samples/collections/technologies.jsonl', import.meta.url),
  'utf8',
);
const technologies = lines
  .split('\n')
  .filter((line) => line.includes('"technology":"Electrolysis"') && line.includes('"reference_unit":"kW"'))
  .slice(0, 12)
  .map((line): Document => {
    const { _id, ...fields } = JSON.parse(line) as Document;
    return fields;
  });

const page = `# Cost of electrolysers

The investment cost of electrolysers falls with the size of the plant and with what is learned in making them.
`;

/** Figures on electrolysers, a page about their cost, and the workflows of the package: read by every test. */
let app: App;
let dataDir: string;

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'hydrogen-test-'));
  app = await openApp(settings.parse({ dataDir, embeddingModel: 'none' }), createLog('silent'));
  await app.connections
    .get()
    .store.put({ database: 'main', collection: 'technologies' }, technologies, { drop: false }, testCall());
  await app.library.add({ name: 'cost', text: page, type: 'markdown', metadata: {} }, testCall());
});

afterAll(async () => {
  await app.close();
  await rm(dataDir, { recursive: true, force: true, maxRetries: 5 });
});

function runOf({ structuredContent }: CallToolResult): RunAnswer {
  return structuredContent as unknown as RunAnswer;
}

async function run(client: Client, args: Record<string, unknown> = waiting): Promise<RunAnswer> {
  return runOf(await call(client, 'run_workflow', args));
}

async function ended(client: Client, id: string): Promise<RunAnswer> {
  return runOf(await call(client, 'get_run', { run_id: id, wait_seconds: 25 }));
}

/** Someone who may read and run workflows, and does not own the data. */
const guest = (id: string): Caller => ({ id, scopes: ['read', 'run'] });

test('the sample workflows are listed with the input they take, and all can be run', async () => {
  const client = await clientOf(app);
  const listed = rowsOf(await call(client, 'list_workflows'));
  expect(listed.map((row) => row['name'])).toEqual([workflow, 'reading-list', 'technology-profile']);
  expect(listed.filter((row) => row['problem'] !== undefined)).toEqual([]);
  expect(listed[0]?.['input']).toMatchObject({ properties: { types: {}, reference: {}, topic: {} } });
});

test.each(eras)('in %s a workflow joins figures with passages and lists its steps', async (era) => {
  const client = await clientOf(app, { era });
  const { state, steps, output } = await run(client);
  expect(state).toBe('completed');
  expect(output?.rows[0]).toMatchObject({
    type: expect.stringMatching(/AEL|PEM|SOEC/),
    year: expect.any(String),
    cost: expect.stringMatching(/\d/),
    sources: expect.stringMatching(/\w/),
  });
  expect(output?.passages[0]?.cite).toMatch(/^inline\/cost:\d/);
  expect(steps).toEqual(expect.arrayContaining(['figures (call): completed', 'passages (call): completed']));
});

test('get_run gives the run that run_workflow gave', async () => {
  const client = await clientOf(app);
  const given = await run(client);
  expect(runOf(await call(client, 'get_run', { run_id: given.run_id }))).toEqual(given);
});

test('a run tells of its steps while it goes on', async () => {
  const client = await clientOf(app);
  const notices: { progress: number; message?: string | undefined }[] = [];
  await client.callTool(
    { name: 'run_workflow', arguments: waiting },
    { onprogress: (notice) => notices.push(notice) },
  );
  expect(notices.length).toBeGreaterThan(0);
  const counts = notices.map(({ progress }) => progress);
  expect(counts).toEqual([...new Set(counts)].sort((a, b) => a - b));
  expect(notices[0]?.message).toMatch(/\w/);
});

test('an input that does not fit is refused with what does', async () => {
  const client = await clientOf(app);
  const message = await failure(client, 'run_workflow', { workflow, input: { types: ['PEMX'] } });
  expect(message).toMatch(/is not valid.*types.*AEL.*PEM.*SOEC/s);
});

test('a workflow that does not exist is refused with the near names', async () => {
  const client = await clientOf(app);
  expect(await failure(client, 'run_workflow', { workflow: 'electrolyzer-cost-brief' })).toMatch(
    /"electrolyser-cost-brief"/,
  );
});

test('the same idempotency key is the same run', async () => {
  const client = await clientOf(app);
  const first = await run(client, { ...waiting, idempotency_key: 'monday' });
  const second = await run(client, { ...waiting, idempotency_key: 'monday' });
  expect(second).toEqual(first);
  expect((await run(client, waiting)).run_id).not.toBe(first.run_id);
});

test('the same idempotency key with another input is refused, and the run is named', async () => {
  const client = await clientOf(app);
  const { run_id: id } = await run(client, { ...waiting, idempotency_key: 'tuesday' });
  const message = await failure(client, 'run_workflow', {
    workflow,
    input: { types: ['PEM'] },
    idempotency_key: 'tuesday',
  });
  expect(message).toContain(id);
});

test('a run that is not waited for is acknowledged with how to ask for it, and ends by itself', async () => {
  const client = await clientOf(app);
  const given = await run(client, { workflow, wait_seconds: 0 });
  expect(['pending', 'running']).toContain(given.state);
  expect(given.note).toMatch(/get_run/);
  expect(given.note).toContain(given.run_id);
  expect((await ended(client, given.run_id)).state).toBe('completed');
});

test.each(eras)('in %s a run that waits for longer than its caller says until when, at once', async (era) => {
  const folder = join(dataDir, `waiting-${era}`);
  await mkdir(folder);
  await writeFile(
    join(folder, 'pause.yaml'),
    `document: { dsl: '1.0.3', namespace: test, name: pause, version: '1.0.0' }\ndo: [{ rest: { wait: PT1H } }]\n`,
  );
  const waits = await openedApp({ settings: { dataDir, workflowFolders: [folder] } });
  const client = await clientOf(waits, { era });
  const given = await run(client, { workflow: 'pause', wait_seconds: 25 });
  expect(given).toMatchObject({ state: 'pending', steps: ['rest (wait): running'] });
  const [, until = ''] =
    /^The run waits until (\S+) and then goes on by itself: after that, call get_run with run_id "run-\w+"\.$/.exec(
      given.note ?? '',
    ) ?? [];
  expect(Math.abs(Date.parse(until) - Date.now() - 3_600_000)).toBeLessThan(60_000);
  const { contents } = await client.readResource({ uri: `hydrogen://runs/${given.run_id}` });
  const text = contents[0] && 'text' in contents[0] ? contents[0].text : '{}';
  expect(JSON.parse(text)).toMatchObject({ state: 'pending', suspendedUntil: until });
  const { parts } = await waits.health.report(testCall());
  expect(parts.find(({ name }) => name === 'workflows')?.detail).toMatch(/0 runs under way, \d waiting$/);
});

test('the run of another caller does not exist', async () => {
  const mine = await clientOf(app, { caller: guest('ann') });
  const other = await clientOf(app, { caller: guest('bob') });
  const { run_id: id } = await run(mine);
  const uri = `hydrogen://runs/${id}`;
  expect(await failure(other, 'get_run', { run_id: id })).toMatch(/no run/i);
  await expect(other.readResource({ uri })).rejects.toThrow(/no run/i);
  const urisFor = async (client: Client): Promise<string[]> =>
    (await client.listResources()).resources.map((resource) => resource.uri);
  expect(await urisFor(other)).not.toContain(uri);
  expect(await urisFor(mine)).toContain(uri);
});

test('an idempotency key of another caller is no hold on the run', async () => {
  const mine = await clientOf(app, { caller: guest('ann') });
  const other = await clientOf(app, { caller: guest('bob') });
  const { run_id: id } = await run(mine, { ...waiting, idempotency_key: 'wednesday' });
  expect((await run(other, { ...waiting, idempotency_key: 'wednesday' })).run_id).not.toBe(id);
});

test('the owner of the data sees every run', async () => {
  const { run_id: id } = await run(await clientOf(app, { caller: guest('ann') }));
  expect((await ended(await clientOf(app), id)).state).toBe('completed');
});

test.each(eras)('in %s a run is a resource with its whole output', async (era) => {
  const client = await clientOf(app, { era });
  const { run_id: id, output } = await run(client);
  const { contents } = await client.readResource({ uri: `hydrogen://runs/${id}` });
  const text = contents[0] && 'text' in contents[0] ? contents[0].text : '{}';
  expect(JSON.parse(text)).toMatchObject({ id, state: 'completed', output });
});

test('an output that is larger than an answer is left to the resource of the run', async () => {
  const client = await clientOf(
    await openedApp({ settings: { dataDir, sampleWorkflows: true, maxAnswerBytes: 4_500 } }),
  );
  const answer = await call(client, 'run_workflow', waiting);
  const { run_id: id, state, output, note } = runOf(answer);
  expect({ state, output }).toEqual({ state: 'completed', output: undefined });
  expect(note).toContain(`hydrogen://runs/${id}`);
  expect(summaryOf(answer)).toContain(`hydrogen://runs/${id}`);
  const { contents } = await client.readResource({ uri: `hydrogen://runs/${id}` });
  expect(JSON.stringify(contents)).toContain('what is learned in making them');
});
