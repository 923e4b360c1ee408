import type { Document } from '../../../../mql/index.ts';
import type { Session } from '../../engine/session.ts';
import { type SqlFilter, sqlFilter } from './filter.ts';
import { enableTicks, ticking } from './tick.ts';

/** A row that may match a filter. */
export interface CandidateRow {
  readonly row: number;
  readonly bson: Uint8Array;
  /** The filter is known to match and need not be applied. */
  readonly certain: boolean;
}

/**
 * SQL for the rows of a collection that may match, in insertion order: `id`, `certain`, and the columns of `extra`. It
 * takes the parameters of the filter, `$collection` and `$after`, the row after which to begin. LIMIT keeps SQLite from
 * merging the inner queries, which would read a column again for every mention of it.
 */
export function candidateSql({ steps }: SqlFilter, extra = ''): string {
  let from = `documents WHERE collection = $collection AND id > $after AND ${ticking} ORDER BY id LIMIT -1`;
  let certain = '1';
  for (const step of steps) {
    from = `(SELECT id, fields, ${certain} AS certain${step.columns} FROM ${from}) WHERE ${step.possible} LIMIT -1`;
    // Where both conditions are the same, this step leaves no uncertainty in the remaining rows.
    certain = step.certain === step.possible ? 'certain' : `certain AND ${step.certain}`;
  }
  return `SELECT id, ${certain} AS certain${extra} FROM ${from}`;
}

/** Rows of a collection that may match a valid filter without collation, in insertion order. */
export function* candidateRows(
  session: Session,
  collection: number,
  filter: Document,
  after = 0,
): Generator<CandidateRow> {
  const sql = sqlFilter(filter);
  if (sql.never) return;
  enableTicks(session);
  const rows = session.db
    .prepare(
      `SELECT m.id, m.certain, d.bson FROM (${candidateSql(sql)}) AS m CROSS JOIN documents AS d ON d.id = m.id`,
    )
    .iterate({ ...sql.parameters, collection, after });
  for (const { id, certain, bson } of rows) {
    session.tick();
    yield { row: Number(id), bson: bson as Uint8Array, certain: certain === 1 };
  }
}

/**
 * How many documents of a collection match a valid filter without collation.
 * @param matches decides where SQL cannot
 */
export function countRows(
  session: Session,
  collection: number,
  filter: Document,
  matches: (bson: Uint8Array) => boolean,
): number {
  const sql = sqlFilter(filter);
  if (sql.never) return 0;
  enableTicks(session);
  const parameters = { ...sql.parameters, collection, after: 0 };
  const candidates = candidateSql(sql);
  const counted = session.db
    .prepare(`SELECT count(*) AS possible, coalesce(sum(certain), 0) AS certain FROM (${candidates})`)
    .get(parameters);
  const certain = Number(counted?.['certain']);
  if (certain === Number(counted?.['possible'])) return certain;
  const uncertain = session.db
    .prepare(
      `SELECT d.bson FROM (${candidates}) AS m CROSS JOIN documents AS d ON d.id = m.id WHERE NOT m.certain`,
    )
    .iterate(parameters);
  let matching = certain;
  for (const { bson } of uncertain) {
    session.tick();
    if (matches(bson as Uint8Array)) matching++;
  }
  return matching;
}
