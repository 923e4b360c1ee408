import type { DatabaseSync } from 'node:sqlite';
import type { ChosenRuns, CountedRuns } from '../../journal/types.ts';
import { overwriting } from '../engine/overwriting.ts';
import type { Session } from '../engine/session.ts';

/** One turn of the thread that writes: so many runs, and not many more bytes of them than these. */
const maxRuns = 50;
const maxBytes = 8 * 1024 * 1024;
const maxNamed = 1_000;

// As in the indexes `runs_by_end` and `runs_unfinished`, which serve these conditions.
const ended = "state NOT IN ('pending', 'running')";
const unfinished = "state IN ('pending', 'running')";
const endOfRun = 'coalesce(finished_at, created_at)';

/** The condition on the runs, and its values. */
function conditionOf(
  { caller, workflow, before }: ChosenRuns,
  state: string,
  time: string,
): { readonly where: string; readonly values: readonly (string | number)[] } {
  const parts: readonly (readonly [string, ...(string | number)[]])[] = [
    [state],
    ...(caller === undefined
      ? []
      : [["(caller = ? OR json_extract(caller_facts, '$.name') = ?)", caller, caller] as const]),
    ...(workflow === undefined ? [] : [['workflow = ?', workflow] as const]),
    ...(before === undefined ? [] : [[`${time} < ?`, before] as const]),
  ];
  return {
    where: parts.map(([condition]) => condition).join(' AND '),
    values: parts.flatMap(([, ...values]) => values),
  };
}

export function count({ db, tick }: Session, chosen: ChosenRuns): CountedRuns {
  const callers = new Set<string>();
  const of = conditionOf(chosen, ended, endOfRun);
  let counted = 0;
  for (const { caller } of db.prepare(`SELECT caller FROM runs WHERE ${of.where}`).iterate(...of.values)) {
    tick();
    counted++;
    callers.add(String(caller));
  }
  const waiting = conditionOf(chosen, unfinished, 'created_at');
  const rows = db
    .prepare(`SELECT id, caller FROM runs WHERE ${waiting.where} ORDER BY created_at LIMIT ${maxNamed}`)
    .all(...waiting.values);
  for (const { caller } of rows) callers.add(String(caller));
  return { ended: counted, unfinished: rows.map(({ id }) => String(id)), callers: [...callers] };
}

/** The next runs to erase: at least one, where there is one. */
function nextOf(db: DatabaseSync, tick: () => void, chosen: ChosenRuns): string[] {
  const { where, values } = conditionOf(chosen, ended, endOfRun);
  const rows = db
    .prepare(
      `SELECT id, step_bytes + octet_length(input) + coalesce(octet_length(output), 0) AS bytes
       FROM runs WHERE ${where} LIMIT ${maxRuns}`,
    )
    .iterate(...values);
  const ids: string[] = [];
  let bytes = 0;
  for (const row of rows) {
    tick();
    bytes += Number(row['bytes']);
    if (bytes > maxBytes && ids.length > 0) break;
    ids.push(String(row['id']));
  }
  return ids;
}

export const erase = ({ db, tick }: Session, chosen: ChosenRuns): string[] =>
  overwriting(db, () => {
    const ids = nextOf(db, tick, chosen);
    const all = JSON.stringify(ids);
    db.prepare('DELETE FROM steps WHERE run IN (SELECT value FROM json_each(?))').run(all);
    db.prepare('DELETE FROM runs WHERE id IN (SELECT value FROM json_each(?))').run(all);
    return ids;
  });
