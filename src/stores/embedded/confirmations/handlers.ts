import type { Session } from '../engine/session.ts';

/** How long a row is retained after its confirmation has expired, in ms: the clock may be set back in the meantime. */
const retentionMs = 24 * 60 * 60 * 1_000;

export const confirmationHandlers = {
  /** Records durably that a confirmation was used; false if any process had already used it. */
  use({ db }: Session, nonce: string, expires: number): boolean {
    db.prepare('DELETE FROM used_confirmations WHERE expires < ?').run(Date.now() - retentionMs);
    const { changes } = db
      .prepare('INSERT INTO used_confirmations (nonce, expires) VALUES (?, ?) ON CONFLICT DO NOTHING')
      .run(nonce, expires);
    return Number(changes) === 1;
  },

  unexpired({ db }: Session): { nonce: string; expires: number }[] {
    const rows = db
      .prepare('SELECT nonce, expires FROM used_confirmations WHERE expires >= ?')
      .all(Date.now());
    return rows.map(({ nonce, expires }) => ({ nonce: String(nonce), expires: Number(expires) }));
  },
};
