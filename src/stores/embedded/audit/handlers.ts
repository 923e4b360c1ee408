import type { DatabaseSync } from 'node:sqlite';
import type { AuditAnchor, AuditEnd, AuditEntry, AuditPlace } from '../../audit/audit-log.ts';
import type { Session } from '../engine/session.ts';

type Row = Readonly<Record<string, unknown>>;

const entryOf = ({ seq, record, code }: Row): AuditEntry => ({
  seq: Number(seq),
  text: String(record),
  code: Buffer.from(code as Uint8Array).toString('base64url'),
});

function anchorIn(db: DatabaseSync): AuditAnchor | undefined {
  const row = db.prepare("SELECT value FROM audit_state WHERE name = 'anchor'").get();
  return row && (JSON.parse(String(row['value'])) as AuditAnchor);
}

function endOf(db: DatabaseSync): AuditEnd {
  const row = db.prepare('SELECT seq, record, code FROM audit ORDER BY seq DESC LIMIT 1').get();
  const anchor = anchorIn(db);
  return { ...(row && { entry: entryOf(row) }), ...(anchor && { anchor }) };
}

export const auditHandlers = {
  end: ({ db }: Session): AuditEnd => endOf(db),

  append({ db }: Session, after: AuditPlace | undefined, entries: readonly AuditEntry[]): boolean {
    const { entry, anchor } = endOf(db);
    const last = entry ?? anchor;
    if (last?.seq !== after?.seq || last?.code !== after?.code) return false;
    const insert = db.prepare('INSERT INTO audit (seq, record, code) VALUES (?, ?, ?)');
    for (const { seq, text, code } of entries) insert.run(seq, text, Buffer.from(code, 'base64url'));
    return true;
  },

  read({ db, tick }: Session, from: number, limit: number): AuditEntry[] {
    const rows = db
      .prepare('SELECT seq, record, code FROM audit WHERE seq >= ? ORDER BY seq LIMIT ?')
      .all(from, limit);
    return rows.map((row) => {
      tick();
      return entryOf(row);
    });
  },

  readBack({ db, tick }: Session, before: number, limit: number): AuditEntry[] {
    const rows = db
      .prepare('SELECT seq, record, code FROM audit WHERE seq < ? ORDER BY seq DESC LIMIT ?')
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
    db.prepare(
      "INSERT INTO audit_state (name, value) VALUES ('anchor', ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
    ).run(JSON.stringify(anchor));
  },
};
