import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { assertTakenUp, runIn, stepsIn, unfinished, wholeRun, workflow, writeWorkflow } from './journal.ts';
import { assertOften, hydrogen, kill9, pause, start } from './process.ts';

/** Longer than the time that calls under way are given when stdin has ended (2 s, src/transports/stdio.ts). */
const runMs = 5_000;
/** The end of stdin falls anywhere in this time from the acknowledgement of the run on. */
const quitMs = 1_000;
const patienceMs = 30_000;

/** A run of some turns tells how many the long one must have. */
async function writeLongWorkflow(base: string): Promise<string> {
  const rounds = 300;
  const things = await writeWorkflow(base, rounds);
  const ms = wholeRun(join(base, 'fresh'), things);
  // A run may have 10,000 steps: two a turn.
  return writeWorkflow(base, Math.min(4_900, Math.ceil((rounds * runMs) / ms)));
}

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
    const things = await writeLongWorkflow(base);
    let inTheMiddle = 0;
    for (let trial = 0; trial < trials; trial++) {
      const name = `quit trial ${trial}`;
      const dataDir = join(base, `trial-${trial}`);
      hydrogen(dataDir, 'import', 'things', things);
      const server = start(dataDir, 'serve');
      for (const message of messages)
        server.stdin?.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
      for (const until = Date.now() + patienceMs; !runIn(dataDir); await pause(20))
        if (server.exitCode !== null || Date.now() > until) throw new Error(`${name}: no run was begun`);
      await pause(random() * quitMs);
      const exited = once(server, 'exit', { signal: AbortSignal.timeout(patienceMs) });
      server.stdin?.end();
      const [code, signal] = await exited.catch(async () => {
        await kill9(server);
        throw new Error(`${name}: the server did not end within ${patienceMs / 1_000} s`);
      });
      if (code !== 0) throw new Error(`${name}: the server ended with ${code ?? signal}`);
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
