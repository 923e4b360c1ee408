import type { Session } from '../engine/session.ts';

/** How long a row is kept when its confirmation has expired, ms: the clock may be set back meanwhile. */
const retentionMs = 24 * 60 * 60 * 1_000;

export const confirmationHandlers = {
  /** Records for good that a confirmation was used; false when it had been, by whichever process. */
  use({ db }: Session, nonce: string, expires: number): boolean {
    db.prepare('DELETE FROM used_confirmations WHERE expires < ?').run(Date.now() - retentionMs);
    const { changes } = db
      .prepare('INSERT INTO used_confirmations (nonce, expires) VALUES (?, ?) ON CONFLICT DO NOTHING')
      .run(nonce, expires);
    return Number(changes) === 1;
  },
};
