import { type ArchivedRun, type ArchivedStep, sameKey, stepBytesOf } from '../../journal/archive.ts';
import type { Session } from '../engine/session.ts';
import { callerColumns, present, resultOf, runColumns, runOf, stepColumns, stepOf } from './rows.ts';

function stepsOf({ db, tick }: Session, id: string): ArchivedStep[] {
  const steps: ArchivedStep[] = [];
  const rows = db.prepare(
    `SELECT ${stepColumns}, output, context, next FROM steps WHERE run = ? ORDER BY id`,
  );
  for (const row of rows.iterate(id)) {
    tick();
    steps.push({ ...stepOf(row), ...present('result', row['output'], () => resultOf(row)) });
  }
  return steps;
}

function writeSteps({ db, tick }: Session, id: string, steps: readonly ArchivedStep[]): void {
  db.prepare('DELETE FROM steps WHERE run = ?').run(id);
  const insert = db.prepare(
    `INSERT INTO steps
       (run, reference, name, kind, attempts, state, output, context, next, note, error, started_at, finished_at)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  for (const { result, error, ...step } of steps) {
    tick();
    const { reference, name, kind, attempts, state, note = null, startedAt, finishedAt = null } = step;
    const results = [result?.output ?? null, result?.context ?? null, result?.next ?? null];
    const end = [note, error ? JSON.stringify(error) : null, startedAt, finishedAt];
    insert.run(id, reference, name, kind, attempts, state, ...results, ...end);
  }
}

/** Handlers of `JournalArchive`. */
export const journalArchiveHandlers = {
  ended({ db }: Session, after: string | undefined, limit: number): string[] {
    const rows = db
      .prepare(`SELECT id FROM runs WHERE state NOT IN ('pending', 'running') AND id > ? ORDER BY id LIMIT ?`)
      .all(after ?? '', limit);
    return rows.map((row) => String(row['id']));
  },

  read(session: Session, id: string): ArchivedRun | undefined {
    const row = session.db
      .prepare(`SELECT ${runColumns}, definition, sha256, idempotency_key FROM runs WHERE id = ?`)
      .get(id);
    return (
      row && {
        run: runOf(row),
        definition: String(row['definition']),
        sha256: String(row['sha256']),
        ...present('idempotencyKey', row['idempotency_key'], String),
        steps: stepsOf(session, id),
      }
    );
  },

  write(session: Session, { run, definition, sha256, idempotencyKey, steps }: ArchivedRun): void {
    const { db } = session;
    const other = db.prepare('SELECT 1 FROM runs WHERE caller = ? AND idempotency_key = ? AND id <> ?');
    if (idempotencyKey !== undefined && other.get(run.caller.id, idempotencyKey, run.id))
      throw sameKey(run.id);
    const [caller, scopes, facts] = callerColumns(run.caller);
    const values = {
      id: run.id,
      caller,
      scopes,
      caller_facts: facts,
      workflow: run.workflow,
      version: run.version,
      definition,
      sha256,
      idempotency_key: idempotencyKey ?? null,
      state: run.state,
      revision: run.revision,
      cancel_requested: run.state === 'cancelled' ? 1 : 0,
      input: run.input,
      output: run.output ?? null,
      error: run.error ? JSON.stringify(run.error) : null,
      step_bytes: stepBytesOf(steps),
      created_at: run.createdAt,
      started_at: run.startedAt ?? null,
      finished_at: run.finishedAt ?? null,
    };
    const names = Object.keys(values);
    db.prepare(
      `INSERT INTO runs (${names.join(', ')}) VALUES (${names.map(() => '?').join(', ')})
       ON CONFLICT (id) DO UPDATE SET ${names.map((name) => `${name} = excluded.${name}`).join(', ')}`,
    ).run(...Object.values(values));
    writeSteps(session, run.id, steps);
  },
};
