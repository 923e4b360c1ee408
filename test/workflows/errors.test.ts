// biome-ignore-all lint/suspicious/noTemplateCurlyInString: expressions of the DSL
import { describe, expect, test } from 'vitest';
import { HydrogenError } from '../../src/errors.ts';
import type { Run } from '../../src/workflows/types.ts';
import { testCall } from '../support/call.ts';
import { definition, type Functions, patientCall, run, runToEnd, world } from './support.ts';

const standard = 'https://serverlessworkflow.io/spec/1.0.0/errors';
const broken = "{ type: 'https://example.org/broken', status: 418, title: Broken, detail: It is broken. }";
const raise = (error: string): string => `{ raise: { error: ${error} } }`;

/** A function that fails so many times, and what was asked of it. */
function failing(times: number, error = new HydrogenError('unavailable', 'The store is away.')) {
  const calls: number[] = [];
  const functions: Functions = {
    find: () => {
      calls.push(Date.now());
      if (calls.length <= times) throw error;
      return { answer: 42 };
    },
  };
  // A function that is away is called again by itself; here it is asked once.
  return { calls, functions, runs: { functionMs: 100 } };
}

const states = ({ steps }: Run): string[] => steps.map(({ name, state }) => `${name} ${state}`);

describe('raise: the run faults with the error', () => {
  test('as it is written, from the task that raises it', async () => {
    const ended = await run(`- a: ${raise(broken)}`);
    expect(ended).toMatchObject({
      state: 'faulted',
      error: {
        type: 'https://example.org/broken',
        status: 418,
        title: 'Broken',
        detail: 'It is broken.',
        instance: '/do/0/a',
      },
    });
  });

  test('with its type and status alone', async () => {
    const { error } = await run(`- a: ${raise("{ type: 'https://example.org/x', status: 400 }")}`);
    expect(error).toEqual({ type: 'https://example.org/x', status: 400, instance: '/do/0/a' });
  });

  test('whose texts may be computed', async () => {
    const text = "{ type: '${ \"https://example.org/\\(.kind)\" }', status: 400, detail: '${ .why }' }";
    const { error } = await run(`- a: ${raise(text)}`, { kind: 'late', why: 'No answer.' });
    expect(error).toMatchObject({ type: 'https://example.org/late', detail: 'No answer.' });
  });

  test('that the definition names once', async () => {
    const ended = await run(`- a: ${raise('broken')}`, {}, {}, `use: { errors: { broken: ${broken} } }`);
    expect(ended.error).toMatchObject({ status: 418, title: 'Broken' });
  });

  test('a text that is computed to something else is an error in the definition', async () => {
    const { error } = await run(
      `- a: ${raise("{ type: 'https://example.org/x', status: 400, detail: '${ .n }' }")}`,
      { n: 1 },
    );
    expect(error).toMatchObject({
      type: `${standard}/expression`,
      detail: expect.stringMatching(/it is 1\./),
    });
  });
});

describe('catch', () => {
  const tried = (caught: string, task = raise(broken)): string =>
    `- t:\n    try:\n      - a: ${task}\n    catch: ${caught}\n- after: { set: '\${ . }' }`;

  test('takes what its tasks make as the output, and its error as a variable', async () => {
    const ended = await run(tried("{ as: problem, do: [{ b: { set: { seen: '${ $problem }' } } }] }"));
    expect(ended).toMatchObject({
      state: 'completed',
      output: { seen: { status: 418, title: 'Broken', instance: '/do/0/t/try/0/a' } },
    });
    expect(states(ended)).toEqual(['t completed', 'a faulted', 'b completed', 'after completed']);
  });

  test('names the variable "error" by itself', async () => {
    const { output } = await run(tried("{ do: [{ b: { set: { is: '${ $error.status }' } } }] }"));
    expect(output).toEqual({ is: 418 });
  });

  test('without tasks goes on with the input', async () => {
    const ended = await run(tried('{}'), { x: 1 });
    expect(ended).toMatchObject({ state: 'completed', output: { x: 1 } });
  });

  test('is not needed where nothing fails', async () => {
    const ended = await run(tried('{ do: [{ b: { set: { caught: true } } }] }', '{ set: { fine: true } }'));
    expect(ended.output).toEqual({ fine: true });
  });

  test('takes errors of functions, too', async () => {
    const setting = failing(1, new HydrogenError('not_found', 'There is no collection "x".'));
    const ended = await run(tried("{ do: [{ b: { set: '${ $error }' } }] }", '{ call: find }'), {}, setting);
    expect(ended.output).toMatchObject({
      type: `${standard}/validation`,
      detail: 'There is no collection "x".',
    });
  });

  test.each([
    ['the status', '{ errors: { with: { status: 418 } } }', 'completed'],
    ['another status', '{ errors: { with: { status: 500 } } }', 'faulted'],
    ['the type', "{ errors: { with: { type: 'https://example.org/broken' } } }", 'completed'],
    ['another title', '{ errors: { with: { status: 418, title: Other } } }', 'faulted'],
    ['the place', '{ errors: { with: { instance: /do/0/t/try/0/a } } }', 'completed'],
    ['when', "{ when: '${ $error.status >= 400 }' }", 'completed'],
    ['when not', "{ when: '${ $error.status >= 500 }' }", 'faulted'],
    ['exceptWhen', "{ exceptWhen: '${ $error.status >= 400 }' }", 'faulted'],
    ['exceptWhen not', "{ exceptWhen: '${ .input }' }", 'completed'],
  ])('chooses by %s', async (_what, caught, state) => {
    expect(await run(tried(caught))).toMatchObject({ state });
  });

  test.each([
    'https://serverlessworkflow.io/spec/1.0.0/errors/expression',
    'https://serverlessworkflow.io/dsl/errors/types/expression',
  ])('knows a standard type as %s', async (type) => {
    const task = '{ set: \'${ error("no") }\' }';
    expect(await run(tried(`{ errors: { with: { type: '${type}' } } }`, task))).toMatchObject({
      state: 'completed',
    });
  });

  test('leaves an error of its own tasks to the one around it', async () => {
    const inner = `{ try: [{ a: ${raise(broken)} }], catch: { do: [{ b: ${raise("{ type: 'https://example.org/worse', status: 500 }")} }] } }`;
    const ended = await run(tried("{ do: [{ c: { set: '${ $error }' } }] }", inner));
    expect(ended.output).toMatchObject({ status: 500, instance: '/do/0/t/try/0/a/catch/do/0/b' });
  });

  test('of a workflow that is cancelled takes nothing', async () => {
    const one = await world({
      files: { 'w.yaml': definition(tried('{}', '{ call: slow }')) },
      functions: {
        slow: (_, { signal }) =>
          new Promise((_resolve, reject) => {
            signal.addEventListener('abort', () => reject(new Error('stopped')));
          }),
      },
    });
    const { id } = await one.workflows.start({ workflow: 'w', input: {} }, patientCall());
    await one.workflows.wait(id, 100, testCall());
    await one.workflows.cancel(id, testCall());
    expect(await one.workflows.wait(id, 8_000, testCall())).toMatchObject({ state: 'cancelled' });
  });
});

describe('retry', () => {
  const tried = (retry: string, more = ''): string =>
    `- t:\n    try:\n      - a: { call: find }\n    catch: { retry: ${retry}${more} }`;

  test('tries again until it works, with a pause', async () => {
    const setting = failing(2);
    const ended = await run(tried('{ delay: PT0.2S }'), {}, setting);

    expect(ended).toMatchObject({ state: 'completed', output: { answer: 42 } });
    expect(states(ended)).toEqual(['t completed', 'a faulted', 'a faulted', 'a completed']);
    const [first = 0, second = 0, third = 0] = setting.calls;
    expect(second - first).toBeGreaterThanOrEqual(200);
    expect(third - second).toBeGreaterThanOrEqual(200);
  });

  test('as often as its limit says, then the run faults', async () => {
    const setting = failing(9);
    const ended = await run(tried('{ limit: { attempt: { count: 2 } } }'), {}, setting);
    expect(ended).toMatchObject({ state: 'faulted', error: { detail: 'The store is away.' } });
    expect(setting.calls).toHaveLength(3);
  });

  test('then goes on with the tasks of the catch', async () => {
    const setting = failing(9);
    const more = ', do: [{ b: { set: { given: up } } }]';
    const { output } = await run(tried('{ limit: { attempt: { count: 1 } } }', more), {}, setting);
    expect(output).toEqual({ given: 'up' });
  });

  test('no longer than its limit says', async () => {
    const setting = failing(9);
    const ended = await run(tried('{ delay: PT0.3S, limit: { duration: PT0.7S } }'), {}, setting);
    expect(ended.state).toBe('faulted');
    expect(setting.calls.length).toBeLessThan(4);
  });

  test.each([
    ['when', "{ when: '${ $error.status == 500 }', limit: { attempt: { count: 1 } } }", 2],
    ['when not', "{ when: '${ $error.status == 404 }', limit: { attempt: { count: 1 } } }", 1],
    ['exceptWhen', "{ exceptWhen: '${ $error.status == 500 }' }", 1],
  ])('chooses by %s', async (_what, retry, times) => {
    const setting = failing(9);
    await run(tried(retry), {}, setting);
    expect(setting.calls).toHaveLength(times);
  });

  test('by a policy that the definition names once', async () => {
    const setting = failing(9);
    const use = 'use: { retries: { twice: { limit: { attempt: { count: 2 } } } } }';
    await run(tried('twice'), {}, setting, use);
    expect(setting.calls).toHaveLength(3);
  });

  test('an attempt that takes too long is stopped', async () => {
    let calls = 0;
    const functions: Functions = {
      find: () => (calls++ === 0 ? new Promise(() => {}) : { answer: 42 }),
    };
    const ended = await run(tried('{ limit: { attempt: { duration: PT0.3S } } }'), {}, { functions });
    expect(ended.output).toEqual({ answer: 42 });
  });

  test('without an end ends with the steps that a run may have', async () => {
    const setting = failing(Number.POSITIVE_INFINITY);
    const ended = await run(tried('{}'), {}, { ...setting, runs: { ...setting.runs, maxSteps: 20 } });
    expect(ended).toMatchObject({ state: 'faulted', error: { detail: expect.stringContaining('20 steps') } });
  });

  test('of a run that waits for it is not held by a process', async () => {
    const one = await world({
      ...failing(1),
      files: { 'w.yaml': definition(tried('{ delay: PT30S }')) },
    });
    const { id } = await one.workflows.start({ workflow: 'w', input: {} }, patientCall());
    await expect
      .poll(async () => (await one.workflows.get(id, testCall())).suspendedUntil, { timeout: 8_000 })
      .toBeDefined();
  });
});

describe('a definition is refused, with the place, for', () => {
  test.each([
    [
      'an unknown error',
      `- a: ${raise('brokn')}`,
      '/do/0/a/raise/error: `use.errors` has no "brokn"; did you mean "broken"?',
    ],
    [
      'an unknown policy',
      '- a: { try: [{ b: { set: { x: 1 } } }], catch: { retry: once } }',
      '/do/0/a/catch/retry: `use.retries` has no "once"',
    ],
    [
      'a pause that is none',
      "- a: { try: [{ b: { set: { x: 1 } } }], catch: { retry: { delay: '${ .x }' } } }",
      '/do/0/a/catch/retry/delay: not a duration',
    ],
    [
      'a jitter from more to less',
      '- a: { try: [{ b: { set: { x: 1 } } }], catch: { retry: { jitter: { from: PT2S, to: PT1S } } } }',
      '"from" is longer than "to"',
    ],
    [
      'a variable that is no name',
      '- a: { try: [{ b: { set: { x: 1 } } }], catch: { as: my error } }',
      '/do/0/a/catch/as: "my error" is not a valid variable name',
    ],
    [
      'a variable beyond its tasks',
      "- a: { try: [{ b: { set: '${ $error }' } }], catch: {} }",
      '/do/0/a/try/0/b/set: the expression does not compile',
    ],
    [
      'an unknown timeout',
      '- a: { set: { x: 1 }, timeout: short }',
      '/do/0/a/timeout: `use.timeouts` has no "short"',
    ],
    ['a timeout that is none', "- a: { set: { x: 1 }, timeout: { after: 'soon' } }", '/do/0/a/timeout'],
  ])('%s', async (_what, tasks, reason) => {
    const use = `use: { errors: { broken: ${broken} } }`;
    const { workflows } = await world({ files: { 'w.yaml': definition(tasks, use) } });
    const [entry] = await workflows.list(patientCall());
    expect(entry?.problem).toContain(reason);
  });
});

describe('a task timeout', () => {
  const never: Functions = { never: () => new Promise(() => {}) };

  test('stops the task, and the run faults', async () => {
    const ended = await run('- a: { call: never, timeout: { after: PT0.2S } }', {}, { functions: never });
    expect(ended).toMatchObject({
      state: 'faulted',
      error: { type: `${standard}/timeout`, status: 408, instance: '/do/0/a' },
    });
  });

  test('of a task with tasks names that one', async () => {
    const ended = await run(
      '- a: { do: [{ b: { wait: PT9S } }], timeout: { after: PT0.2S } }',
      {},
      { functions: never },
    );
    expect(ended.error).toMatchObject({ instance: '/do/0/a', detail: expect.stringContaining('0.2 s') });
  });

  test('can be caught, and its task ends in time', async () => {
    const task = '{ call: never, timeout: { after: PT0.2S } }';
    const ended = await run(
      `- t: { try: [{ a: ${task} }], catch: { errors: { with: { status: 408 } }, do: [{ b: { set: { late: true } } }] } }`,
      {},
      { functions: never },
    );
    expect(ended.output).toEqual({ late: true });
  });

  test('by the name of one in the definition, also for the whole workflow', async () => {
    const use = 'use: { timeouts: { short: { after: PT0.2S } } }\ntimeout: short';
    const ended = await run('- a: { call: never }', {}, { functions: never }, use);
    expect(ended.error).toMatchObject({ status: 408, instance: '/timeout' });
  });

  test('does not touch a task that is quicker', async () => {
    const ended = await run('- a: { set: { x: 1 }, timeout: { after: PT9S } }');
    expect(ended.output).toEqual({ x: 1 });
  });
});

test('an error that was caught before a crash is not met again', async () => {
  const setting = failing(1);
  const tasks = `- t:\n    try:\n      - a: { call: find }\n    catch: { do: [{ b: { set: { given: up } } }] }\n- w: { wait: PT0.5S }`;
  const one = await world({ ...setting, files: { 'w.yaml': definition(tasks) } });

  // The wait suspends the run, which is then executed anew from the journal.
  const ended = await runToEnd(one);

  expect(ended).toMatchObject({ state: 'completed', output: { given: 'up' } });
  expect(setting.calls).toHaveLength(1);
});
