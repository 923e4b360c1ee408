// biome-ignore-all lint/suspicious/noTemplateCurlyInString: expressions of the DSL
import { setTimeout } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { type Caller, owner } from '../../src/call.ts';
import { HydrogenError, notSupported } from '../../src/errors.ts';
import { testCall } from '../support/call.ts';
import { definition, run, runToEnd, world } from './support.ts';

const deadline = Date.now() + 600_000;
const ada = testCall({ caller: { id: 'ada', scopes: ['read', 'run'] }, deadline });
const bob = testCall({ caller: { id: 'bob', scopes: ['read', 'run'] }, deadline });

/** A function that never answers and notes whether it was told to stop. */
function endless() {
  const state = { stopped: false, calls: 0 };
  return {
    state,
    wait: (_args: unknown, { signal }: { signal: AbortSignal }) => {
      state.calls++;
      return new Promise((_, reject) => {
        signal.addEventListener('abort', () => {
          state.stopped = true;
          reject(signal.reason);
        });
      });
    },
  };
}

test('a run is acknowledged before it has ended, and can be waited for', async () => {
  let go = (_answer: unknown): void => {};
  const gate = new Promise((resolve) => {
    go = resolve;
  });
  const one = await world({
    files: { 'w.yaml': definition('- a: { call: slow }') },
    functions: { slow: () => gate },
  });
  const started = await one.workflows.start({ workflow: 'w', input: { x: 1 } }, ada);
  expect(started).toMatchObject({ workflow: 'w', version: '1.0.0', input: { x: 1 } });
  expect(started.id).toMatch(/^run-[0-9a-z]{26}$/);
  const early = await one.workflows.wait(started.id, 0, ada);
  expect(['pending', 'running']).toContain(early.state);
  go({ done: true });
  const ended = await one.workflows.wait(started.id, 8_000, ada);
  expect(ended).toMatchObject({ state: 'completed', output: { done: true } });
  expect(await one.workflows.get(started.id, ada)).toEqual(ended);
});

test('what a step waits for is said while it waits, and no longer once it has ended', async () => {
  let isAway = true;
  const one = await world({
    files: { 'w.yaml': definition('- look: { call: look }') },
    functions: {
      look() {
        if (isAway) throw new HydrogenError('unavailable', 'The server is away.');
        return { found: true };
      },
    },
  });
  const { id } = await one.workflows.start({ workflow: 'w', input: {} }, ada);
  const steps = async () => (await one.workflows.get(id, ada)).steps;
  await expect.poll(steps).toMatchObject([
    {
      name: 'look',
      state: 'running',
      note: expect.stringMatching(/^It waits, until \S+Z at most: The server is away\.$/),
    },
  ]);
  isAway = false;
  await one.workflows.wait(id, 8_000, ada);
  const [step] = await steps();
  expect(step).toMatchObject({ state: 'completed' });
  expect(step).not.toHaveProperty('note');
});

test('a step that waited in vain has failed, with the reason in the error', async () => {
  const one = await world({
    files: { 'w.yaml': definition('- look: { call: look }') },
    functions: {
      look() {
        throw new HydrogenError('unavailable', 'The server is away.');
      },
    },
    runs: { functionMs: 800 },
  });
  const ended = await runToEnd(one);
  expect(ended).toMatchObject({ state: 'faulted', steps: [{ name: 'look', state: 'faulted' }] });
  expect(ended.error?.detail).toBe('The server is away.');
});

test('who waits is told of the steps', async () => {
  let go = (): void => {};
  const gate = new Promise<void>((resolve) => {
    go = resolve;
  });
  const one = await world({
    files: { 'w.yaml': definition('- first: { call: slow }\n- second: { set: { x: 1 } }') },
    functions: { slow: () => gate },
  });
  const { id } = await one.workflows.start({ workflow: 'w', input: {} }, ada);
  const messages: string[] = [];
  const progress = ({ message = '' }) => {
    messages.push(message);
    go();
  };
  await one.workflows.wait(id, 8_000, { ...ada, progress });
  expect([messages[0], messages.at(-1)]).toEqual(['first', 'second']);
});

test('the same idempotency key of the same caller is the same run', async () => {
  const one = await world({ files: { 'w.yaml': definition('- a: { set: { x: 1 } }') } });
  const request = { workflow: 'w', input: { n: 1 }, idempotencyKey: 'key' };
  const [first, second] = [await one.workflows.start(request, ada), await one.workflows.start(request, ada)];
  expect(second.id).toBe(first.id);
  expect((await one.workflows.start(request, bob)).id).not.toBe(first.id);
  await expect(one.workflows.start({ ...request, input: { n: 2 } }, ada)).rejects.toThrow(
    /key belongs to run run-.* with different input/,
  );
});

test('a run acts as the caller who started it', async () => {
  const callers: unknown[] = [];
  const one = await world({
    files: { 'w.yaml': definition('- a: { call: who }') },
    functions: { who: (_args, { caller }) => callers.push(caller) },
  });
  const { id } = await one.workflows.start({ workflow: 'w', input: {} }, ada);
  await one.workflows.wait(id, 8_000, ada);
  expect(callers).toEqual([ada.caller]);
});

test('runs of another caller do not exist, but for the owner', async () => {
  const one = await world({ files: { 'w.yaml': definition('- a: { set: { x: 1 } }') } });
  const { id } = await one.workflows.start({ workflow: 'w', input: {} }, ada);
  await one.workflows.wait(id, 8_000, ada);
  await expect(one.workflows.get(id, bob)).rejects.toMatchObject({ code: 'not_found' });
  await expect(one.workflows.cancel(id, bob)).rejects.toMatchObject({ code: 'not_found' });
  expect(await one.workflows.recent(10, bob)).toEqual([]);
  expect((await one.workflows.recent(10, ada)).map((each) => each.id)).toEqual([id]);
  expect((await one.workflows.recent(10, testCall({ caller: owner }))).map((each) => each.id)).toEqual([id]);
});

test('a run that a caller began with other roles does not exist for it any more, and its key is taken', async () => {
  const one = await world({ files: { 'w.yaml': definition('- a: { set: { x: 1 } }') } });
  const as = (more: Partial<Caller>) => testCall({ caller: { ...ada.caller, ...more }, deadline });
  const [wide, narrow] = [as({ roles: ['analyst', 'auditor'] }), as({ roles: ['analyst'] })];
  const request = { workflow: 'w', input: {}, idempotencyKey: 'k' };
  const { id } = await one.workflows.start(request, wide);
  await one.workflows.wait(id, 8_000, wide);
  await expect(one.workflows.get(id, narrow)).rejects.toMatchObject({ code: 'not_found' });
  expect(await one.workflows.recent(10, narrow)).toEqual([]);
  await expect(one.workflows.start(request, narrow)).rejects.toMatchObject({ code: 'conflict' });
  const elsewhere = as({ roles: ['analyst', 'auditor'], claims: { tenant: 'south' } });
  await expect(one.workflows.get(id, elsewhere)).rejects.toMatchObject({ code: 'not_found' });
  const again = as({ roles: ['auditor', 'analyst'], scopes: ['read'] });
  expect((await one.workflows.get(id, again)).id).toBe(id);
});

test('a workflow that is not there is an error that offers the near ones', async () => {
  const { workflows } = await world({
    files: { 'w.yaml': definition('- a: { set: { x: 1 } }').replace('name: w', 'name: cost-brief') },
  });
  await expect(workflows.start({ workflow: 'cost-breif', input: {} }, ada)).rejects.toMatchObject({
    code: 'not_found',
    message: 'There is no workflow "cost-breif"; did you mean "cost-brief"?',
    suggestions: ['cost-brief'],
  });
});

test('a workflow that does not load cannot be started, and says why with the place', async () => {
  const tasks = '- a: { run: { shell: { command: ls } } }';
  const { workflows } = await world({ files: { 'w.yaml': definition(tasks) } });
  await expect(workflows.start({ workflow: 'w', input: {} }, ada)).rejects.toThrow(
    /The workflow "w" cannot be run: \/do\/0\/a\/run: the task "run" is not supported/,
  );
});

test('the input is checked against its schema and gets the defaults', async () => {
  const schema =
    'input: { schema: { document: { type: object, additionalProperties: false, properties: { topic: { type: string, default: cost }, limit: { type: integer, maximum: 9 } } } } }';
  const one = await world({ files: { 'w.yaml': definition('- a: { set: { t: "${ .topic }" } }', schema) } });
  expect(await runToEnd(one)).toMatchObject({ input: { topic: 'cost' }, output: { t: 'cost' } });
  await expect(one.workflows.start({ workflow: 'w', input: { limit: 10 } }, ada)).rejects.toThrow(
    'The input is not valid: /limit must be <= 9.',
  );
  await expect(one.workflows.start({ workflow: 'w', input: { tpoic: 'x' } }, ada)).rejects.toThrow(
    'The input is not valid: the input must NOT have additional properties ("tpoic").',
  );
  expect((await one.workflows.list(ada))[0]?.input).toMatchObject({ type: 'object' });
});

test('a cancelled run stops in the middle of a step', async () => {
  const { state, wait } = endless();
  const one = await world({
    files: { 'w.yaml': definition('- a: { call: wait }\n- b: { set: { x: 1 } }') },
    functions: { wait },
  });
  const { id } = await one.workflows.start({ workflow: 'w', input: {} }, ada);
  while (state.calls === 0) await setTimeout(10);
  await one.workflows.cancel(id, ada);
  const ended = await one.workflows.wait(id, 8_000, ada);
  expect(ended.state).toBe('cancelled');
  expect(ended.steps.map(({ name }) => name)).toEqual(['a']);
  expect(state.stopped).toBe(true);
});

test('a run is cancelled from another process', async () => {
  const { state, wait } = endless();
  const files = { 'w.yaml': definition('- a: { call: wait }') };
  const first = await world({ files, functions: { wait }, runs: { heartbeatMs: 50 } });
  const second = await world({ directory: first.directory, functions: { wait } });
  const { id } = await first.workflows.start({ workflow: 'w', input: {} }, ada);
  while (state.calls === 0) await setTimeout(10);
  await second.workflows.cancel(id, ada);
  expect((await second.workflows.wait(id, 8_000, ada)).state).toBe('cancelled');
});

test('cancelling who waits does not cancel the run', async () => {
  const one = await world({
    files: { 'w.yaml': definition('- a: { call: slow }') },
    functions: { slow: () => setTimeout(300, { done: true }) },
  });
  const { id } = await one.workflows.start({ workflow: 'w', input: {} }, ada);
  const control = new AbortController();
  const waiting = one.workflows.wait(id, 8_000, { ...ada, signal: control.signal });
  control.abort();
  await expect(waiting).rejects.toMatchObject({ code: 'cancelled' });
  expect((await one.workflows.wait(id, 8_000, ada)).state).toBe('completed');
});

test('a workflow with a timeout faults when it takes longer', async () => {
  const { state, wait } = endless();
  const { error, state: end } = await run(
    '- a: { call: wait }',
    {},
    { functions: { wait } },
    'timeout: { after: { seconds: 3 } }',
  );
  expect(end).toBe('faulted');
  expect(error).toMatchObject({ status: 408, instance: '/timeout' });
  expect(state.stopped).toBe(true);
});

test('a function that takes too long is stopped and its step faults', async () => {
  const { state, wait } = endless();
  const { error } = await run('- a: { call: wait }', {}, { functions: { wait }, runs: { functionMs: 100 } });
  expect(error).toMatchObject({
    status: 408,
    detail: 'The function "wait" took longer than 0.1 s and was stopped.',
  });
  expect(state.stopped).toBe(true);
});

test('the failure of a function faults the run with its message, type and place', async () => {
  const { state, error, steps } = await run(
    '- group: { do: [{ a: { call: find } }] }\n- b: { set: { x: 1 } }',
    {},
    { functions: { find: () => Promise.reject(notSupported('$where')) } },
  );
  expect(state).toBe('faulted');
  expect(error).toEqual({
    type: 'https://serverlessworkflow.io/spec/1.0.0/errors/validation',
    status: 400,
    title: 'Validation error',
    detail: '$where is not supported.',
    instance: '/do/0/group/do/0/a',
  });
  expect(steps.map(({ name, state: end }) => `${name} ${end}`)).toEqual(['group faulted', 'a faulted']);
});

test('an unexpected failure does not show its words', async () => {
  const { error } = await run(
    '- a: { call: find }',
    {},
    { functions: { find: () => Promise.reject(new Error('/home/secret')) } },
  );
  expect(error).toMatchObject({
    status: 500,
    detail: 'The task failed unexpectedly; see the server log.',
  });
});

test('a step whose result is too large faults and says what to do', async () => {
  const { error } = await run(
    '- a: { call: find }',
    {},
    {
      functions: { find: () => 'x'.repeat(2_000) },
      runs: { maxResultBytes: 1_000 },
    },
  );
  expect(error?.detail).toMatch(
    /has 2002 bytes; at most 1000 are kept\. Select what later steps need with output\.as/,
  );
});

test('a run that goes round for ever is stopped by the number of its steps', async () => {
  const { error } = await run('- a: { set: { x: 1 }, then: a }', {}, { runs: { maxSteps: 20 } });
  expect(error?.detail).toMatch(/exceeded 20 steps/);
});

test('only so many runs are executed at once; the others wait', async () => {
  const { state, wait } = endless();
  const one = await world({
    files: { 'w.yaml': definition('- a: { call: wait }') },
    functions: { wait },
    runs: { maxConcurrent: 2 },
  });
  const runs = await Promise.all(
    [1, 2, 3].map((n) => one.workflows.start({ workflow: 'w', input: { n } }, ada)),
  );
  while (state.calls < 2) await setTimeout(10);
  expect((await one.workflows.status(ada)).running).toBe(2);
  const states = await Promise.all(runs.map(async ({ id }) => (await one.workflows.get(id, ada)).state));
  expect(states.sort()).toEqual(['pending', 'running', 'running']);
  for (const { id } of runs) await one.workflows.cancel(id, ada);
  for (const { id } of runs) expect((await one.workflows.wait(id, 8_000, ada)).state).toBe('cancelled');
  expect(state.calls).toBeLessThanOrEqual(3);
});

test('a run that nobody knows is an error', async () => {
  const { workflows } = await world({});
  await expect(workflows.get('run-x', ada)).rejects.toThrow(HydrogenError);
});

test('the state counts definitions, problems and running runs', async () => {
  const { workflows } = await world({
    files: { 'w.yaml': definition('- a: { set: { x: 1 } }'), 'b.yaml': 'x: 1' },
  });
  expect(await workflows.status(ada)).toEqual({
    definitions: 1,
    problems: [expect.stringMatching(/^b\.yaml: /)],
    running: 0,
    waiting: 0,
  });
});
