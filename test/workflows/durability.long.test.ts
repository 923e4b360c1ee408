// biome-ignore-all lint/suspicious/noTemplateCurlyInString: expressions of the DSL
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import type { Run } from '../../src/workflows/types.ts';
import { temporaryDirectory, testCall } from '../support/call.ts';
import { type EndedRun, runInProcess } from './run-in-process.ts';
import { definition, patientCall, world } from './support.ts';

const tasks = `
- before: { call: effect, with: { name: before } }
- each:
    for: { in: '[1, 2, 3]' }
    do:
      - one: { call: effect, with: { name: '\${ "item \\($item)" }' } }
      - keep: { set: { last: '\${ .name }' } }
- after: { call: effect, with: { name: after } }
`;

interface Place {
  readonly directory: string;
  readonly effects: string;
}

async function place(list = tasks): Promise<Place> {
  const directory = await temporaryDirectory();
  await mkdir(join(directory, 'workflows'));
  await writeFile(join(directory, 'workflows', 'w.yaml'), definition(list));
  const effects = join(directory, 'effects.txt');
  await writeFile(effects, '');
  return { directory, effects };
}

const runProcess = (
  { directory, effects }: Place,
  mode: 'start' | 'recover',
  killAt?: string,
  settings?: string,
) => runInProcess(directory, effects, mode, killAt, settings);

async function effectsOf({ effects }: Place): Promise<string[]> {
  return (await readFile(effects, 'utf8')).split('\n').filter(Boolean);
}

describe('a run whose process was killed goes on at the next start without repeating a journaled step', () => {
  test.each(['before', 'item 1', 'item 3', 'after'])('killed in the step "%s"', async (killAt) => {
    const here = await place();
    expect(await runProcess(here, 'start', killAt)).toBeUndefined();
    const run = await runProcess(here, 'recover');
    expect(run).toMatchObject({ state: 'completed', output: { name: 'after' } });
    expect(await effectsOf(here)).toEqual(['before', 'item 1', 'item 2', 'item 3', 'after']);
    const twice = run?.steps.filter(({ attempts, kind }) => kind === 'call' && attempts > 1);
    expect(twice).toHaveLength(1);
  });
});

test('a run that kills its process again and again faults instead of going on for ever', async () => {
  const here = await place();
  await runProcess(here, 'start', 'item 2', '{"maxCrashes":2}');
  await runProcess(here, 'recover', 'item 2', '{"maxCrashes":2}');
  const run = await runProcess(here, 'recover', 'item 2', '{"maxCrashes":2}');
  expect(run).toMatchObject({
    state: 'faulted',
    error: { detail: expect.stringMatching(/ended 2 times in the same step/) },
  });
  expect(await effectsOf(here)).toEqual(['before', 'item 1']);
});

test('a run that was closed in the middle goes on in the next process, and that is no crash', async () => {
  const effects: string[] = [];
  let reached = (): void => {};
  const started = new Promise<void>((resolve) => {
    reached = resolve;
  });
  const files = { 'w.yaml': definition(tasks) };
  const first = await world({
    files,
    functions: {
      effect: (args, { signal }) => {
        const { name } = args as { name: string };
        if (name !== 'item 2') {
          effects.push(name);
          return { name };
        }
        reached();
        return new Promise((_, reject) =>
          signal.addEventListener('abort', () => reject(new Error('stopped'))),
        );
      },
    },
  });
  const { id } = await first.workflows.start({ workflow: 'w', input: {} }, patientCall());
  await started;
  await first.workflows.close();

  const second = await world({
    directory: first.directory,
    functions: {
      effect: (args) => {
        effects.push((args as { name: string }).name);
        return args;
      },
    },
    runs: { maxCrashes: 1 },
  });
  second.workflows.recover();
  expect(await second.workflows.wait(id, 8_000, testCall())).toMatchObject({ state: 'completed' });
  expect(effects).toEqual(['before', 'item 1', 'item 2', 'item 3', 'after']);
});

describe('a run whose process was killed while it waits is woken by the next process on time', () => {
  const waitMs = 4_000;
  const waiting = `
- before: { call: effect, with: { name: before } }
- each:
    for: { in: '[1, 2]' }
    do:
      - pause: { wait: { milliseconds: ${waitMs} } }
      - one: { call: effect, with: { name: '\${ "item \\($item)" }' } }
`;

  /** How long each wait took, ms. */
  function waits(run: Run | undefined): number[] {
    const pauses = run?.steps.filter(({ kind }) => kind === 'wait') ?? [];
    return pauses.map(({ startedAt, finishedAt = '' }) => Date.parse(finishedAt) - Date.parse(startedAt));
  }

  /** When the first wait ended, after the process took up its work, ms. */
  function firstEnd(run: EndedRun | undefined): number {
    const { finishedAt = '' } = run?.steps.find(({ kind }) => kind === 'wait') ?? {};
    return Date.parse(finishedAt) - (run?.begun ?? Number.NaN);
  }

  test('in the middle of the wait: it is not waited for again', async () => {
    const here = await place(waiting);
    expect(await runProcess(here, 'start', 'asleep 1000')).toBeUndefined();
    expect(await effectsOf(here)).toEqual(['before']);
    const run = await runProcess(here, 'recover');
    expect(run).toMatchObject({ state: 'completed', output: { name: 'item 2' } });
    expect(await effectsOf(here)).toEqual(['before', 'item 1', 'item 2']);
    expect(run?.steps.map(({ attempts }) => attempts)).toEqual(run?.steps.map(() => 1));
    expect(firstEnd(run)).toBeLessThan(waitMs);
    expect(Math.min(...waits(run))).toBeGreaterThanOrEqual(waitMs);
  });

  test('behind its end: it goes on at once', async () => {
    const here = await place(`
- pause: { wait: { milliseconds: ${waitMs} } }
- one: { call: effect, with: { name: after } }
`);
    await runProcess(here, 'start', 'asleep 1000');
    await setTimeout(waitMs);
    const run = await runProcess(here, 'recover');
    expect(run?.state).toBe('completed');
    expect(firstEnd(run)).toBeLessThan(waitMs);
  });

  test('in the step that it is woken for: that step alone is repeated', async () => {
    const here = await place(waiting);
    expect(await runProcess(here, 'start', 'item 1')).toBeUndefined();
    const run = await runProcess(here, 'recover');
    expect(run?.state).toBe('completed');
    expect(await effectsOf(here)).toEqual(['before', 'item 1', 'item 2']);
    const twice = run?.steps.filter(({ attempts }) => attempts > 1);
    expect(twice?.map(({ name }) => name)).toEqual(['one']);
  });

  test('again and again at any moment: nothing is lost, and no wait is cut short', async () => {
    const here = await place(waiting);
    let kills = 0;
    for (const ms of [150, 400, 700, 1_000, 1_300]) {
      const mode = kills === 0 ? 'start' : 'recover';
      if (await runProcess(here, mode, `after ${ms}`, '{"maxCrashes":9}')) break;
      kills++;
    }
    const run = await runProcess(here, 'recover', '', '{"maxCrashes":9}');
    expect(run?.state).toBe('completed');
    expect(new Set(await effectsOf(here))).toEqual(new Set(['before', 'item 1', 'item 2']));
    expect(Math.min(...waits(run))).toBeGreaterThanOrEqual(waitMs);
  });
});

test('two processes on one directory execute each run once', async () => {
  const here = await place();
  const settings = '{"heartbeatMs":20,"leaseMs":2000}';
  const runs = await Promise.all([
    runProcess(here, 'start', '', settings),
    runProcess(here, 'start', '', settings),
  ]);
  expect(runs.map((run) => run?.state)).toEqual(['completed', 'completed']);
  expect((await effectsOf(here)).sort()).toEqual(
    ['after', 'before', 'item 1', 'item 2', 'item 3'].flatMap((name) => [name, name]),
  );
});

test('a run goes on with the definition it was started with', async () => {
  const here = await place();
  await runProcess(here, 'start', 'item 2');
  await writeFile(join(here.directory, 'workflows', 'w.yaml'), definition('- other: { set: { x: 1 } }'));
  expect(await runProcess(here, 'recover')).toMatchObject({ state: 'completed', output: { name: 'after' } });
});
