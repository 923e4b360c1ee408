import type { Session } from '../engine/operation.ts';

/** Format of the table: one row a confirmation that was answered; `expires` is ms since the epoch. */
export const usedConfirmationsTable = `
CREATE TABLE used_confirmations (
  nonce TEXT PRIMARY KEY,
  expires INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX used_confirmations_by_expiry ON used_confirmations (expires);
`;

/** How long a row is kept when its confirmation has expired, ms: the clock may be set back meanwhile. */
const keptMs = 24 * 60 * 60 * 1_000;

export interface UsedConfirmation {
  readonly nonce: string;
  readonly expires: number;
}

export const confirmationOperations = {
  /** Records for good that a confirmation was used; false when it had been, by whichever process. */
  'confirmations.use': ({ db }: Session, { nonce, expires }: UsedConfirmation): boolean => {
    db.prepare('DELETE FROM used_confirmations WHERE expires < ?').run(Date.now() - keptMs);
    const { changes } = db
      .prepare('INSERT INTO used_confirmations (nonce, expires) VALUES (?, ?) ON CONFLICT DO NOTHING')
      .run(nonce, expires);
    return Number(changes) === 1;
  },
};
