import { HydrogenError } from '../../../errors.ts';
import type { Claim, ClaimedRun, Lease, RenewedLease, RunEnd, StepWrite } from '../../journal/types.ts';
import type { Session } from '../engine/session.ts';
import { runColumns, runOf } from './rows.ts';

/** Total size of the results of a run's steps, in bytes: a loop that collects without end stops here. */
const maxStepBytes = 64 * 1024 * 1024;

export function claim({ db }: Session, { owner, leaseMs, exited }: Claim): ClaimedRun | undefined {
  const now = Date.now();
  const row = db
    .prepare(
      `UPDATE runs SET state = 'running', lease_owner = ?, lease_until = ?, fence = fence + 1,
         revision = revision + 1, started_at = coalesce(started_at, ?),
         crashes = crashes + (state = 'running')
       WHERE id = (
         SELECT id FROM runs
         WHERE state IN ('pending', 'running') AND (lease_until <= ? OR
           lease_owner IN (SELECT value FROM json_each(?)))
         ORDER BY created_at LIMIT 1)
       RETURNING ${runColumns}, definition, fence, crashes, cancel_requested`,
    )
    .get(owner, now + leaseMs, now, now, JSON.stringify(exited));
  if (!row) return undefined;
  const run = runOf(row);
  return {
    lease: { run: run.id, owner, fence: Number(row['fence']) },
    run,
    definition: String(row['definition']),
    crashes: Number(row['crashes']),
    cancelRequested: row['cancel_requested'] === 1,
  };
}

export function renew({ db }: Session, leases: readonly Lease[], leaseMs: number): RenewedLease[] {
  const update = db.prepare(
    `UPDATE runs SET lease_until = ? WHERE id = ? AND lease_owner = ? AND fence = ? AND state = 'running'
     RETURNING cancel_requested`,
  );
  return leases.map(({ run, owner, fence }) => {
    const row = update.get(Date.now() + leaseMs, run, owner, fence);
    return { run, held: row !== undefined, cancelRequested: row?.['cancel_requested'] === 1 };
  });
}

/** Counts the write as one revision of a run that is still held. */
function touch(
  { db }: Session,
  { run, owner, fence }: Lease,
): { cancelRequested: boolean; stepBytes: number } {
  const row = db
    .prepare(
      `UPDATE runs SET revision = revision + 1
       WHERE id = ? AND lease_owner = ? AND fence = ? AND state = 'running'
       RETURNING cancel_requested, step_bytes`,
    )
    .get(run, owner, fence);
  if (!row) {
    throw new HydrogenError(
      'conflict',
      `Another process has taken over run ${run}; the last work of this one was not recorded.`,
    );
  }
  return { cancelRequested: row['cancel_requested'] === 1, stepBytes: Number(row['step_bytes']) };
}

export function record(
  session: Session,
  lease: Lease,
  steps: readonly StepWrite[],
): { cancelRequested: boolean } {
  const { cancelRequested, stepBytes } = touch(session, lease);
  const write = session.db.prepare(
    `INSERT INTO steps
       (run, reference, name, kind, attempts, state, output, context, next, note, error, started_at, finished_at)
     VALUES (?, ?, ?, ?, 1, ?, ?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (run, reference) DO UPDATE SET
       attempts = attempts + (excluded.state = 'running'), state = excluded.state, output = excluded.output,
       context = excluded.context, next = excluded.next, note = excluded.note,
       error = excluded.error, finished_at = excluded.finished_at`,
  );
  let bytes = 0;
  let completed = false;
  for (const { reference, name, kind, state, startedAt, result, note = null, error } of steps) {
    const [output, context] = [result?.output ?? null, result?.context ?? null];
    const finishedAt = state === 'running' ? null : Date.now();
    const next = result?.next ?? null;
    const results = [output, context, next, note, error ? JSON.stringify(error) : null];
    write.run(lease.run, reference, name, kind, state, ...results, startedAt, finishedAt);
    bytes += (output?.length ?? 0) + (context?.length ?? 0);
    completed ||= state === 'completed';
  }
  if (stepBytes + bytes > maxStepBytes) {
    throw new HydrogenError(
      'too_large',
      `The results of the run's steps exceed ${maxStepBytes / 2 ** 20} MiB in all. Keep only what later steps need with output.as.`,
    );
  }
  session.db
    .prepare(
      'UPDATE runs SET step_bytes = step_bytes + ?, crashes = CASE WHEN ? THEN 0 ELSE crashes END WHERE id = ?',
    )
    .run(bytes, completed ? 1 : 0, lease.run);
  return { cancelRequested };
}

export function finish(session: Session, lease: Lease, end: RunEnd): void {
  const output = end.state === 'completed' ? end.output : null;
  const error = end.state === 'faulted' ? JSON.stringify(end.error) : null;
  touch(session, lease);
  session.db
    .prepare(
      `UPDATE runs SET state = ?, output = ?, error = ?, finished_at = ?, lease_owner = NULL, lease_until = 0
       WHERE id = ?`,
    )
    .run(end.state, output, error, Date.now(), lease.run);
}

/** The lease of a pending run has no owner; until it ends, nobody can claim the run. */
export function release(session: Session, lease: Lease, until = 0): void {
  const { cancelRequested } = touch(session, lease);
  session.db
    .prepare("UPDATE runs SET state = 'pending', lease_owner = NULL, lease_until = ? WHERE id = ?")
    .run(cancelRequested ? 0 : until, lease.run);
}
