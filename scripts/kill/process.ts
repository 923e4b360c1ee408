import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../..', import.meta.url));
export const cli = join(root, 'dist', 'cli.js');

/** Runs one command to its end and gives its JSON. */
export function hydrogen<T>(dataDir: string, ...args: string[]): T {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [cli, '--data-dir', dataDir, '--json', '--log-level', 'warn', ...args],
    { cwd: root, encoding: 'utf8' },
  );
  if (status !== 0) throw new Error(`hydrogen ${args.join(' ')} ended with ${status}: ${stderr}`);
  return JSON.parse(stdout) as T;
}

export function start(dataDir: string, ...args: string[]): ChildProcess {
  return spawn(process.execPath, [cli, '--data-dir', dataDir, '--log-level', 'warn', ...args], {
    cwd: root,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
}

/** Kills the process without a chance to clean up. False when it had ended by itself. */
export async function kill9(child: ChildProcess): Promise<boolean> {
  if (child.exitCode !== null || child.signalCode !== null) return false;
  const exited = once(child, 'exit');
  child.kill('SIGKILL');
  const [, signal] = await exited;
  return signal === 'SIGKILL';
}

/** Looks into the file of a data directory. */
export function peek<T>(dataDir: string, look: (db: DatabaseSync) => T): T {
  const db = new DatabaseSync(join(dataDir, 'hydrogen.sqlite'));
  try {
    return look(db);
  } finally {
    db.close();
  }
}

/** The same, with the integrity of the file checked first. */
export function inspect<T>(dataDir: string, look: (db: DatabaseSync) => T): T {
  return peek(dataDir, (db) => {
    const integrity = db.prepare('PRAGMA integrity_check').get()?.['integrity_check'];
    if (integrity !== 'ok') throw new Error(`integrity_check: ${integrity}`);
    const broken = db.prepare('PRAGMA foreign_key_check').all();
    if (broken.length > 0) throw new Error(`foreign_key_check: ${JSON.stringify(broken.slice(0, 3))}`);
    return look(db);
  });
}

export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/**
 * A series that hardly ever fell into the work has shown nothing. Few trials may be unlucky.
 * @throws Error when less than half of five or more trials fell into the middle of it
 */
export function assertOften(what: string, trials: number, inTheMiddle: number): void {
  if (trials < 5 || inTheMiddle >= trials / 2) return;
  throw new Error(`${what}: only ${inTheMiddle} of ${trials} trials fell into the middle: nothing is shown`);
}
