// biome-ignore-all lint/suspicious/noTemplateCurlyInString: expressions of the DSL
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import type { RunRecord, StepRecord } from '../../src/stores/journal/types.ts';
import { lazyMongoJournal } from '../../src/stores/mongodb/journal/lazy.ts';
import { temporaryDirectory, testCall } from '../support/call.ts';
import { isInstalled, mongoStoreForTest, skipReason, startServer } from '../support/mongo-servers.ts';
import { definition } from './support.ts';

// On mongo-java-server: FerretDB 1.24 does not change documents atomically across connections.
const name = 'mongo-java-server';
const script = fileURLToPath(new URL('./node-process.ts', import.meta.url));
const nodes = ['a', 'b', 'c', 'd'];
const runsOfEach = 10;
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

function startNode(url: string, directory: string, node: string): Node {
  const args = [script, url, database, join(directory, 'workflows'), join(directory, 'effects.txt'), node];
  const child = spawn(process.execPath, [...args, String(runsOfEach)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  return { process: child, started: once(child.stdout, 'data') };
}

/** How often each line of effects stands there, without the node that had it. */
async function effectsIn(directory: string): Promise<Map<string, number>> {
  const lines = (await readFile(join(directory, 'effects.txt'), 'utf8')).split('\n').filter(Boolean);
  const counts = new Map<string, number>();
  for (const line of lines.map((one) => one.slice(0, one.lastIndexOf(' ')))) {
    counts.set(line, (counts.get(line) ?? 0) + 1);
  }
  return counts;
}

test.skipIf(!isInstalled(name))(
  `four nodes share a journal and one is killed: every run ends once, and no journaled step is executed again${skipReason(name)}`,
  { timeout: 60_000 },
  async () => {
    const server = await startServer(name);
    onTestFinished(() => server.stop());
    const directory = await temporaryDirectory();
    await mkdir(join(directory, 'workflows'));
    await writeFile(join(directory, 'workflows', 'w.yaml'), definition(tasks));
    await writeFile(join(directory, 'effects.txt'), '');
    const { journal } = lazyMongoJournal(mongoStoreForTest(server.url, { database, timeoutMs: 5_000 }));

    const all = nodes.map((node) => startNode(server.url, directory, node));
    await Promise.all(all.map(({ started }) => started));
    while ((await effectsIn(directory)).size < 40) await setTimeout(10);
    all[0]?.process.kill('SIGKILL');

    const expected = nodes.length * runsOfEach;
    let runs: readonly RunRecord[] = [];
    do {
      await setTimeout(100);
      runs = await journal.recent({ limit: 2 * expected }, testCall());
    } while (runs.some(({ state }) => state === 'pending' || state === 'running'));

    expect(runs.map(({ state }) => state)).toEqual(Array(expected).fill('completed'));
    const steps: StepRecord[] = (
      await Promise.all(runs.map(({ id }) => journal.steps(id, testCall())))
    ).flat();
    const calls = steps.filter(({ kind }) => kind === 'call');
    expect(calls).toHaveLength(expected * 5);
    const effects = await effectsIn(directory);
    expect(effects.size).toBe(expected * 5);
    // What was under way in the process that was killed is executed once more, and the journal says so.
    const again = calls.filter(({ attempts }) => attempts > 1).length;
    const repeated = [...effects.values()].filter((count) => count > 1).length;
    expect(repeated).toBeLessThanOrEqual(again);
    expect(again).toBeLessThanOrEqual(4);
    for (const { process: child } of all) child.stdin?.end();
    await Promise.all(all.slice(1).map(({ process: child }) => once(child, 'exit')));
  },
);
