import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { hydrogen, inspect, kill9, pause, start } from './process.ts';

const rounds = 150;

const definition = `document:
  dsl: '1.0.3'
  namespace: kill
  name: many-steps
  version: '1.0.0'
do:
  - each:
      for: { each: n, in: '\${ [range(${rounds})] }' }
      do:
        - look: { call: count, with: { collection: things } }
        - keep: { set: { at: '\${ $n }', found: '\${ .count }' } }
`;

interface Step {
  readonly reference: string;
  readonly attempts: number;
  readonly finishedAt: number;
  readonly output: string;
}

function completedSteps(db: DatabaseSync): Map<string, Step> {
  const rows = db
    .prepare("SELECT reference, attempts, finished_at, output FROM steps WHERE state = 'completed'")
    .all();
  const steps = rows.map((row) => ({
    reference: String(row['reference']),
    attempts: Number(row['attempts']),
    finishedAt: Number(row['finished_at']),
    output: String(row['output']),
  }));
  return new Map(steps.map((step) => [step.reference, step]));
}

function runState(db: DatabaseSync): string | undefined {
  return db.prepare('SELECT state FROM runs').get()?.['state'] as string | undefined;
}

/** Starts a server on the directory and waits until the run that was left has ended, by itself. */
async function takenUp(dataDir: string): Promise<string> {
  const server = start(dataDir, 'serve');
  try {
    for (const until = Date.now() + 60_000; Date.now() < until; await pause(100)) {
      const state = inspect(dataDir, runState) ?? 'lost';
      if (state !== 'running' && state !== 'pending') return state;
    }
    return 'not ended within a minute';
  } finally {
    server.stdin?.end();
    await kill9(server);
  }
}

/** Each trial: a run of many steps is killed, then goes on at the next start of a server. */
export async function runTrials(trials: number, random: () => number): Promise<void> {
  const base = await mkdtemp(join(tmpdir(), 'hydrogen-kill-'));
  try {
    const workflows = join(base, 'workflows');
    await mkdir(workflows);
    await writeFile(join(workflows, 'many-steps.yaml'), definition);
    process.env['HYDROGEN_WORKFLOW_FOLDERS'] = workflows;
    await writeFile(join(base, 'things.jsonl'), '{"a":1}\n{"a":2}\n');
    const fresh = join(base, 'fresh');
    hydrogen(fresh, 'import', 'things', join(base, 'things.jsonl'));
    const began = performance.now();
    hydrogen(fresh, 'run', 'many-steps');
    // From the acknowledgement on, which comes a little after the start of the command.
    const runMs = (performance.now() - began) * 0.8;
    let killed = 0;
    for (let trial = 0; trial < trials; trial++) {
      const dataDir = join(base, `trial-${trial}`);
      hydrogen(dataDir, 'import', 'things', join(base, 'things.jsonl'));
      const child = start(dataDir, 'run', 'many-steps');
      // The run is acknowledged once it is in the journal; the kill falls anywhere behind that.
      while (inspect(dataDir, runState) === undefined && child.exitCode === null) await pause(20);
      await pause(random() * runMs);
      if (await kill9(child)) killed++;
      const before = inspect(dataDir, completedSteps);
      const state = await takenUp(dataDir);
      if (state !== 'completed') throw new Error(`trial ${trial}: the run is ${state}`);
      const after = inspect(dataDir, completedSteps);
      for (const [reference, step] of before) {
        if (JSON.stringify(after.get(reference)) !== JSON.stringify(step)) {
          throw new Error(`trial ${trial}: step ${reference} was journaled as done and ran again`);
        }
      }
      await rm(dataDir, { recursive: true });
    }
    process.stdout.write(
      `run: ${trials} trials, ${killed} killed in the middle, all completed, no step repeated\n`,
    );
  } finally {
    await rm(base, { recursive: true, force: true, maxRetries: 5 });
  }
}
