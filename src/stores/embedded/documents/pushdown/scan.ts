import { compileFilter, type Document, decode } from '../../../../mql/index.ts';
import { createSequenceReader, wantedFields } from '../../../../mql/values/decode-fields.ts';
import type { Session } from '../../engine/session.ts';
import { statement } from '../../engine/statements.ts';
import { type SqlFilter, sqlFilter } from './filter.ts';
import { candidateSql } from './rows.ts';
import { enableTicks } from './tick.ts';

/** Documents that cross from SQLite at a time. The first chunk is small, since the reader may need no more. */
const FIRST_CHUNK = 16;
const MAX_CHUNK = 256;
/** Documents larger than this, in bytes of BSON, cross alone, so that a chunk is 8 MiB at most. */
const LARGE = 32_768;

/** What to read of a collection. */
export interface Scan {
  readonly collection: number;
  /** A valid filter without collation. */
  readonly filter: Document;
  /** The compiled filter, if the caller has it. */
  readonly matches?: (document: Document) => boolean;
  /** The top-level fields wanted, all if absent; others may be included. */
  readonly fields?: readonly string[] | undefined;
}

export interface ScannedDocument {
  readonly row: number;
  readonly document: Document;
}

/** One row: the BSON of the next documents end to end, with four zeros in place of a large one. */
function chunkSql(filter: SqlFilter): string {
  const source =
    filter.steps.length === 0
      ? `(SELECT * FROM (${candidateSql(filter, ', bson')}) LIMIT $size)`
      : `(SELECT * FROM (${candidateSql(filter)}) LIMIT $size) CROSS JOIN documents USING (id)`;
  return `SELECT json_group_array(id) AS ids, group_concat(certain, '') AS certain,
    CAST(group_concat(iif(octet_length(bson) <= ${LARGE}, bson, x'00000000'), '') AS BLOB) AS bson
    FROM ${source}`;
}

/**
 * The matching documents of a collection, in insertion order. Many cross from SQLite at once: a row for each would take
 * longer than everything else.
 */
export function* scan(session: Session, source: Scan): Generator<ScannedDocument> {
  const { collection, filter, fields } = source;
  const sql = sqlFilter(filter);
  if (sql.never) return;
  const matches = source.matches ?? compileFilter(filter);
  const wanted = fields && wantedFields(fields);
  enableTicks(session);
  const chunks = session.db.prepare(chunkSql(sql));
  let after = 0;
  for (let size = FIRST_CHUNK; ; size = Math.min(2 * size, MAX_CHUNK)) {
    const chunk = chunks.get({ ...sql.parameters, collection, after, size }) ?? {};
    const rows = JSON.parse(String(chunk['ids'])) as number[];
    const certain = String(chunk['certain']);
    const reader = createSequenceReader((chunk['bson'] ?? new Uint8Array(0)) as Uint8Array);
    for (let i = 0; i < rows.length; i++) {
      session.tick();
      const row = rows[i] as number;
      const sure = certain.charCodeAt(i) === 49;
      let document: Document;
      if (reader.peek() === 0) {
        reader.skip(4);
        document = documentOf(session, row);
      } else document = reader.next(sure ? wanted : undefined);
      if (sure || matches(document)) yield { row, document };
      after = row;
    }
    if (rows.length < size) return;
  }
}

/** The document of an existing row. */
export function documentOf(session: Session, row: number): Document {
  const found = statement(session, 'SELECT bson FROM documents WHERE id = ?').get(row);
  return decode(found?.['bson'] as Uint8Array);
}
