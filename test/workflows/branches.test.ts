// biome-ignore-all lint/suspicious/noTemplateCurlyInString: expressions of the DSL
import { setTimeout } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import type { Run } from '../../src/workflows/types.ts';
import { testCall } from '../support/call.ts';
import { definition, type Functions, patientCall, run, runToEnd, world } from './support.ts';

const fork = (branches: string, more = ''): string => `- f: { fork: { branches: [${branches}]${more} } }`;
const raise = "{ raise: { error: { type: 'https://example.org/broken', status: 418 } } }";

/** A function that ends when all of so many calls have begun. */
function meeting(count: number): Functions {
  let release = (): void => {};
  const all = new Promise<void>((resolve) => {
    release = resolve;
  });
  let begun = 0;
  return {
    meet: async (args) => {
      if (++begun === count) release();
      await all;
      return args;
    },
  };
}

const slow: Functions = {
  slow: (_, { signal }) =>
    new Promise((_resolve, reject) => {
      signal.addEventListener('abort', () => reject(new Error('stopped')));
    }),
};

const stateOf = ({ steps }: Run, name: string): string | undefined =>
  steps.find((step) => step.name === name)?.state;

describe('branches', () => {
  test('go on side by side, on the same input, and give a list in their order', async () => {
    const call = (n: number): string => `{ b${n}: { call: meet, with: { n: ${n}, x: '\${ .x }' } } }`;
    const ended = await run(fork([1, 2, 3].map(call).join(', ')), { x: 7 }, { functions: meeting(3) });
    expect(ended).toMatchObject({
      state: 'completed',
      output: [
        { n: 1, x: 7 },
        { n: 2, x: 7 },
        { n: 3, x: 7 },
      ],
    });
  });

  test('have their place in the definition', async () => {
    const { steps } = await run(fork('{ a: { set: { x: 1 } } }, { b: { do: [{ c: { set: { x: 2 } } }] } }'));
    expect(steps.map(({ reference }) => reference).sort()).toEqual([
      '/do/0/f',
      '/do/0/f/fork/branches/0/a',
      '/do/0/f/fork/branches/1/b',
      '/do/0/f/fork/branches/1/b/do/0/c',
    ]);
  });

  test('none give an empty list', async () => {
    expect(await run(fork(''))).toMatchObject({ state: 'completed', output: [] });
  });

  test('of which one fails stop the others, and the run faults with its error', async () => {
    const ended = await run(fork(`{ a: ${raise} }, { b: { call: slow } }`), {}, { functions: slow });
    expect(ended).toMatchObject({
      state: 'faulted',
      error: { status: 418, instance: '/do/0/f/fork/branches/0/a' },
    });
    expect([stateOf(ended, 'a'), stateOf(ended, 'b'), stateOf(ended, 'f')]).toEqual([
      'faulted',
      'cancelled',
      'faulted',
    ]);
  });

  test('of which one fails can be caught', async () => {
    const inner = fork(`{ a: ${raise} }, { b: { call: slow } }`).slice(2);
    const ended = await run(
      `- t: { try: [{ ${inner} }], catch: { do: [{ c: { set: { caught: '\${ $error.status }' } } }] } }`,
      {},
      { functions: slow },
    );
    expect(ended).toMatchObject({ state: 'completed', output: { caught: 418 } });
  });

  test('of which one ends the workflow stop the others', async () => {
    const ended = await run(
      `${fork('{ a: { set: { x: 1 }, then: end } }, { b: { call: slow } }')}\n- never: { set: { x: 2 } }`,
      {},
      { functions: slow },
    );
    expect(ended).toMatchObject({ state: 'completed', output: { x: 1 } });
  });

  test('each have the context of before, and what they change in it is joined', async () => {
    const set = (n: number): string =>
      `{ b${n}: { set: { n: ${n} }, export: { as: '\${ $context + { b${n}: .n } }' } } }`;
    const tasks = `- first: { set: { n: 0 }, export: { as: '\${ { before: true } }' } }
${fork([1, 2].map(set).join(', '))}
- last: { set: '\${ $context }' }`;
    const { output } = await run(tasks);
    expect(output).toEqual({ before: true, b1: 1, b2: 2 });
  });
});

describe('branches that compete', () => {
  const compete = ', compete: true';

  test('give what the first to complete gives, and the others are stopped', async () => {
    const ended = await run(
      fork('{ a: { call: slow } }, { b: { set: { won: b } } }', compete),
      {},
      { functions: slow },
    );
    expect(ended).toMatchObject({ state: 'completed', output: { won: 'b' } });
    expect([stateOf(ended, 'a'), stateOf(ended, 'b'), stateOf(ended, 'f')]).toEqual([
      'cancelled',
      'completed',
      'completed',
    ]);
  });

  test('a wait that is stopped holds up nothing', async () => {
    const ended = await run(fork('{ a: { wait: PT30S } }, { b: { wait: PT0.1S } }', compete), { x: 1 });
    expect(ended).toMatchObject({ state: 'completed', output: { x: 1 } });
    expect(stateOf(ended, 'a')).toBe('cancelled');
  });

  test('go on with the context of the one that has won', async () => {
    const tasks = `${fork('{ a: { call: slow, export: { as: { from: a } } } }, { b: { set: { x: 1 }, export: { as: { from: b } } } }', compete)}\n- last: { set: '\${ $context }' }`;
    const { output } = await run(tasks, {}, { functions: slow });
    expect(output).toEqual({ from: 'b' });
  });
});

describe('a branch that waits', () => {
  test('goes on when its time has come while another one is at work', async () => {
    const times: Record<string, number> = {};
    const functions: Functions = {
      note: (args) => {
        times[(args as { name: string }).name] = Date.now();
        return args;
      },
      work: async () => {
        await setTimeout(1_500);
        times['work'] = Date.now();
        return {};
      },
    };
    const waits = '{ a: { do: [{ w: { wait: PT0.2S } }, { n: { call: note, with: { name: waited } } }] } }';
    const ended = await run(fork(`${waits}, { b: { call: work } }`), {}, { functions });
    expect(ended.state).toBe('completed');
    expect(times['waited']).toBeLessThan(times['work'] ?? 0);
  });

  test('is not suspended when branches beside it end and the tasks behind them go on', async () => {
    const times: Record<string, number> = {};
    const functions: Functions = {
      pause: async (args) => {
        const { name, ms } = args as { name: string; ms: number };
        await setTimeout(ms);
        times[name] = Date.now();
        return {};
      },
    };
    const call = (name: string, ms: number): string =>
      `{ ${name}: { call: pause, with: { name: ${name}, ms: ${ms} } } }`;
    const inner = `{ i: { fork: { branches: [${call('a', 400)}, ${call('b', 500)}] } } }`;
    const works = `{ works: { do: [${inner}, ${call('work', 2_000)}] } }`;
    const waits = `{ waits: { do: [{ w: { wait: PT0.8S } }, ${call('waited', 0)}] } }`;
    const ended = await run(fork(`${works}, ${waits}`), {}, { functions });
    expect(ended.state).toBe('completed');
    expect(times['waited']).toBeLessThan(times['work'] ?? 0);
  });

  test('with all others suspends the run until the first is due, and nothing is done twice', async () => {
    let calls = 0;
    const functions: Functions = { count: () => ({ calls: ++calls }) };
    const branch = (name: string, seconds: number): string =>
      `{ ${name}: { do: [{ c${name}: { call: count } }, { w${name}: { wait: PT${seconds}S } }] } }`;
    const one = await world({
      functions,
      files: { 'w.yaml': definition(fork(`${branch('a', 0.3)}, ${branch('b', 0.8)}`)) },
    });
    const { id } = await one.workflows.start({ workflow: 'w', input: {} }, patientCall());
    await expect
      .poll(async () => (await one.workflows.get(id, testCall())).suspendedUntil, { interval: 5 })
      .toBeDefined();

    expect(await one.workflows.wait(id, 8_000, testCall())).toMatchObject({ state: 'completed' });
    expect(calls).toBe(2);
  });

  test('ends at the timeout of the fork', async () => {
    const ended = await run(
      '- f: { fork: { branches: [{ a: { wait: PT30S } }, { b: { wait: PT30S } }] }, timeout: { after: PT0.3S } }',
    );
    expect(ended).toMatchObject({ state: 'faulted', error: { status: 408, instance: '/do/0/f' } });
    expect(ended.steps.map(({ state }) => state)).toEqual(['faulted', 'faulted', 'faulted']);
  });
});

test('a branch cannot jump to another one', async () => {
  const { workflows } = await world({
    files: { 'w.yaml': definition(fork('{ a: { set: { x: 1 }, then: b } }, { b: { set: { x: 2 } } }')) },
  });
  const [entry] = await workflows.list(patientCall());
  expect(entry?.problem).toContain('/do/0/f/fork/branches/0/a/then');
});

test('forks in forks and loops end', async () => {
  const inner = '{ i1: { set: { n: 1 } } }, { i2: { wait: PT0.05S } }';
  const tasks = `- l: { for: { in: '\${ [1, 2] }' }, do: [{ f: { fork: { branches: [{ g: { fork: { branches: [${inner}] } } }, { h: { wait: PT0.1S } }] } } }] }`;
  const one = await world({ files: { 'w.yaml': definition(tasks) } });
  const ended = await runToEnd(one);
  expect(ended).toMatchObject({ state: 'completed' });
  expect(new Set(ended.steps.map(({ state }) => state))).toEqual(new Set(['completed']));
});
