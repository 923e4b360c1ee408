import type { DatabaseSync } from 'node:sqlite';
import {
  type AuditAnchor,
  type AuditEnd,
  type AuditEntry,
  type AuditPlace,
  madeAt,
} from '../../audit/audit-log.ts';
import { overwriting } from '../engine/overwriting.ts';
import type { Session } from '../engine/session.ts';

type Row = Readonly<Record<string, unknown>>;

const entryOf = ({ seq, record, code, said }: Row): AuditEntry => ({
  seq: Number(seq),
  text: String(record),
  code: Buffer.from(code as Uint8Array).toString('base64url'),
  ...(typeof said === 'string' && { argumentsText: said }),
});

/** Records with the texts that lie beside them. */
const entries =
  'SELECT audit.seq AS seq, record, code, text AS said FROM audit LEFT JOIN audit_texts ON audit_texts.seq = audit.seq';

function anchorIn(db: DatabaseSync): AuditAnchor | undefined {
  const row = db.prepare("SELECT value FROM audit_state WHERE name = 'anchor'").get();
  return row && (JSON.parse(String(row['value'])) as AuditAnchor);
}

function endOf(db: DatabaseSync): AuditEnd {
  const row = db.prepare(`${entries} ORDER BY audit.seq DESC LIMIT 1`).get();
  const anchor = anchorIn(db);
  return { ...(row && { entry: entryOf(row) }), ...(anchor && { anchor }) };
}

export const auditHandlers = {
  end: ({ db }: Session): AuditEnd => endOf(db),

  append({ db }: Session, after: AuditPlace | undefined, appended: readonly AuditEntry[]): boolean {
    const { entry, anchor } = endOf(db);
    const last = entry ?? anchor;
    if (last?.seq !== after?.seq || last?.code !== after?.code) return false;
    const insert = db.prepare('INSERT INTO audit (seq, record, code) VALUES (?, ?, ?)');
    const beside = db.prepare('INSERT INTO audit_texts (seq, at, text) VALUES (?, ?, ?)');
    for (const { seq, text, code, argumentsText } of appended) {
      insert.run(seq, text, Buffer.from(code, 'base64url'));
      if (argumentsText !== undefined) beside.run(seq, madeAt(text), argumentsText);
    }
    return true;
  },

  read({ db, tick }: Session, from: number, limit: number): AuditEntry[] {
    const rows = db.prepare(`${entries} WHERE audit.seq >= ? ORDER BY audit.seq LIMIT ?`).all(from, limit);
    return rows.map((row) => {
      tick();
      return entryOf(row);
    });
  },

  readBack({ db, tick }: Session, before: number, limit: number): AuditEntry[] {
    const rows = db
      .prepare(`${entries} WHERE audit.seq < ? ORDER BY audit.seq DESC LIMIT ?`)
      .all(before, limit);
    return rows.map((row) => {
      tick();
      return entryOf(row);
    });
  },

  removeThrough({ db }: Session, anchor: AuditAnchor): void {
    // Of two that move records out at once, one has moved more.
    if ((anchorIn(db)?.seq ?? 0) >= anchor.seq) return;
    db.prepare('DELETE FROM audit WHERE seq <= ?').run(anchor.seq);
    db.prepare('DELETE FROM audit_texts WHERE seq <= ?').run(anchor.seq);
    db.prepare(
      "INSERT INTO audit_state (name, value) VALUES ('anchor', ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
    ).run(JSON.stringify(anchor));
  },

  oldTexts: ({ db }: Session, before: number, limit: number): number[] =>
    db
      .prepare('SELECT seq FROM audit_texts WHERE at < ? ORDER BY at LIMIT ?')
      .all(before, limit)
      .map(({ seq }) => Number(seq)),

  looseTexts: ({ db }: Session, limit: number): number[] =>
    db
      .prepare('SELECT seq FROM audit_texts WHERE seq NOT IN (SELECT seq FROM audit) ORDER BY seq LIMIT ?')
      .all(limit)
      .map(({ seq }) => Number(seq)),

  eraseTexts: ({ db }: Session, numbers: readonly number[]): number =>
    overwriting(db, () => {
      const erased = db
        .prepare('DELETE FROM audit_texts WHERE seq IN (SELECT value FROM json_each(?))')
        .run(JSON.stringify(numbers));
      return Number(erased.changes);
    }),
};
