// One node against two that share MongoDB, Qdrant, Redis and NATS behind a balancer: the processor time of the nodes for
// each call of the same mix, in turns, and whether a node waits for another that is stopped.
//   npm run bench -- nodes [--rounds N] [--turns N]
// Every client does its work in so many rounds, after as many that are not counted: a process is slower until its code is
// compiled, and two have twice as much to compile.
// The throughput of many nodes follows from that by calculation, as long as the servers keep up: on this machine all of
// them share two processors.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import {
  type Actor,
  definition,
  known,
  librarian,
  reader,
  runner,
  workflow,
  writer,
} from '../chaos/actors.ts';
import { startBackends } from '../chaos/backends.ts';
import { createFindings, type Findings, openCaller } from '../chaos/client.ts';
import { missingServers } from '../chaos/missing.ts';
import { table } from '../demo/table.ts';
import { openBalancer } from '../nodes/balancer.ts';
import { startNodes } from '../nodes/nodes.ts';
import { randomNumbers } from '../random.ts';
import { cpuMs, percentile } from './statistics.ts';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '150' },
    turns: { type: 'string', default: '3' },
  },
});

const rounds = Number(values.rounds);
const clients = 8;
const limitMs = 60_000;
/** After all runs have ended, until what follows from them is done, ms. */
const quietMs = 2_000;

const missing = missingServers();
if (missing.length > 0) {
  console.log(`SKIPPED nodes: there is no ${missing.join(', no ')} here (npm run servers).`);
  process.exit(0);
}

const folder = await mkdtemp(join(tmpdir(), 'hydrogen-bench-nodes-'));
await writeFile(join(folder, `${workflow}.yaml`), definition);

interface Turn {
  readonly cpuPerCall: number;
  readonly callsASecond: number;
}

function opened(url: string, findings: Findings) {
  return (number: number) => openCaller({ url, number, limitMs, isDisturbed: () => false, findings });
}

/** Does the mix on so many nodes with servers of their own. */
async function measure(count: number, seed: number): Promise<Turn> {
  const backends = await startBackends();
  const nodes = await startNodes(count, {
    ...backends.settings,
    HYDROGEN_WORKFLOW_FOLDERS: folder,
    HYDROGEN_SAMPLE_WORKFLOWS: 'false',
    HYDROGEN_EMBEDDING_MODEL: 'none',
    HYDROGEN_ENABLE_WRITES: 'true',
    HYDROGEN_ENABLE_INGEST: 'true',
  });
  const balancer = await openBalancer(() => nodes.ready());
  const findings = createFindings();
  const random = randomNumbers(seed);
  const open = opened(balancer.url, findings);
  try {
    const first = await open(0);
    await first.call('insert', { collection: 'known', documents: known });
    await first.close();
    const callers = await Promise.all(Array.from({ length: clients }, (_, i) => open(i)));
    const actors: Actor[] = callers.map((_, i) => {
      const make = [reader, librarian, writer, runner][i % 4] as typeof writer;
      return make({ findings, random }, i);
    });
    // The same work however fast the answers come.
    const work = async (): Promise<void> => {
      await Promise.all(
        actors.map(async (actor, i) => {
          for (let round = 0; round < rounds; round++) await actor.act(callers[i] as (typeof callers)[0]);
        }),
      );
    };
    // One node is slower to end what was begun, all of which counts.
    const quiet = async (): Promise<void> => {
      const runs = backends.mongo.db('hydrogen').collection('runs');
      while ((await runs.countDocuments({ state: { $in: ['pending', 'running'] } })) > 0) await delay(200);
      await delay(quietMs);
    };
    const cpu = (): number => nodes.all.reduce((sum, { pid }) => sum + cpuMs(pid), 0);
    await work();
    await quiet();
    const [cpuBefore, callsBefore, began] = [cpu(), findings.answered, performance.now()];
    await work();
    const seconds = (performance.now() - began) / 1_000;
    await quiet();
    const calls = findings.answered - callsBefore;
    const turn = {
      cpuPerCall: (cpu() - cpuBefore) / calls,
      callsASecond: calls / seconds,
    };
    await Promise.all(callers.map((caller) => caller.close()));
    if (findings.wrong.size > 0) throw new Error(`wrong answers: ${[...findings.wrong.keys()].join('; ')}`);
    return turn;
  } finally {
    await balancer.close();
    await nodes.close();
    await backends.stop();
  }
}

/** Times of the same reads on one node, while the other runs and while it is stopped (SIGSTOP), ms. */
async function waits(): Promise<readonly [number, number]> {
  const backends = await startBackends();
  const nodes = await startNodes(2, { ...backends.settings, HYDROGEN_EMBEDDING_MODEL: 'none' });
  const [one, other] = nodes.all;
  if (!one || !other) throw new Error('there are no nodes');
  const findings = createFindings();
  const caller = await opened(`${one.base}/mcp`, findings)(0);
  const median = async (): Promise<number> => {
    const times: number[] = [];
    for (let i = 0; i < 200; i++) {
      const began = performance.now();
      await caller.call('list_sources', {});
      times.push(performance.now() - began);
    }
    return percentile(times, 0.5);
  };
  try {
    await median();
    const running = await median();
    process.kill(other.pid, 'SIGSTOP');
    const stopped = await median();
    process.kill(other.pid, 'SIGCONT');
    return [running, stopped];
  } finally {
    await caller.close();
    await nodes.close();
    await backends.stop();
  }
}

try {
  const turns = { 1: [] as Turn[], 2: [] as Turn[] };
  for (let i = 0; i < Number(values.turns); i++) {
    for (const count of [1, 2] as const) turns[count].push(await measure(count, i));
  }
  const median = (of: readonly Turn[], what: keyof Turn): number =>
    percentile(
      of.map((turn) => turn[what]),
      0.5,
    );
  const [one, two] = [median(turns[1], 'cpuPerCall'), median(turns[2], 'cpuPerCall')];
  console.log(
    table(
      ([1, 2] as const).map((count) => ({
        nodes: count,
        'CPU of the nodes a call, ms': median(turns[count], 'cpuPerCall').toFixed(2),
        'calls a second here': median(turns[count], 'callsASecond').toFixed(0),
      })),
    ),
  );
  console.log(`Two nodes take ${(two / one).toFixed(2)} x the processor time of one for a call.`);
  console.log(
    `By calculation: N nodes with a processor each answer N x ${(1_000 / two).toFixed(0)} calls a second.`,
  );
  const [running, stopped] = await waits();
  console.log(
    `list_sources on one node: ${running.toFixed(1)} ms; while the other is stopped: ${stopped.toFixed(1)} ms.`,
  );
} finally {
  await rm(folder, { recursive: true, force: true });
}
