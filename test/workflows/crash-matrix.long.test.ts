// biome-ignore-all lint/suspicious/noTemplateCurlyInString: expressions of the DSL
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Run } from '../../src/workflows/types.ts';
import { temporaryDirectory, testCall } from '../support/call.ts';
import { runInProcess } from './run-in-process.ts';
import { definition, world } from './support.ts';

// A run is killed before and behind its writes to the journal, once at a time, and goes on in another process: at every
// fifteenth moment, or at all of them in four minutes:
//   TEST_CRASH_EVERY=1 node scripts/test.ts test/workflows/crash-matrix.long.test.ts --long
const every = Number(process.env['TEST_CRASH_EVERY'] ?? 15);

const effect = (name: string, more = ''): string => `{ call: effect, with: { name: ${name}${more} } }`;

const tasks = `
- first: ${effect('first')}
- each:
    for: { in: '[1, 2]' }
    do:
      - one: ${effect('\'${ "item \\($item)" }\'')}
- sides:
    fork:
      branches:
        - left: { do: [{ l1: ${effect('l1')} }, { pause: { wait: PT0.05S } }, { l2: ${effect('l2')} }] }
        - right: ${effect('right')}
- race:
    fork:
      compete: true
      branches:
        - quick: ${effect('quick')}
        - slow: { wait: PT60S }
- tried:
    try:
      - flaky: ${effect('flaky', ', fails: 1')}
    catch: { retry: { delay: PT0.05S, limit: { attempt: { count: 3 } } } }
- given:
    try:
      - broken: { raise: { error: { type: 'https://example.org/broken', status: 418 } } }
    catch: { do: [{ instead: ${effect('instead')} }] }
- pause: { wait: PT0.05S }
- last: ${effect('last')}
`;

const execute = (directory: string, mode: 'start' | 'recover', killAt?: string) =>
  runInProcess(directory, join(directory, 'effects'), mode, killAt);

async function place(): Promise<string> {
  const directory = await temporaryDirectory();
  await mkdir(join(directory, 'workflows'));
  await writeFile(join(directory, 'workflows', 'w.yaml'), definition(tasks));
  await writeFile(join(directory, 'effects'), '');
  return directory;
}

/** How often each effect was had. */
async function effectsIn(directory: string): Promise<Map<string, number>> {
  const lines = (await readFile(join(directory, 'effects'), 'utf8')).split('\n').filter(Boolean);
  return new Map([...Map.groupBy(lines, (line) => line)].map(([name, all]) => [name, all.length]));
}

/** The run as the process that was killed has left it. */
async function leftBehind(directory: string): Promise<Run> {
  const { workflows } = await world({ directory });
  const [newest] = await workflows.recent(1, testCall());
  if (!newest) throw new Error('the run was not journaled');
  return workflows.get(newest.id, testCall());
}

const isEnded = ({ state }: Pick<Run['steps'][number], 'state'>): boolean => state !== 'running';

async function killedAt(moment: string): Promise<void> {
  const directory = await place();
  expect(await execute(directory, 'start', moment), moment).toBeUndefined();
  const before = await leftBehind(directory);
  const had = await effectsIn(directory);
  if (before.state !== 'completed') await execute(directory, 'recover');
  const after = await leftBehind(directory);
  const have = await effectsIn(directory);

  expect(after, moment).toMatchObject({ state: 'completed', output: { name: 'last' } });
  // A step whose end is in the journal is as it was, and was not done again.
  const kept = before.steps.filter(isEnded);
  const now = new Map(after.steps.map((step) => [step.reference, step]));
  for (const step of kept) expect(now.get(step.reference), moment).toEqual(step);
  const done = kept.filter(({ kind, state }) => kind === 'call' && state === 'completed');
  for (const { name } of done) expect(have.get(name), `${moment}: ${name}`).toBe(had.get(name));
  // At most the steps that were cut are repeated.
  const cut = before.steps.filter((step) => step.kind === 'call' && !isEnded(step)).length;
  const all = [...have.values()].reduce((sum, count) => sum + count, 0);
  expect(all, moment).toBeLessThanOrEqual(11 + cut);
}

test('a run that is killed at any write to the journal ends as if it had not been', {
  timeout: 300_000,
}, async () => {
  const directory = await place();
  const whole = await execute(directory, 'start');
  expect(whole).toMatchObject({ state: 'completed', output: { name: 'last' } });
  expect([...(await effectsIn(directory)).values()].reduce((sum, count) => sum + count, 0)).toBe(11);

  const moments = Array.from({ length: whole?.writes ?? 0 }, (_, i) => [
    `before write ${i + 1}`,
    `behind write ${i + 1}`,
  ])
    .flat()
    .filter((_, i) => i % every === 0);
  const waiting = [...moments];
  const two = Array.from({ length: 2 }, async () => {
    for (let moment = waiting.shift(); moment !== undefined; moment = waiting.shift()) await killedAt(moment);
  });
  await Promise.all(two);
  expect(moments.length).toBeGreaterThan(60 / every);
});
