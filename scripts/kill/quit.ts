import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { assertTakenUp, runIn, stepsIn, unfinished, wholeRun, workflow, writeWorkflow } from './journal.ts';
import { assertOften, hydrogen, kill9, pause, start } from './process.ts';

/** So many that the run is not done in the time that calls under way are given when stdin has ended. */
const rounds = 1_200;

const patienceMs = 30_000;

const messages = [
  {
    id: 1,
    method: 'initialize',
    params: {
      protocolVersion: '2025-11-25',
      capabilities: {},
      clientInfo: { name: 'quit', version: '1.0.0' },
    },
  },
  { method: 'notifications/initialized' },
  { id: 2, method: 'tools/call', params: { name: 'run_workflow', arguments: { workflow } } },
];

/** Each trial: a client calls run_workflow and closes its end while it waits. The run goes on at the next start. */
export async function quitTrials(trials: number, random: () => number): Promise<void> {
  const base = await mkdtemp(join(tmpdir(), 'hydrogen-quit-'));
  try {
    const things = await writeWorkflow(base, rounds);
    const runMs = trials > 0 ? wholeRun(join(base, 'fresh'), things) : 0;
    let inTheMiddle = 0;
    for (let trial = 0; trial < trials; trial++) {
      const name = `quit trial ${trial}`;
      const dataDir = join(base, `trial-${trial}`);
      hydrogen(dataDir, 'import', 'things', things);
      const server = start(dataDir, 'serve');
      for (const message of messages)
        server.stdin?.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
      while (!runIn(dataDir) && server.exitCode === null) await pause(20);
      await pause(random() * runMs * 0.3);
      const exited = once(server, 'exit');
      server.stdin?.end();
      const end = await Promise.race([exited, pause(patienceMs)]);
      if (end === undefined) {
        await kill9(server);
        throw new Error(`${name}: the server did not end within ${patienceMs / 1_000} s`);
      }
      if (end[0] !== 0) throw new Error(`${name}: the server ended with ${end[0] ?? end[1]}`);
      const run = runIn(dataDir);
      if (run?.cancelRequested) throw new Error(`${name}: the run was to be cancelled`);
      if (unfinished(run)) inTheMiddle++;
      else if (run?.state !== 'completed') throw new Error(`${name}: the run is ${run?.state ?? 'lost'}`);
      await assertTakenUp(dataDir, stepsIn(dataDir), name);
      await rm(dataDir, { recursive: true });
    }
    process.stdout.write(
      `quit: ${trials} trials, ${inTheMiddle} left in the middle, none cancelled, all completed, no step repeated\n`,
    );
    assertOften('quit', trials, inTheMiddle);
  } finally {
    await rm(base, { recursive: true, force: true, maxRetries: 5 });
  }
}
