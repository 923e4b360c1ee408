// Four nodes behind a balancer without stickiness use MongoDB, Redis, NATS and Qdrant, each of which is stopped, slowed, cut
// off and (but for MongoDB, whose stand-in keeps nothing) killed in turn, while clients read, add documents, begin runs and
// confirm writes; nodes are restarted, too. What was acknowledged must be there afterwards, no answer may be wrong, no call
// may take longer than its limit, and 5 s after a server is back (--recovery) everything must work again.
//   npm run chaos -- [--minutes N] [--clients N] [--nodes N] [--model] [--recovery SECONDS]
//     [--only mongodb|redis|nats|qdrant] [--without …] [--seed S]
// With --model the nodes make vectors, too, and searches are also by meaning.
// Ends with code 1 where that is not so. What cannot be started here is said, and nothing is checked then.
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
} from './chaos/actors.ts';
import { type Backends, startBackends } from './chaos/backends.ts';
import { type Caller, count, createFindings, openCaller } from './chaos/client.ts';
import { journaledSteps } from './chaos/journal.ts';
import { missingServers } from './chaos/missing.ts';
import { openBalancer } from './nodes/balancer.ts';
import { startNodes } from './nodes/nodes.ts';
import { randomNumbers } from './random.ts';

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '1' },
    clients: { type: 'string', default: '8' },
    nodes: { type: 'string', default: '4' },
    model: { type: 'boolean', default: false },
    recovery: { type: 'string', default: '5' },
    only: { type: 'string' },
    without: { type: 'string' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
  },
});

/** How long a server is disturbed, and how long it then may take until all is well, ms. */
const disturbedMs = 4_000;
const settledMs = 5_000;
const recoveryMs = Number(values.recovery) * 1_000;
/** The limit of a call, ms, and what a busy machine adds. */
const callTimeoutMs = 10_000;
const limitMs = callTimeoutMs + 5_000;

const missing = missingServers();
if (missing.length > 0) {
  console.log(`SKIPPED chaos: there is no ${missing.join(', no ')} here (npm run servers).`);
  process.exit(0);
}

const random = randomNumbers(Number(values.seed));
const findings = createFindings();
const until = Date.now() + Number(values.minutes) * 60_000;
let disturbed: string | undefined;
/** Until then a node may still refuse what it has found wanting, ms since the epoch. */
let calmAt = 0;
const isDisturbed = (): boolean => disturbed !== undefined || Date.now() < calmAt;

const folder = await mkdtemp(join(tmpdir(), 'hydrogen-chaos-'));
await writeFile(join(folder, `${workflow}.yaml`), definition);
const backends = await startBackends();
const nodes = await startNodes(Number(values.nodes), {
  ...backends.settings,
  HYDROGEN_WORKFLOW_FOLDERS: folder,
  HYDROGEN_SAMPLE_WORKFLOWS: 'false',
  ...(!values.model && { HYDROGEN_EMBEDDING_MODEL: 'none' }),
  HYDROGEN_ENABLE_WRITES: 'true',
  HYDROGEN_ENABLE_INGEST: 'true',
  HYDROGEN_CALL_TIMEOUT_MS: String(callTimeoutMs),
  // The person answers at once: what is longer on its way is lost.
  HYDROGEN_CONFIRM_TIMEOUT_MS: '5000',
  HYDROGEN_SERVER_TIMEOUT_MS: '3000',
  HYDROGEN_MONGODB_TIMEOUT_MS: '3000',
  HYDROGEN_LOG_LEVEL: 'info',
});
const balancer = await openBalancer(() => nodes.ready());
const open = (number: number): Promise<Caller> =>
  openCaller({ url: balancer.url, number, limitMs, isDisturbed, findings });

/** One client after another under a number, each for some calls. */
async function inhabit(number: number, actor: Actor): Promise<void> {
  while (Date.now() < until) {
    const caller = await open(number).catch((error: Error) => {
      count(isDisturbed() ? findings.errors : findings.wrong, `connecting: ${error.message.slice(0, 200)}`);
    });
    if (!caller) {
      await delay(500);
      continue;
    }
    for (let i = 0; i < 20 && Date.now() < until; i++) {
      await actor.act(caller);
      await delay(random() * 200);
    }
    await caller.close().catch(() => {});
  }
}

/** Until every kind of work is done again; how long it took, ms, and what took longest. */
async function recovered(caller: Caller): Promise<readonly [number, string]> {
  const began = Date.now();
  const probes: (readonly [string, Record<string, unknown>])[] = [
    ['count', { collection: 'known' }],
    [
      'update',
      { collection: 'counters', filter: { _id: 'probe' }, update: { $inc: { n: 1 } }, upsert: true },
    ],
    ['add_document', { name: 'probe', text: 'The probe was here.' }],
    ['search', { query: 'probe', mode: 'keyword' }],
    ['run_workflow', { workflow, wait_seconds: 0 }],
  ];
  const times = probes.map(async ([tool, args]) => {
    while (!(await caller.call(tool, args)).ok && Date.now() - began < 60_000) await delay(100);
    return [Date.now() - began, tool] as const;
  });
  const [slowest] = (await Promise.all(times)).sort(([a], [b]) => b - a);
  return slowest ?? [0, ''];
}

async function disturb({ all }: Backends): Promise<void> {
  const rounds = all
    .filter(({ name }) => values.only === undefined || name.toLowerCase() === values.only)
    .filter(({ name }) => name.toLowerCase() !== values.without)
    .flatMap(({ name, disturbances }) =>
      disturbances.map((one) => ({ ...one, name: `${name} ${one.name}` })),
    );
  const probe = await open(0);
  // In another order each time, so that a short run does not always meet the same.
  for (let i = rounds.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [rounds[i], rounds[j]] = [rounds[j] as (typeof rounds)[0], rounds[i] as (typeof rounds)[0]];
  }
  for (let i = 0; Date.now() < until; i++) {
    const { name, begin, end } = rounds[i % rounds.length] as (typeof rounds)[0];
    disturbed = name;
    await begin();
    await delay(disturbedMs);
    await end();
    const [ms, slowest] = await recovered(probe);
    console.log(`${name.padEnd(28)} all is well ${(ms / 1_000).toFixed(1)} s after its end (${slowest})`);
    calmAt = Date.now() - ms + recoveryMs;
    await delay(Math.max(0, settledMs - ms));
    if (ms > recoveryMs) count(findings.wrong, `${name}: it took longer than ${recoveryMs} ms to recover`);
    disturbed = undefined;
    await rollingRestart();
  }
  await probe.close();
}

/** One node is told to stop, and started again: nobody should notice. */
async function rollingRestart(): Promise<void> {
  const node = nodes.all[Math.floor(random() * nodes.all.length)];
  if (!node || Date.now() > until) return;
  await node.stop();
  await node.start();
}

try {
  const first = await open(0);
  const there = await first.call('insert', { collection: 'known', documents: known });
  if (!there.ok) throw new Error(`the nodes do not work: ${there.message}`);
  await first.close();
  const actors: Actor[] = Array.from({ length: Number(values.clients) }, (_, i) => {
    const make = [reader, librarian, writer, runner][i % 4] as typeof writer;
    return make({ findings, random }, i);
  });
  console.log(
    `${actors.length} clients, ${nodes.all.length} nodes, ${values.minutes} minutes, seed ${values.seed}`,
  );
  await Promise.all([disturb(backends), ...actors.map((actor, i) => inhabit(i, actor))]);

  await delay(Math.max(0, calmAt - Date.now()));
  const last = await open(1);
  for (const actor of actors) {
    await actor.check(last);
    console.log(`${actor.name}: ${actor.summary()}`);
  }
  await last.close();
  const { steps, twice } = await journaledSteps(backends.mongo);
  console.log(`journal: ${steps} steps have ended`);
  if (twice > 0) count(findings.wrong, `journal: ${twice} steps have ended twice`);
} finally {
  await balancer.close();
  await nodes.close();
  await backends.stop();
  await rm(folder, { recursive: true, force: true });
}

console.log(
  `${findings.answered} calls, ${findings.failed} with an error; the longest took ${(findings.longestMs / 1_000).toFixed(1)} s`,
);
console.log('Errors while a server was disturbed:');
for (const [what, times] of findings.errors) console.log(`  ${times} x ${what}`);
if (findings.wrong.size > 0) {
  process.exitCode = 1;
  console.log('WRONG:');
  for (const [what, times] of findings.wrong) console.log(`  ${times} x ${what}`);
}
