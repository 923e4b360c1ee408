import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import type { Run } from '../../../src/workflows/types.ts';
import { testCall } from '../../support/call.ts';
import { openWorld, runToEnd, type World } from '../support.ts';
import { type Scenario, type Sentence, scenarios } from './feature.ts';

/** Scenarios with tasks that are not executed here, and how their definition is refused. */
const refused: Readonly<Record<string, RegExp>> = {
  'Call HTTP With Content Output': /call: http is not supported/,
  'Call HTTP With Response Output': /call: http is not supported/,
  'Call HTTP Using Basic Authentication': /call: http is not supported/,
  'Call OpenAPI With Content Output': /call: openapi is not supported/,
  'Call OpenAPI With Response Output': /call: openapi is not supported/,
  'Output Filtering': /call: http is not supported/,
  'Use Non-object Output': /call: http is not supported/,
  'Emit Task': /"emit" is not supported/,
  'Try Handle Caught Error': /call: http is not supported/,
  'Try Raise Uncaught Error': /call: http is not supported/,
};

function order(run: Run): string[] {
  return run.steps.filter(({ state }) => state === 'completed').map(({ name }) => name);
}

/** The value at a dotted path. */
const at = (value: unknown, path: string): unknown =>
  path.split('.').reduce<unknown>((inner, key) => (inner as Record<string, unknown> | null)?.[key], value);

function check({ text, block }: Sentence, run: Run): void {
  const [, path = '', count] = /'([^']+)' property containing (\d+) items$/.exec(text) ?? [];
  const [, task, when, other] = /^(\w+) should run (first|last|after) ?(\w*)$/.exec(text) ?? [];
  if (text === 'the workflow should complete') expect(run.state).toBe('completed');
  else if (text === 'the workflow should complete with output') {
    expect(run).toMatchObject({ state: 'completed', output: parse(block ?? '') });
  } else if (text === 'the workflow should fault with error') {
    expect(run).toMatchObject({ state: 'faulted', error: parse(block ?? '') });
  } else if (count !== undefined) expect(at(run.output, path)).toHaveLength(Number(count));
  else if (when === 'first') expect(order(run)[0]).toBe(task);
  else if (when === 'last') expect(order(run).at(-1)).toBe(task);
  else if (when === 'after') {
    expect(order(run).indexOf(task ?? '')).toBeGreaterThan(order(run).indexOf(other ?? ''));
  } else throw new Error(`the sentence "${text}" is not checked`);
}

// One world for all scenarios, whose one file is replaced by each: the checking thread stays warm.
let shared: Awaited<ReturnType<typeof openWorld>>;
let directory = '';
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'hydrogen-test-'));
  shared = await openWorld({ directory });
});
afterAll(async () => {
  await shared.close();
  await rm(directory, { recursive: true, force: true, maxRetries: 5 });
});

async function worldOf({ definition }: Pick<Scenario, 'definition'>): Promise<World> {
  await writeFile(join(shared.folder, 'w.yaml'), definition);
  return shared;
}

const all = scenarios();

describe('scenarios of the conformance kit', () => {
  const executed = all.filter(({ title }) => !(title in refused));
  test.each(executed)('$feature: $title', async (scenario) => {
    const run = await runToEnd(await worldOf(scenario), scenario.input, scenario.name);
    for (const sentence of scenario.expectations) check(sentence, run);
  });
});

describe('scenarios with tasks that are not executed are refused by name when they are loaded', () => {
  const others = all.filter(({ title }) => title in refused);
  test.each(others)('$feature: $title', async (scenario) => {
    const { workflows } = await worldOf(scenario);
    const [entry] = await workflows.list(testCall());
    expect(entry?.problem).toMatch(refused[scenario.title] ?? /^$/);
  });
});

test('the kit has 21 scenarios', () => expect(all).toHaveLength(21));

describe('invalid definitions are rejected with the place', () => {
  const folder = new URL('./invalid/', import.meta.url);
  const places: Readonly<Record<string, RegExp>> = {
    'extra-property-in-call.yaml': /^\/do\/0\/getPet: unknown property "foo"$/,
    'two-tasks-in-one-item.yaml': /^\/do\/0: must NOT have more than 1 properties$/,
    'listen-any-until-any-until.yaml': /^line 6, column 4: Map keys must be unique$/,
  };
  test.each(readdirSync(folder))('%s', async (file) => {
    const { workflows } = await worldOf({ definition: readFileSync(new URL(file, folder), 'utf8') });
    const [entry] = await workflows.list(testCall());
    expect(entry?.problem).toMatch(places[file] ?? /^$/);
  });
});
