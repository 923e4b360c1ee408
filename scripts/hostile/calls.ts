// Calls a built server with arguments that ask too much of it: lists of a million values, documents and paths nested
// deep, texts of megabytes. First one after another, then several at a time, over HTTP (4 MB each).
//   npm run hostile -- calls [--program path/to/cli.js] [--quick] [--only WORDS] [--at-a-time N]
// Ends with code 1 when the server takes more memory than it may, does not give it back, does not answer, or answers
// after a call's time limit or without saying meanwhile that it lives; --quick tells times, but does not judge them.
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { percentile } from '../bench/statistics.ts';
import { watchLiveness } from '../soak/liveness.ts';
import { builtProgram, startSampleServer } from '../soak/server.ts';
import { type HostileMessage, hostileMessages } from './arguments.ts';
import { proportionalKb, takePeakMb, treeKb, watchTree } from './memory.ts';
import { type Answer, build, openHttp } from './raw-client.ts';

const { values } = parseArgs({
  options: {
    program: { type: 'string', default: builtProgram },
    quick: { type: 'boolean', default: false },
    only: { type: 'string', default: '' },
    'at-a-time': { type: 'string', default: '8' },
  },
});
const limitMs = 5_000;
/** What a call may take beyond its limit: reading the message and writing the answer on a busy machine. */
const marginMs = 1_500;
const maxPeakMb = 600;
const maxKeptMb = 150;
const longestLivenessMs = 1_000;
const restMs = values.quick ? 12_000 : 60_000;

const every = values.quick ? 6 : 1;
const messages = hostileMessages.filter(({ name }, i) => i % every === 0 && name.includes(values.only));
const server = await startSampleServer(values.program, { HYDROGEN_CALL_TIMEOUT_MS: String(limitMs) });
const memoryNow = (): number => treeKb(server.pid, proportionalKb).reduce((sum, kb) => sum + kb, 0) / 1_024;
const problems: string[] = [];
/** What went wrong with time: a machine that others use is no ground to fail. */
const delays = values.quick ? [] : problems;

/** The parts that a server has in use after a few calls belong to it when it is idle. */
async function warmUp(): Promise<void> {
  const client = await openHttp(server.url, true);
  const calls = [
    ['search', '{"query":"water"}'],
    ['find', '{"collection":"technologies"}'],
    ['add_document', '{"name":"warm","text":"warm"}'],
    ['insert', '{"collection":"hostile","documents":[{"a":1}]}'],
    ['run_workflow', '{"workflow":"reading-list"}'],
  ] as const;
  for (const [tool, args] of calls) {
    const params = `{"name":"${tool}","arguments":${args}}`;
    await client.send({ method: 'tools/call', name: tool, params: params.slice(0, -1) });
  }
  client.close();
}

const answers: Answer[] = [];
function note({ name }: HostileMessage, answer: Answer, how: string): void {
  answers.push(answer);
  if (!answer.isAnswer) problems.push(`${name} (${how}) was not answered: ${answer.text}`);
  if (answer.took > limitMs + marginMs) delays.push(`${name} (${how}) took ${answer.took.toFixed(0)} ms`);
}

// However this ends, the server does too.
process.on('exit', () => {
  if (!server.hasEnded()) process.kill(server.pid);
});

await warmUp();
const idle = memoryNow();
const liveness = watchLiveness(server.url, 50);
const underWay = new Set<string>();
const watch = watchTree(server.pid, proportionalKb, () => [...underWay].join('; '));
const alone = await openHttp(server.url, false);
let highest = takePeakMb(server.pid);
for (const [message, fits] of messages.flatMap((one) => [[one, false] as const, [one, true] as const])) {
  if (values.quick && !fits) continue;
  const seen = liveness.times.length;
  const answer = await alone.send(build(message, fits));
  await delay(20);
  const peak = takePeakMb(server.pid);
  highest = Math.max(highest, peak);
  note(message, answer, 'alone');
  const alive = Math.max(0, ...liveness.times.slice(seen));
  console.log(
    [
      `${message.name}${fits ? ', fitting' : ''}`.padEnd(60),
      `${answer.took.toFixed(0).padStart(6)} ms`,
      `peak ${peak.toFixed(0).padStart(5)} MB`,
      `liveness ${alive.toFixed(0).padStart(5)} ms`,
      answer.text.slice(0, 120),
    ].join('  '),
  );
  if (server.hasEnded()) break;
}
alone.close();

/** Everything once more, several at a time, each from a connection of its own. */
const queue = messages.map((message) => ({ message, built: build(message, true) }));
const together = Number(values['at-a-time']);
const began = performance.now();
await Promise.all(
  Array.from({ length: together }, async (_, i) => {
    const client = await openHttp(server.url, i % 2 === 1).catch((error: Error) => {
      problems.push(`a client could not connect: ${error.message}`);
    });
    if (!client) return;
    for (let next = queue.shift(); next && !server.hasEnded(); next = queue.shift()) {
      underWay.add(next.message.name);
      note(next.message, await client.send(next.built), `${together} at a time`);
      underWay.delete(next.message.name);
    }
    client.close();
  }),
);
const seconds = (performance.now() - began) / 1_000;
const atATime = takePeakMb(server.pid);
const tree = watch.stop();
liveness.stop();
if (server.hasEnded()) problems.push(`the server ended by itself: ${server.log.join('\n')}`);
await delay(server.hasEnded() ? 0 : restMs);
const kept = memoryNow();

const peak = Math.max(highest, atATime, tree?.peak ?? 0);
console.log(`${messages.length} messages, then ${together} at a time in ${seconds.toFixed(1)} s.`);
console.log(
  `Memory, MB: the server's peak alone ${highest.toFixed(0)}, ${together} at a time ${atATime.toFixed(0)}, with child processes ${tree?.peak} (at most ${maxPeakMb}); idle ${idle.toFixed(0)}, ${restMs / 1_000} s later ${kept.toFixed(0)} (at most ${maxKeptMb} more).`,
);
console.log(`At the peak: ${tree?.each.join(' + ')} MB during ${tree?.during}.`);
const longest = Math.max(...answers.map(({ took }) => took));
console.log(
  `Longest answer ${longest.toFixed(0)} ms (limit of a call ${limitMs}, at most ${limitMs + marginMs}).`,
);
const { times, failures } = liveness;
console.log(
  `Liveness: ${times.length} answers, p99 ${percentile(times, 0.99).toFixed(0)}, longest ${Math.max(...times).toFixed(0)} ms (at most ${longestLivenessMs}).`,
);
if (peak > maxPeakMb) problems.push(`it took ${peak.toFixed(0)} MB`);
if (kept > idle + maxKeptMb) problems.push(`it kept ${(kept - idle).toFixed(0)} MB`);
if (Math.max(...times) > longestLivenessMs) delays.push('it did not say in time that it lives');
if (failures.length > 0) problems.push(`liveness was not answered ${failures.length} times: ${failures[0]}`);
await server.stop();
for (const problem of problems) console.error(`PROBLEM ${problem}`);
process.exitCode = problems.length > 0 ? 1 : 0;
