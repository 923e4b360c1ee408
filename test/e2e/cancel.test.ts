import { readFileSync } from 'node:fs';
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Client } from '@modelcontextprotocol/client';
import { afterAll, beforeAll, expect, test as plainTest } from 'vitest';
import { packagedModel } from '../../src/embeddings/models.ts';
import { call, failure, isOfWork, summaryOf } from '../support/answers.ts';
import { temporaryDirectory } from '../support/call.ts';
import { linux } from '../support/platform.ts';
import { bare, hydrogen, type Settings, stdioClient } from '../support/process.ts';

// The CPU time of another process is read from /proc, which only Linux has.
const test = plainTest.runIf(linux('/proc/PID/stat'));

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** CPU seconds in a second that are still called idle. Work that goes on takes about one. */
const busy = 0.5;

/** Clock ticks in a second, as the kernel counts for its users (USER_HZ; proc_pid_stat(5)). */
const ticks = 100;

/** CPU time of a process with all its threads, s: `utime` and `stime`, the fields 14 and 15. */
function cpuSeconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // The second field is the name in parentheses, which may hold spaces.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / ticks;
}

/** One second after the call has ended, the server takes next to no CPU time for a second. */
async function expectIdle(pid: number): Promise<void> {
  await pause(1_000);
  const before = cpuSeconds(pid);
  await pause(1_000);
  expect(cpuSeconds(pid) - before, 'CPU seconds of the second after').toBeLessThan(busy);
}

/** Waits until the server has worked for some time on what was asked last. */
async function atWork(pid: number): Promise<void> {
  for (const before = cpuSeconds(pid); cpuSeconds(pid) - before < 0.3; ) await pause(20);
}

// Every document is compared with every other, and what was found is only counted: hours of work in little memory.
const endless = [
  {
    $lookup: {
      from: 'things',
      as: 'all',
      let: { n: '$n' },
      pipeline: [{ $match: { $expr: { $gt: ['$n', '$$n'] } } }, { $count: 'n' }],
    },
  },
  { $group: { _id: null, n: { $sum: { $size: '$all' } } } },
];

const looking = `do:
  - look:
      call: aggregate
      with: { collection: things, pipeline: ${JSON.stringify(endless)} }
`;

const definitions: Readonly<Record<string, string>> = {
  slow: looking,
  late: `timeout: { after: { seconds: 1 } }\n${looking}`,
  endless: `do:\n  - forever: { set: { x: '\${ last(repeat(1)) }' } }\n`,
};

/** What every server starts with: data that takes long to look through, and workflows that do. */
let prepared: string;

beforeAll(async () => {
  prepared = await mkdtemp(join(tmpdir(), 'hydrogen-test-'));
  const file = join(prepared, 'things.jsonl');
  await writeFile(file, Array.from({ length: 20_000 }, (_, n) => JSON.stringify({ n })).join('\n'));
  expect(hydrogen(['import', 'things', file], { dataDir: join(prepared, 'data') }).code).toBe(0);
  await mkdir(join(prepared, 'workflows'));
  for (const [name, text] of Object.entries(definitions)) {
    const head = `document: { dsl: '1.0.3', namespace: test, name: ${name}, version: '1.0.0' }\n`;
    await writeFile(join(prepared, 'workflows', `${name}.yaml`), head + text);
  }
});

afterAll(() => rm(prepared, { recursive: true, force: true, maxRetries: 5 }));

/** A server of its own for each test: what one left undone is not taken up by the next. */
async function server(settings: Settings = {}): Promise<{ client: Client; pid: number }> {
  const directory = await temporaryDirectory();
  await cp(prepared, directory, { recursive: true });
  return stdioClient({
    dataDir: join(directory, 'data'),
    workflowFolders: join(directory, 'workflows'),
    ...bare,
    ...settings,
  });
}

const longQuery = 'hydrogen storage in salt caverns '.repeat(55);
/** More searches than can be answered before they are cancelled or late: some are, the rest must stop. */
const many = 500;

test('a cancelled aggregate stops', async () => {
  const { client, pid } = await server();
  const controller = new AbortController();
  const answer = client.callTool(
    { name: 'aggregate', arguments: { collection: 'things', pipeline: endless } },
    { signal: controller.signal },
  );
  await atWork(pid);
  controller.abort();
  await expect(answer).rejects.toThrow();
  await expectIdle(pid);
});

test('an aggregate that takes too long stops, and says so', async () => {
  const { client, pid } = await server({ callTimeoutMs: '700' });
  expect(await failure(client, 'aggregate', { collection: 'things', pipeline: endless })).toMatch(
    /took longer than its time limit/,
  );
  await expectIdle(pid);
});

test('cancelled searches stop', async () => {
  const { client, pid } = await server({ embeddingModel: packagedModel });
  await call(client, 'search', { query: 'hydrogen' });
  const controller = new AbortController();
  const answers = Array.from({ length: many }, (_, i) =>
    client.callTool(
      { name: 'search', arguments: { query: `${i} ${longQuery}` } },
      { signal: controller.signal },
    ),
  );
  await Promise.race(answers);
  controller.abort();
  const outcomes = await Promise.allSettled(answers);
  expect(outcomes.filter(({ status }) => status === 'rejected').length).toBeGreaterThan(0);
  await expectIdle(pid);
});

test('searches that take too long stop, and say so', async () => {
  const { client, pid } = await server({ embeddingModel: packagedModel, callTimeoutMs: '500' });
  const search = (query: string) => client.callTool({ name: 'search', arguments: { query } });
  // The first ones are answered by keywords: the model is still being loaded.
  await expect.poll(async () => summaryOf(await search('hydrogen')), { timeout: 60_000 }).toMatch(/hybrid/);
  const answers = await Promise.all(Array.from({ length: many }, (_, i) => search(`${i} ${longQuery}`)));
  const late = answers.filter(({ isError }) => isError).map(summaryOf);
  expect(late.length).toBeGreaterThan(0);
  for (const message of late) expect(message).toMatch(/took longer than its time limit/);
  await expectIdle(pid);
});

test('a cancelled run_workflow stops the run and the query inside it', async () => {
  const { client, pid } = await server();
  const controller = new AbortController();
  let answer: Promise<unknown> | undefined;
  await new Promise<void>((inTheStep) => {
    answer = client.callTool(
      { name: 'run_workflow', arguments: { workflow: 'slow' } },
      { signal: controller.signal, onprogress: (notice) => isOfWork(notice) && inTheStep() },
    );
  });
  await atWork(pid);
  controller.abort();
  await expect(answer).rejects.toThrow();
  await expectIdle(pid);
});

test('a run that takes longer than its timeout stops with the query inside it, and says so', async () => {
  const { client, pid } = await server();
  const { structuredContent } = await call(client, 'run_workflow', { workflow: 'late', wait_seconds: 20 });
  expect(structuredContent).toMatchObject({
    state: 'faulted',
    error: expect.stringMatching(/longer than the timeout/),
  });
  await expectIdle(pid);
});

test('an expression that never ends is stopped, and the run says where', async () => {
  const { client, pid } = await server();
  const { structuredContent } = await call(client, 'run_workflow', { workflow: 'endless', wait_seconds: 30 });
  expect(structuredContent).toMatchObject({
    state: 'faulted',
    error: expect.stringMatching(/\/do\/0\/forever/),
  });
  await expectIdle(pid);
}, 60_000);
