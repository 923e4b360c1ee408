import type { Session } from '../engine/session.ts';

const maxVerdicts = 500;

export function findVerdict({ db }: Session, sha256: string): string | undefined {
  const row = db.prepare('SELECT verdict FROM verdicts WHERE sha256 = ?').get(sha256);
  return row && String(row['verdict']);
}

export function saveVerdict({ db }: Session, sha256: string, verdict: string): void {
  db.prepare('INSERT OR REPLACE INTO verdicts (sha256, verdict, kept_at) VALUES (?, ?, ?)').run(
    sha256,
    verdict,
    Date.now(),
  );
  db.prepare(
    'DELETE FROM verdicts WHERE sha256 NOT IN (SELECT sha256 FROM verdicts ORDER BY kept_at DESC LIMIT ?)',
  ).run(maxVerdicts);
}
