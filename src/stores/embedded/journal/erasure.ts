import type { DatabaseSync } from 'node:sqlite';
import type { ChosenRuns, CountedRuns, ErasedRuns } from '../../journal/types.ts';
import { overwriting } from '../engine/overwriting.ts';
import type { Session } from '../engine/session.ts';

/** One turn of the thread that writes: so many runs, and not many more bytes of them than these. */
const maxRuns = 50;
const maxBytes = 8 * 1024 * 1024;
/** Runs that are looked at in one turn: of others, too, since no index knows the names of callers. */
const maxLooked = 10_000;
const maxNamed = 1_000;

// As in the indexes `runs_by_end` and `runs_unfinished`, which serve these conditions.
const ended = "state NOT IN ('pending', 'running')";
const unfinished = "state IN ('pending', 'running')";
const endOfRun = 'coalesce(finished_at, created_at)';

type Value = string | number;

interface Condition {
  readonly where: string;
  readonly values: readonly Value[];
}

const allOf = (parts: readonly (readonly [string, ...Value[]])[]): Condition => ({
  where: parts.length === 0 ? 'TRUE' : parts.map(([condition]) => condition).join(' AND '),
  values: parts.flatMap(([, ...values]) => values),
});

/** Those of whom: no index serves it. */
const conditionOf = ({ caller, workflow }: ChosenRuns): Condition =>
  allOf([
    ...(caller === undefined
      ? []
      : [["(caller = ? OR json_extract(caller_facts, '$.name') = ?)", caller, caller] as const]),
    ...(workflow === undefined ? [] : [['workflow = ?', workflow] as const]),
  ]);

/** Those that are in one of two states and old enough. */
function choiceOf(chosen: ChosenRuns, state: string, time: string): Condition {
  const { where, values } = conditionOf(chosen);
  const { before } = chosen;
  return allOf([
    [state],
    ...(before === undefined ? [] : [[`${time} < ?`, before] as const]),
    [where, ...values],
  ]);
}

export function count({ db, tick }: Session, chosen: ChosenRuns): CountedRuns {
  const callers = new Set<string>();
  const of = choiceOf(chosen, ended, endOfRun);
  let counted = 0;
  for (const { caller } of db.prepare(`SELECT caller FROM runs WHERE ${of.where}`).iterate(...of.values)) {
    tick();
    counted++;
    callers.add(String(caller));
  }
  const waiting = choiceOf(chosen, unfinished, 'created_at');
  const rows = db
    .prepare(`SELECT id, caller FROM runs WHERE ${waiting.where} ORDER BY created_at`)
    .iterate(...waiting.values);
  const named: string[] = [];
  let unfinishedCount = 0;
  for (const { id, caller } of rows) {
    tick();
    unfinishedCount++;
    callers.add(String(caller));
    if (named.length < maxNamed) named.push(String(id));
  }
  return { ended: counted, unfinished: named, unfinishedCount, callers: [...callers] };
}

/** The run that was looked at last: when it ended, and its id. */
type Position = readonly [number, string];

/** The next runs to erase, and where to go on. */
function nextOf(
  db: DatabaseSync,
  tick: () => void,
  chosen: ChosenRuns,
  after: string | undefined,
): ErasedRuns {
  const is = conditionOf(chosen);
  const position = after === undefined ? undefined : (JSON.parse(after) as Position);
  const from = allOf([
    [ended],
    ...(chosen.before === undefined ? [] : [[`${endOfRun} < ?`, chosen.before] as const]),
    ...(position === undefined
      ? []
      : [[`${endOfRun} >= ? AND (${endOfRun} > ? OR id > ?)`, position[0], ...position] as const]),
  ]);
  const rows = db
    .prepare(
      `SELECT id, ${endOfRun} AS at, ${is.where} AS is_chosen,
         step_bytes + octet_length(input) + coalesce(octet_length(output), 0) AS bytes
       FROM runs WHERE ${from.where} ORDER BY ${endOfRun}, id LIMIT ${maxLooked}`,
    )
    .iterate(...is.values, ...from.values);
  const ids: string[] = [];
  let [bytes, looked] = [0, 0];
  let last: Position | undefined;
  const portion = (): ErasedRuns => ({ ids, next: JSON.stringify(last) });
  for (const row of rows) {
    tick();
    if (row['is_chosen'] === 1) {
      bytes += Number(row['bytes']);
      if (ids.length === maxRuns || (bytes > maxBytes && ids.length > 0)) return portion();
      ids.push(String(row['id']));
    }
    last = [Number(row['at']), String(row['id'])];
    if (++looked === maxLooked) return portion();
  }
  return { ids };
}

export const erase = ({ db, tick }: Session, chosen: ChosenRuns, after: string | undefined): ErasedRuns =>
  overwriting(db, () => {
    const erased = nextOf(db, tick, chosen, after);
    const all = JSON.stringify(erased.ids);
    db.prepare('DELETE FROM steps WHERE run IN (SELECT value FROM json_each(?))').run(all);
    db.prepare('DELETE FROM runs WHERE id IN (SELECT value FROM json_each(?))').run(all);
    return erased;
  });
