import type { DatabaseSync } from 'node:sqlite';
import type { Client } from '@modelcontextprotocol/client';
import { workflow } from './journal.ts';

/** Runs that one client has begun: their ids by their keys; undefined for one that was not acknowledged. */
export type Begun = Map<string, string | undefined>;

interface Answer {
  readonly run_id: string;
}

/** Begins a run, whose end it does not wait for; or asks again for one under its key. */
export function createBeginning(
  client: Client,
  name: string,
  begun: Begun,
  random: () => number,
): () => Promise<void> {
  return async function step(): Promise<void> {
    const known = [...begun.keys()];
    const again = random() < 0.2 ? known[Math.floor(random() * known.length)] : undefined;
    const key = again ?? `${name} ${known.length}`;
    const before = begun.get(key);
    begun.set(key, before);
    const args = { workflow, wait_seconds: 0, idempotency_key: key };
    const answer = await client.callTool({ name: 'run_workflow', arguments: args });
    if (answer.isError) throw new Error(`run_workflow: ${JSON.stringify(answer.content)}`);
    const { run_id: id } = answer.structuredContent as unknown as Answer;
    if (before !== undefined && before !== id) throw new Error(`the key ${key} began ${before} and ${id}`);
    begun.set(key, id);
  };
}

export function unfinishedIn(db: DatabaseSync): number {
  const sql = "SELECT count(*) AS n FROM runs WHERE state IN ('pending', 'running')";
  return Number(db.prepare(sql).get()?.['n']);
}

/** Completed steps of all runs as they were journaled, by run and place. */
export function allSteps(db: DatabaseSync): Map<string, string> {
  const rows = db
    .prepare("SELECT run, reference, attempts, finished_at, output FROM steps WHERE state = 'completed'")
    .all();
  return new Map(rows.map((row) => [`${row['run']} ${row['reference']}`, JSON.stringify(row)]));
}

/** What a run says whose processes were killed again and again before it got to its next step. */
const givenUp = /ended \d+ times in the same step/;

/**
 * Every acknowledged run is there once and has ended: completed, with the same steps as all others, or given up.
 * @throws Error saying what is not so
 */
export function assertAllEnded(
  db: DatabaseSync,
  begun: readonly Begun[],
): { completed: number; givenUp: number } {
  const runs = db
    .prepare(
      `SELECT id, idempotency_key AS key, state, coalesce(error, '') AS error,
        (SELECT count(*) FROM steps WHERE steps.run = runs.id AND steps.state = 'completed') AS steps FROM runs`,
    )
    .all();
  const byKey = new Map(runs.map((run) => [String(run['key']), run]));
  if (byKey.size !== runs.length) throw new Error('a key has begun two runs');
  const completed = runs.filter((run) => run['state'] === 'completed');
  for (const run of runs) {
    const isWhole = run['state'] === 'completed' && run['steps'] === completed[0]?.['steps'];
    if (isWhole || (run['state'] === 'faulted' && givenUp.test(String(run['error'])))) continue;
    throw new Error(`run ${run['id']} is ${run['state']} after ${run['steps']} steps: ${run['error']}`);
  }
  for (const [key, id] of begun.flatMap((known) => [...known])) {
    if (id !== undefined && byKey.get(key)?.['id'] !== id) throw new Error(`the run of key ${key} is lost`);
    byKey.delete(key);
  }
  if (byKey.size > 0) throw new Error(`nobody began the runs of ${[...byKey.keys()].slice(0, 3)}`);
  return { completed: completed.length, givenUp: runs.length - completed.length };
}
