import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cli, kill9, pause, peek, root } from './process.ts';

export const withModel = (model: string): string[] => ['--set', `embeddingModel=${model}`];

/** The vectors of the space that is being built; undefined when there is none. */
export function building(dataDir: string): number | undefined {
  return peek(dataDir, (db) => {
    const built = '(SELECT coalesce(sum(count), 0) FROM index_bits WHERE index_bits.space = s.space)';
    const row = db.prepare(`SELECT ${built} AS n FROM index_spaces AS s WHERE state = 'building'`).get();
    return row && Number(row['n']);
  });
}

/** The fingerprint of the vectors that are searched. */
export function serving(dataDir: string): string {
  const sql = "SELECT fingerprint FROM index_spaces WHERE state = 'serving'";
  return peek(dataDir, (db) => String(db.prepare(sql).get()?.['fingerprint']));
}

export interface Reindexer {
  readonly running: () => boolean;
  /** Whether it was still at work. */
  kill(): Promise<boolean>;
  /** Lets it end, unless it was killed. @throws Error when it fails */
  end(): Promise<void>;
}

/** What a reindex says while another process has vectors in work. */
const another = 'Another process is making vectors';

/** `hydrogen reindex` in a process of its own, begun again until no other process has vectors in work. */
export function startReindexer(dataDir: string, model: string): Reindexer {
  let child: ChildProcess;
  let killed = false;
  let running = true;

  async function attempt(): Promise<Error | undefined> {
    const args = [cli, '--data-dir', dataDir, ...withModel(model), 'reindex'];
    const started = spawn(process.execPath, args, { cwd: root, stdio: ['ignore', 'ignore', 'pipe'] });
    child = started;
    let told = '';
    started.stderr.setEncoding('utf8').on('data', (text: string) => {
      told += text;
    });
    const [code] = await once(started, 'close');
    if (code === 0 || killed) return undefined;
    if (!told.includes(another)) return new Error(`reindex ended with ${code}: ${told}`);
    await pause(50);
    return killed ? undefined : attempt();
  }

  const ended = attempt().finally(() => {
    running = false;
  });
  return {
    running: () => running,
    async kill() {
      const was = running && !killed;
      killed = true;
      await kill9(child);
      await ended;
      return was;
    },
    async end() {
      const failed = await ended;
      if (failed) throw failed;
    },
  };
}
