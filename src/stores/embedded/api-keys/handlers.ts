import { HydrogenError } from '../../../errors.ts';
import type { StoredKey } from '../../../policy/api-keys.ts';
import type { NewSecret } from '../../api-keys/api-keys.ts';
import type { Session } from '../engine/session.ts';

type Row = Record<string, unknown>;

function keyOf({ entry, last_used_at: lastUsedAt }: Row): StoredKey {
  const key = JSON.parse(String(entry)) as StoredKey;
  return lastUsedAt === null ? key : { ...key, lastUsedAt: Number(lastUsedAt) };
}

function find({ db }: Session, id: string): StoredKey | undefined {
  const row = db.prepare('SELECT entry, last_used_at FROM api_keys WHERE id = ?').get(id);
  return row && keyOf(row);
}

/** Writes a key that there is; the time of its last use has a place of its own. */
function change(session: Session, { lastUsedAt: _kept, ...entry }: StoredKey): StoredKey | undefined {
  session.db.prepare('UPDATE api_keys SET entry = ? WHERE id = ?').run(JSON.stringify(entry), entry.id);
  return find(session, entry.id);
}

export const apiKeyHandlers = {
  find,

  list({ db }: Session): StoredKey[] {
    const rows = db.prepare('SELECT entry, last_used_at FROM api_keys').all();
    return rows.map(keyOf).sort((a, b) => a.createdAt - b.createdAt || (a.id < b.id ? -1 : 1));
  },

  add({ db }: Session, { lastUsedAt, ...entry }: StoredKey): void {
    const { changes } = db
      .prepare('INSERT INTO api_keys (id, entry, last_used_at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING')
      .run(entry.id, JSON.stringify(entry), lastUsedAt ?? null);
    if (Number(changes) === 0)
      throw new HydrogenError('conflict', 'There is an API key of that id already. Try again.');
  },

  put({ db }: Session, { lastUsedAt, ...entry }: StoredKey): void {
    db.prepare('INSERT OR REPLACE INTO api_keys (id, entry, last_used_at) VALUES (?, ?, ?)').run(
      entry.id,
      JSON.stringify(entry),
      lastUsedAt ?? null,
    );
  },

  used({ db }: Session, id: string, at: number): void {
    db.prepare('UPDATE api_keys SET last_used_at = max(coalesce(last_used_at, 0), ?) WHERE id = ?').run(
      at,
      id,
    );
  },

  revoke(session: Session, id: string, at: number): StoredKey | undefined {
    const key = find(session, id);
    return key && (key.revokedAt === undefined ? change(session, { ...key, revokedAt: at }) : key);
  },

  rotate(session: Session, id: string, { hash, previousUntil }: NewSecret): StoredKey | undefined {
    const key = find(session, id);
    if (!key || key.revokedAt !== undefined) return undefined;
    return change(session, { ...key, hash, previous: { hash: key.hash, until: previousUntil } });
  },
};
