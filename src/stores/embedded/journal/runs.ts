import type { JournaledStep, NewRun, RunRecord, StepRecord, UnfinishedRuns } from '../../journal/types.ts';
import type { Session } from '../engine/session.ts';
import { callerColumns, journaledStepOf, present, runColumns, runOf, stepColumns, stepOf } from './rows.ts';

export function findRun({ db }: Session, id: string): RunRecord | undefined {
  const row = db.prepare(`SELECT ${runColumns} FROM runs WHERE id = ?`).get(id);
  return row && runOf(row);
}

export function create(session: Session, run: NewRun): { run: RunRecord; created: boolean } {
  const { db } = session;
  const key = run.idempotencyKey ?? null;
  if (key !== null) {
    const same = db
      .prepare(`SELECT ${runColumns} FROM runs WHERE caller = ? AND idempotency_key = ?`)
      .get(run.caller.id, key);
    if (same) return { run: runOf(same), created: false };
  }
  const row = db
    .prepare(
      `INSERT INTO runs
       (id, caller, scopes, caller_facts, workflow, version, definition, sha256, idempotency_key, state, input,
        created_at)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 'pending', ?, ?) RETURNING ${runColumns}`,
    )
    .get(
      run.id,
      ...callerColumns(run.caller),
      run.workflow,
      run.version,
      run.definition,
      run.sha256,
      key,
      run.input,
      Date.now(),
    );
  if (!row) throw new Error('the run was not inserted');
  return { run: runOf(row), created: true };
}

export function steps({ db, tick }: Session, id: string): StepRecord[] {
  const found: StepRecord[] = [];
  for (const row of db.prepare(`SELECT ${stepColumns} FROM steps WHERE run = ? ORDER BY id`).iterate(id)) {
    tick();
    found.push(stepOf(row));
  }
  return found;
}

export function journaled({ db, tick }: Session, id: string): Map<string, JournaledStep> {
  const found = new Map<string, JournaledStep>();
  const rows = db.prepare(
    `SELECT reference, started_at, finished_at, output, context, next, error FROM steps
     WHERE run = ? AND (state = 'running' OR output IS NOT NULL OR error IS NOT NULL)`,
  );
  for (const row of rows.iterate(id)) {
    tick();
    found.set(String(row['reference']), journaledStepOf(row));
  }
  return found;
}

export function recent({ db }: Session, query: { caller?: string; limit: number }): RunRecord[] {
  const where = query.caller === undefined ? '' : 'WHERE caller = ?';
  return (
    db
      // Outputs may be large, and lists do not show them.
      .prepare(
        `SELECT ${runColumns.replace(' output,', ' NULL AS output,')} FROM runs ${where} ORDER BY created_at DESC, id DESC LIMIT ?`,
      )
      .all(...(query.caller === undefined ? [] : [query.caller]), query.limit)
      .map(runOf)
  );
}

export function unfinished({ db }: Session): UnfinishedRuns {
  // The condition of the index on unfinished runs, and then which of them.
  const waiting = db
    .prepare(
      `SELECT count(*) FILTER (WHERE lease_until <= ?1) AS pending,
         count(*) FILTER (WHERE lease_until > ?1) AS suspended,
         min(lease_until) FILTER (WHERE lease_until > ?1) AS wake_at
       FROM runs WHERE state IN ('pending', 'running') AND state = 'pending'`,
    )
    .get(Date.now());
  const running = db
    .prepare(
      `SELECT lease_owner, lease_until FROM runs
       WHERE state IN ('pending', 'running') AND state = 'running'`,
    )
    .all();
  return {
    pending: Number(waiting?.['pending']),
    suspended: Number(waiting?.['suspended']),
    ...present('wakeAt', waiting?.['wake_at'], Number),
    leases: running.map((row) => ({ owner: String(row['lease_owner']), until: Number(row['lease_until']) })),
  };
}

export function requestCancel(session: Session, id: string): RunRecord | undefined {
  session.db
    .prepare(
      `UPDATE runs SET cancel_requested = 1, revision = revision + 1,
         finished_at = CASE state WHEN 'pending' THEN ?2 END,
         state = CASE state WHEN 'pending' THEN 'cancelled' ELSE state END
       WHERE id = ?1 AND state IN ('pending', 'running')`,
    )
    .run(id, Date.now());
  return findRun(session, id);
}
