import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Client } from '@modelcontextprotocol/client';
import { expect, test } from 'vitest';
import { call, failure } from '../support/answers.ts';
import { temporaryDirectory } from '../support/call.ts';
import { hydrogen, type Settings, stdioClient } from '../support/process.ts';

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** CPU seconds in a second that are still called idle: asking for them costs some. */
const busy = 0.3;

/** CPU time of the server's process with its threads, s. */
async function cpuSeconds(client: Client): Promise<number> {
  const { contents } = await client.readResource({ uri: 'health://detail' });
  const text = contents[0] && 'text' in contents[0] ? contents[0].text : '{}';
  return (JSON.parse(text) as { process: { cpuSeconds: number } }).process.cpuSeconds;
}

/**
 * Waits until the server is idle: a second in which it takes next to no CPU time. The first one begins a
 * second after the call; on a busy machine it may take some more. Work that does not stop never gets there.
 */
async function expectIdle(client: Client): Promise<void> {
  for (let second = 1; second <= 8; second++) {
    await pause(1_000);
    const before = await cpuSeconds(client);
    await pause(1_000);
    if ((await cpuSeconds(client)) - before < busy) return;
  }
  expect.fail('the server is still at work');
}

// Every document is compared with every other: hours of work.
const endless = [
  {
    $lookup: {
      from: 'things',
      as: 'all',
      let: { n: '$n' },
      pipeline: [{ $match: { $expr: { $gt: ['$n', '$$n'] } } }],
    },
  },
  { $group: { _id: null, n: { $sum: { $size: '$all' } } } },
];

async function server(settings: Settings = {}): Promise<Client> {
  const directory = await temporaryDirectory();
  const dataDir = join(directory, 'data');
  const file = join(directory, 'things.jsonl');
  await writeFile(file, Array.from({ length: 20_000 }, (_, n) => JSON.stringify({ n })).join('\n'));
  expect(hydrogen(['import', 'things', file], { dataDir }).code).toBe(0);
  const workflows = join(directory, 'workflows');
  await mkdir(workflows);
  await writeFile(
    join(workflows, 'endless.yaml'),
    `document: { dsl: '1.0.3', namespace: test, name: endless, version: '1.0.0' }
do:
  - forever: { set: { x: '\${ last(repeat(1)) }' } }
`,
  );
  await writeFile(
    join(workflows, 'slow.yaml'),
    `document: { dsl: '1.0.3', namespace: test, name: slow, version: '1.0.0' }
do:
  - look:
      call: aggregate
      with: { collection: things, pipeline: ${JSON.stringify(endless)} }
`,
  );
  return (await stdioClient({ dataDir, workflowFolders: workflows, ...settings })).client;
}

async function cancelled(
  client: Client,
  name: string,
  args: Record<string, unknown>,
  afterMs: number,
): Promise<void> {
  const controller = new AbortController();
  const answer = client.callTool({ name, arguments: args }, { signal: controller.signal });
  await pause(afterMs);
  controller.abort();
  await expect(answer).rejects.toThrow();
}

test('a cancelled aggregate stops', async () => {
  const client = await server();
  await cancelled(client, 'aggregate', { collection: 'things', pipeline: endless }, 500);
  await expectIdle(client);
});

test('an aggregate that takes too long stops, and says so', async () => {
  const client = await server({ callTimeoutMs: '700' });
  expect(await failure(client, 'aggregate', { collection: 'things', pipeline: endless })).toMatch(
    /took longer than its time limit/,
  );
  await expectIdle(client);
});

test('cancelled searches stop', async () => {
  const client = await server();
  await call(client, 'search', { query: 'hydrogen' });
  const controller = new AbortController();
  const query = 'hydrogen storage in salt caverns '.repeat(55);
  // More than can be answered before they are cancelled: some are, the rest must stop.
  const answers = Array.from({ length: 500 }, () =>
    client.callTool({ name: 'search', arguments: { query } }, { signal: controller.signal }),
  );
  await Promise.race(answers);
  controller.abort();
  const outcomes = await Promise.allSettled(answers);
  expect(outcomes.filter(({ status }) => status === 'rejected').length).toBeGreaterThan(0);
  await expectIdle(client);
});

test('a cancelled run_workflow stops the run and the query inside it', async () => {
  const client = await server();
  await cancelled(client, 'run_workflow', { workflow: 'slow' }, 2_000);
  await expectIdle(client);
});

test('an expression that never ends is stopped, and the run says where', async () => {
  const client = await server();
  const { structuredContent } = await call(client, 'run_workflow', { workflow: 'endless', wait_seconds: 30 });
  expect(structuredContent).toMatchObject({
    state: 'faulted',
    error: expect.stringMatching(/\/do\/0\/forever/),
  });
  await expectIdle(client);
}, 60_000);
