// biome-ignore-all lint/suspicious/noTemplateCurlyInString: expressions of the DSL
import { setTimeout } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import type { Run } from '../../src/workflows/types.ts';
import { testCall } from '../support/call.ts';
import { definition, patientCall, run, type Setting, type World, world } from './support.ts';

const call = testCall({ deadline: Date.now() + 600_000 });

/** How long the steps of this name took, ms. */
function times({ steps }: Run, name: string): number[] {
  return steps
    .filter((step) => step.name === name)
    .map(({ startedAt, finishedAt = '' }) => Date.parse(finishedAt) - Date.parse(startedAt));
}

/** Starts a run with these tasks, and returns it once it is suspended. */
async function asleep(
  tasks: string,
  setting: Setting = {},
  more = '',
): Promise<World & { readonly run: Run }> {
  const one = await world({ ...setting, files: { 'w.yaml': definition(tasks, more) } });
  const { id } = await one.workflows.start({ workflow: 'w', input: {} }, patientCall());
  for (;;) {
    const found = await one.workflows.get(id, call);
    if (found.suspendedUntil !== undefined) return { ...one, run: found };
    if (!['pending', 'running'].includes(found.state)) throw new Error(`the run is ${found.state}`);
    await setTimeout(10);
  }
}

describe('a task waits as long as it says', () => {
  test.each([
    ['PT0.3S', 300],
    ['{ milliseconds: 250 }', 250],
    ['{ seconds: 1, milliseconds: -800 }', 200],
    ['PT0.0005S', 1],
    ['"${ .delay }"', 200],
    ['"${ \\"PT\\\\(.seconds)S\\" }"', 100],
  ])('%s', async (wait, ms) => {
    const input = { delay: 'PT0.2S', seconds: 0.1 };
    const ended = await run(`- a: { wait: ${wait} }\n- b: { set: { seen: '\${ .delay }' } }`, input);
    expect(ended).toMatchObject({ state: 'completed', output: { seen: 'PT0.2S' } });
    expect(ended.steps).toMatchObject([
      { name: 'a', kind: 'wait', state: 'completed', attempts: 1 },
      { name: 'b', state: 'completed' },
    ]);
    expect(times(ended, 'a')[0]).toBeGreaterThanOrEqual(ms);
  });
});

test('a wait of nothing is none', async () => {
  const ended = await run('- a: { wait: PT0S }', { x: 1 });
  expect(ended).toMatchObject({ state: 'completed', output: { x: 1 } });
});

describe('an expression that gives no duration faults the run and is named', () => {
  test.each([
    ['30', '30, which is not text such as PT30S.'],
    ['{ seconds: 30 }', '{"seconds":30}, which is not text such as PT30S.'],
    ['"30 s"', '"30 s", which is not a duration in weeks, days or smaller units, such as PT30S.'],
    ['"P400D"', '"P400D", which is longer than a run may wait (max 365 days)'],
  ])('%s', async (value, detail) => {
    const { state, error } = await run(`- a: { wait: '\${ ${value} }' }`);
    expect(state).toBe('faulted');
    expect(error).toMatchObject({ title: 'Expression error', instance: '/do/0/a' });
    expect(error?.detail).toContain(`The task cannot wait for ${detail}`);
  });
});

test('it waits in loops, lists and on the way back to an earlier task', async () => {
  const tasks = `
- each:
    for: { in: '[1, 2]' }
    do:
      - group:
          do:
            - rest: { wait: { milliseconds: 50 } }
            - keep: { set: { count: '\${ (.count // 0) + $item }' } }
- again: { wait: { milliseconds: 50 } }
- add: { set: { count: '\${ .count + 10 }' } }
- more: { switch: [{ yes: { when: .count < 30, then: again } }, { no: { then: last } }] }
- never: { wait: { days: 1 } }
- last: { if: '.count < 0', wait: { days: 1 } }
`;
  const calls: number[] = [];
  const ended = await run(tasks, {}, { functions: { work: () => calls.push(1) } });
  expect(ended).toMatchObject({ state: 'completed', output: { count: 33 } });
  expect(ended.steps.map(({ reference }) => reference).filter((one) => /rest|again|last/.test(one))).toEqual([
    '/do/0/each/for[0]/do/0/group/do/0/rest',
    '/do/0/each/for[1]/do/0/group/do/0/rest',
    '/do/1/again',
    '/do/1/again#2',
    '/do/1/again#3',
    '/do/5/last',
  ]);
  expect(new Set(ended.steps.map(({ attempts }) => attempts))).toEqual(new Set([1]));
  expect(Math.min(...times(ended, 'rest'), ...times(ended, 'again'))).toBeGreaterThanOrEqual(50);
});

test('what was done before is not done again, and the task keeps its start', async () => {
  const names: unknown[] = [];
  const work = (args: unknown) => {
    names.push((args as { name: unknown }).name);
    return {};
  };
  const tasks = `
- one: { call: work, with: { name: one } }
- rest: { wait: PT0.2S, export: { as: { at: '\${ $task.startedAt.iso8601 }' } } }
- two: { call: work, with: { name: '\${ $context.at }' } }
`;
  const ended = await run(tasks, {}, { functions: { work } });
  expect(names).toEqual(['one', ended.steps[1]?.startedAt]);
});

test('a run that waits is pending, says until when, and takes no turn of others', async () => {
  const { workflows, run: sleeping } = await asleep('- a: { wait: PT1H }', { runs: { maxConcurrent: 1 } });
  expect(sleeping).toMatchObject({ state: 'pending', steps: [{ name: 'a', state: 'running' }] });
  const [step] = sleeping.steps;
  const until = Date.parse(step?.startedAt ?? '') + 3_600_000;
  expect(sleeping.suspendedUntil).toBe(new Date(until).toISOString());
  const next = await workflows.start({ workflow: 'w', input: {} }, patientCall());
  expect((await workflows.wait(next.id, 8_000, patientCall())).suspendedUntil).toMatch(/Z$/);
  expect(await workflows.status(call)).toMatchObject({ running: 0, waiting: 2 });
});

test('a run that waits is cancelled at once', async () => {
  const { workflows, run: sleeping } = await asleep('- a: { wait: PT1H }');
  const ended = await workflows.cancel(sleeping.id, call);
  expect(ended).toMatchObject({ state: 'cancelled', finishedAt: expect.any(String) });
  expect(ended).not.toHaveProperty('suspendedUntil');
});

test('cancelling the call that started it cancels a run that waits', async () => {
  const one = await world({ files: { 'w.yaml': definition('- a: { wait: { seconds: 20 } }') } });
  const control = new AbortController();
  const waiting = one.workflows.startAndWait({ workflow: 'w', input: {} }, 60_000, {
    ...patientCall(),
    signal: control.signal,
    progress: () => control.abort(),
  });
  await expect(waiting).rejects.toMatchObject({ code: 'cancelled' });
  const [{ id = '' } = {}] = await one.workflows.recent(1, call);
  // The call is over before its run is cancelled.
  let ended = await one.workflows.get(id, call);
  for (; ['pending', 'running'].includes(ended.state); ended = await one.workflows.get(id, call)) {
    await setTimeout(10);
  }
  expect(ended.state).toBe('cancelled');
});

test('the timeout of its workflow ends a run that waits, on time, and no step begins after it', async () => {
  const calls: unknown[] = [];
  const { workflows, run: sleeping } = await asleep(
    '- a: { wait: PT1H }\n- b: { call: work }',
    { functions: { work: (args) => calls.push(args) }, runs: { heartbeatMs: 600_000 } },
    'timeout: { after: { seconds: 5 } }',
  );
  const ended = await workflows.wait(sleeping.id, 60_000, patientCall());
  expect(ended).toMatchObject({ state: 'faulted', error: { status: 408, instance: '/timeout' } });
  expect(Date.parse(ended.finishedAt ?? '')).toBeGreaterThanOrEqual(
    Date.parse(sleeping.suspendedUntil ?? ''),
  );
  expect(Date.parse(sleeping.suspendedUntil ?? '') - Date.parse(sleeping.createdAt)).toBeLessThan(3_600_000);
  expect(calls).toEqual([]);
});

test('a server that ends leaves a run that waits to the next, which wakes it', async () => {
  const first = await asleep('- a: { wait: PT1S }\n- b: { set: { done: true } }');
  await first.workflows.close();
  const second = await world({ directory: first.directory });
  second.workflows.recover();
  const ended = await second.workflows.wait(first.run.id, 60_000, patientCall());
  expect(ended).toMatchObject({ state: 'completed', output: { done: true } });
  expect(times(ended, 'a')[0]).toBeGreaterThanOrEqual(1_000);
  expect(ended.steps[0]?.attempts).toBe(1);
});
