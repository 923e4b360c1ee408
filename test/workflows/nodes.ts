// Nodes for tests: processes that share a journal on MongoDB, and what they have done.
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: expressions of the DSL
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished } from 'vitest';
import type { Journal, RunRecord, StepRecord } from '../../src/stores/journal/types.ts';
import { lazyMongoJournal } from '../../src/stores/mongodb/journal/lazy.ts';
import { temporaryDirectory, testCall } from '../support/call.ts';
import { mongoStoreForTest } from '../support/mongo-servers.ts';
import { definition } from './support.ts';

const script = fileURLToPath(new URL('./node-process.ts', import.meta.url));
const nodes = ['a', 'b', 'c', 'd'];
const database = 'nodes';

const tasks = `
- first: { call: effect, with: { step: '\${ "\\(.run) first" }' }, export: { as: '\${ .step }' } }
- each:
    for: { in: '[1, 2, 3]' }
    do:
      - one: { call: effect, with: { step: '\${ "\\($context) \\($item)" }' } }
- last: { call: effect, with: { step: '\${ "\\($context) last" }' } }
`;

interface Node {
  readonly process: ChildProcess;
  readonly started: Promise<unknown>;
}

function startNode(url: string, directory: string, node: string, runs: number): Node {
  const args = [script, url, database, join(directory, 'workflows'), join(directory, 'effects.txt'), node];
  const child = spawn(process.execPath, [...args, String(runs)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  return { process: child, started: once(child.stdout, 'data') };
}

/** How often each line of effects stands there, without the node that had it. */
export async function effectsIn(directory: string): Promise<Map<string, number>> {
  const lines = (await readFile(join(directory, 'effects.txt'), 'utf8')).split('\n').filter(Boolean);
  const counts = new Map<string, number>();
  for (const line of lines.map((one) => one.slice(0, one.lastIndexOf(' ')))) {
    counts.set(line, (counts.get(line) ?? 0) + 1);
  }
  return counts;
}

interface Place {
  readonly directory: string;
  readonly journal: Journal;
  /** How many runs there are. */
  readonly runs: number;
  /** The nodes, each of which has started its runs. */
  readonly all: readonly Node[];
}

/** Four nodes that reach the server at one address, and a journal for the test at another. */
export async function place(runsOfEach: number, url: string, urlOfNodes = url): Promise<Place> {
  const directory = await temporaryDirectory();
  await mkdir(join(directory, 'workflows'));
  await writeFile(join(directory, 'workflows', 'w.yaml'), definition(tasks));
  await writeFile(join(directory, 'effects.txt'), '');
  const { journal } = lazyMongoJournal(mongoStoreForTest(url, { database, timeoutMs: 5_000 }));
  const all = nodes.map((node) => startNode(urlOfNodes, directory, node, runsOfEach));
  await Promise.all(all.map(({ started }) => started));
  return { directory, journal, runs: nodes.length * runsOfEach, all };
}

const effectsOfRun = 5;

/** Waits for so many effects, or for all. */
export async function effects({ directory, runs }: Place, count: number): Promise<void> {
  const wanted = Math.min(count, runs * effectsOfRun);
  while ((await effectsIn(directory)).size < wanted) await setTimeout(10);
}

async function ended({ journal, runs: count }: Place): Promise<readonly RunRecord[]> {
  for (;;) {
    const runs = await journal.recent({ limit: 2 * count }, testCall());
    if (!runs.some(({ state }) => state === 'pending' || state === 'running')) return runs;
    await setTimeout(100);
  }
}

/** Checks what is journaled against what was done; how many steps were begun again. */
export async function checked(here: Place): Promise<number> {
  const { directory, journal, runs: expected } = here;
  const runs = await ended(here);
  expect(runs.map(({ state }) => state)).toEqual(Array(expected).fill('completed'));
  const steps: StepRecord[] = [];
  for (const { id } of runs) steps.push(...(await journal.steps(id, testCall())));
  const calls = steps.filter(({ kind }) => kind === 'call');
  expect(calls).toHaveLength(expected * effectsOfRun);
  const done = await effectsIn(directory);
  expect(done.size).toBe(expected * effectsOfRun);
  // What was under way when its process was lost is executed once more, and the journal says so.
  const again = calls.filter(({ attempts }) => attempts > 1).length;
  const repeated = [...done.values()].filter((count) => count > 1).length;
  expect(repeated).toBeLessThanOrEqual(again);
  return again;
}

export async function end(all: readonly Node[]): Promise<void> {
  const living = all.filter(({ process: child }) => child.exitCode === null && child.signalCode === null);
  const exits = living.map(({ process: child }) => once(child, 'exit'));
  for (const { process: child } of living) child.stdin?.end();
  await Promise.all(exits);
}
