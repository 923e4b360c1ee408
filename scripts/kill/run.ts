import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { assertTakenUp, runIn, stepsIn, unfinished, wholeRun, workflow, writeWorkflow } from './journal.ts';
import { assertOften, hydrogen, kill9, pause, start } from './process.ts';

const rounds = 150;

/** Each trial: a run of many steps is killed, then goes on at the next start of a server. */
export async function runTrials(trials: number, random: () => number): Promise<void> {
  const base = await mkdtemp(join(tmpdir(), 'hydrogen-kill-'));
  try {
    const things = await writeWorkflow(base, rounds);
    const runMs = wholeRun(join(base, 'fresh'), things);
    let inTheMiddle = 0;
    let withSteps = 0;
    for (let trial = 0; trial < trials; trial++) {
      const dataDir = join(base, `trial-${trial}`);
      hydrogen(dataDir, 'import', 'things', things);
      const child = start(dataDir, 'run', workflow);
      // The run is acknowledged once it is in the journal; the kill falls anywhere behind that.
      while (!runIn(dataDir) && child.exitCode === null) await pause(20);
      await pause(random() * runMs * 0.9);
      const killed = await kill9(child);
      const left = unfinished(runIn(dataDir));
      const before = stepsIn(dataDir);
      if (killed && left) inTheMiddle++;
      if (killed && left && before.size > 0) withSteps++;
      await assertTakenUp(dataDir, before, `run trial ${trial}`);
      await rm(dataDir, { recursive: true });
    }
    process.stdout.write(
      `run: ${trials} trials, ${inTheMiddle} killed in the middle (${withSteps} behind journaled steps), all completed, no step repeated\n`,
    );
    assertOften('run', trials, inTheMiddle);
    if (trials >= 5 && withSteps === 0) throw new Error('run: no trial had a step in the journal');
  } finally {
    await rm(base, { recursive: true, force: true, maxRetries: 5 });
  }
}
