// Many clients of both protocol eras use a built server for a while: every tool, resources, prompts, wrong input,
// cancelled calls; some leave and come again. What they are answered is checked, and the memory of the server and
// how fast it says that it lives are measured.
//   npm run soak -- [--minutes N] [--connections N] [--rate CALLS_A_SECOND] [--program path/to/cli.js] [--seed S]
//     [--secured]   callers are known by keys, limited and recorded, and calls are measured
// Ends with code 1 after a wrong answer, and when memory rises: the last third of the time against the middle one.
import { parseArgs } from 'node:util';
import { percentile } from './bench/statistics.ts';
import { table } from './demo/table.ts';
import { randomNumbers } from './random.ts';
import { collectionActions } from './soak/collections.ts';
import type { Tally } from './soak/connection.ts';
import { documentActions } from './soak/documents.ts';
import { watchLiveness } from './soak/liveness.ts';
import { run } from './soak/load.ts';
import { protocolActions } from './soak/protocol.ts';
import { median, sampleMemory, thirds } from './soak/samples.ts';
import { builtProgram, startSampleServer } from './soak/server.ts';

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '2' },
    connections: { type: 'string', default: '64' },
    rate: { type: 'string', default: '40' },
    program: { type: 'string', default: builtProgram },
    secured: { type: 'boolean', default: false },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
  },
});
const minutes = Number(values.minutes);
const milliseconds = minutes * 60_000;
/** Most that the last third may take against the middle third. A short run has hardly warmed up by then. */
const maxGrowth = minutes >= 10 ? 1.05 : 1.15;
const reportEveryMs = 10_000;

/** Not `Math.max(...times)`: a call takes about 120,000 arguments. */
const longest = (times: readonly number[]): number => times.reduce((most, time) => Math.max(most, time), 0);

const server = await startSampleServer(values.program, {}, values.secured);
const tally: Tally = { calls: new Map(), errors: { shown: [], count: 0 } };
const liveness = watchLiveness(server.url);
const memory = sampleMemory(server, 2_000);
const began = performance.now();
const seconds = (): number => (performance.now() - began) / 1_000;
const callCount = (): number => [...tally.calls.values()].reduce((sum, times) => sum + times.length, 0);

const reporting = setInterval(() => {
  const last = memory.samples.at(-1);
  const alive = liveness.times.slice(-100);
  console.log(
    [
      `${seconds().toFixed(0).padStart(5)} s`,
      `${callCount()} calls (${(callCount() / seconds()).toFixed(0)}/s)`,
      `${tally.errors.count} errors`,
      `RSS ${last?.resident} MB, all ${last?.all.toFixed(0)} MB, heap ${last?.heap} MB`,
      `liveness p99 ${percentile(alive, 0.99).toFixed(0)} ms`,
    ].join('  '),
  );
}, reportEveryMs);

console.log(
  `${values.connections} connections for ${minutes} minutes, seed ${values.seed}, ${values.program}`,
);
const problems: string[] = [];
try {
  await run({
    server,
    connections: Number(values.connections),
    rate: Number(values.rate),
    actions: [...documentActions(server.folder), ...collectionActions, ...protocolActions],
    random: randomNumbers(Number(values.seed)),
    tally,
    signal: AbortSignal.timeout(milliseconds),
  });
} finally {
  clearInterval(reporting);
  await memory.stop();
  liveness.stop();
  if (server.hasEnded()) problems.push(`the server ended by itself: ${server.log.join('\n')}`);
  await server.stop();
}

console.log(
  table(
    [...tally.calls]
      .sort(([, a], [, b]) => b.length - a.length)
      .map(([name, times]) => ({
        call: name,
        times: times.length,
        'median ms': percentile(times, 0.5).toFixed(1),
        'p99 ms': percentile(times, 0.99).toFixed(1),
        'longest ms': longest(times).toFixed(0),
      })),
  ),
);
const parts = thirds(memory.samples, milliseconds);
const kinds = ['resident', 'all', 'heap'] as const;
const titles = { resident: 'server RSS MB', all: 'all processes RSS MB', heap: 'heap MB' };
console.log(
  table(
    parts.map((part, i) => ({
      third: ['first', 'middle', 'last'][i],
      ...Object.fromEntries(
        kinds.map((kind) => [titles[kind], median(part.map((one) => one[kind])).toFixed(0)]),
      ),
      'highest RSS MB': longest(part.map(({ all }) => all)).toFixed(0),
    })),
  ),
);
for (const kind of kinds) {
  const [, middle = Number.NaN, last = Number.NaN] = parts.map((part) =>
    median(part.map((one) => one[kind])),
  );
  const growth = last / middle;
  console.log(
    `${titles[kind]}: the last third is ${growth.toFixed(3)} of the middle one (at most ${maxGrowth}).`,
  );
  if (!(growth <= maxGrowth)) problems.push(`${titles[kind]} grew by ${((growth - 1) * 100).toFixed(1)} %`);
}
const { times, failures } = liveness;
console.log(
  `Liveness: ${times.length} answers, median ${percentile(times, 0.5).toFixed(1)}, p99 ${percentile(times, 0.99).toFixed(1)}, longest ${longest(times).toFixed(0)} ms.`,
);
console.log(`${callCount()} calls in ${seconds().toFixed(0)} s, ${tally.errors.count} errors.`);
if (failures.length > 0) problems.push(`liveness: ${failures.length} not answered, ${failures[0]}`);
if (tally.errors.count > 0) problems.push(`${tally.errors.count} errors, the first:`, ...tally.errors.shown);
for (const problem of problems) console.error(`PROBLEM ${problem}`);
process.exitCode = problems.length > 0 ? 1 : 0;
