import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { hydrogen, inspect, kill9, pause, start } from './process.ts';

export const workflow = 'many-steps';

/** A folder with a workflow of `rounds` turns, two steps each, and the name of a file with its data. */
export async function writeWorkflow(base: string, rounds: number): Promise<string> {
  const definition = `document: { dsl: '1.0.3', namespace: kill, name: ${workflow}, version: '1.0.0' }
do:
  - each:
      for: { each: n, in: '\${ [range(${rounds})] }' }
      do:
        - look: { call: count, with: { collection: things } }
        - keep: { set: { at: '\${ $n }', found: '\${ .count }' } }
`;
  const folder = join(base, 'workflows');
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, `${workflow}.yaml`), definition);
  process.env['HYDROGEN_WORKFLOW_FOLDERS'] = folder;
  const things = join(base, 'things.jsonl');
  await writeFile(things, '{"a":1}\n{"a":2}\n');
  return things;
}

export interface RunRow {
  readonly state: string;
  readonly cancelRequested: boolean;
  /** From the acknowledgement to the end, ms; 0 while it goes on. */
  readonly ms: number;
}

/** The one run of a data directory, once it is acknowledged. */
export function runIn(dataDir: string): RunRow | undefined {
  return inspect(dataDir, (db) => {
    const row = db.prepare('SELECT state, cancel_requested, created_at, finished_at FROM runs').get();
    if (!row) return undefined;
    const { state, cancel_requested: cancel, created_at: from, finished_at: to } = row;
    return {
      state: String(state),
      cancelRequested: cancel !== 0,
      ms: to === null ? 0 : Number(to) - Number(from),
    };
  });
}

/** Completed steps as they were journaled, by their place. */
export type Steps = ReadonlyMap<string, string>;

function completedSteps(db: DatabaseSync): Steps {
  const rows = db
    .prepare("SELECT reference, attempts, finished_at, output FROM steps WHERE state = 'completed'")
    .all();
  return new Map(rows.map((row) => [String(row['reference']), JSON.stringify(row)]));
}

export const stepsIn = (dataDir: string): Steps => inspect(dataDir, completedSteps);

export const unfinished = (run: RunRow | undefined): boolean =>
  run !== undefined && ['pending', 'running'].includes(run.state);

/** How long a whole run takes from its acknowledgement on, ms: measured once. */
export function wholeRun(dataDir: string, things: string): number {
  hydrogen(dataDir, 'import', 'things', things);
  hydrogen(dataDir, 'run', workflow);
  return runIn(dataDir)?.ms ?? 0;
}

/**
 * Starts a server on a directory with a run that was left, waits until the run has ended by itself, and
 * compares its steps with those that were journaled `before`.
 * @throws Error when it does not complete, or a step ran again
 */
export async function assertTakenUp(dataDir: string, before: Steps, trial: string): Promise<void> {
  const server = start(dataDir, 'serve');
  let run = runIn(dataDir);
  try {
    for (const until = Date.now() + 60_000; unfinished(run) && Date.now() < until; run = runIn(dataDir))
      await pause(100);
  } finally {
    server.stdin?.end();
    await kill9(server);
  }
  if (run?.state !== 'completed') throw new Error(`${trial}: the run is ${run?.state ?? 'lost'}`);
  const after = stepsIn(dataDir);
  for (const [reference, step] of before) {
    if (after.get(reference) === step) continue;
    throw new Error(`${trial}: step ${reference} was journaled as done and ran again`);
  }
}
