import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { newKey, securedSettings } from '../bench/secured.ts';

export const root = fileURLToPath(new URL('../..', import.meta.url));
export const builtProgram = join(root, 'dist', 'cli.js');

/** A built server on HTTP, on a data directory of its own that holds the samples. */
export interface SampleServer {
  /** Address of the MCP endpoint. */
  readonly url: string;
  /** What a request needs beside its own headers: who calls. */
  readonly headers: Readonly<Record<string, string>>;
  readonly pid: number;
  /** A folder that the `ingest` tool may read; files may be put into it. */
  readonly folder: string;
  /** The last lines of its log that are warnings or worse. */
  readonly log: readonly string[];
  /** Whether it has ended by itself. */
  hasEnded(): boolean;
  stop(): Promise<void>;
}

const keptLines = 50;

/**
 * @param settings as environment variables, beside those that let everything be written without a question
 * @param isSecured callers are known by keys, limited and recorded, and calls are measured
 */
export async function startSampleServer(
  program: string,
  settings: Readonly<Record<string, string>> = {},
  isSecured = false,
): Promise<SampleServer> {
  const work = await mkdtemp(join(tmpdir(), 'hydrogen-soak-'));
  try {
    return await startIn(work, program, settings, isSecured);
  } catch (error) {
    await rm(work, { recursive: true, force: true, maxRetries: 5 });
    throw error;
  }
}

async function startIn(
  work: string,
  program: string,
  settings: Readonly<Record<string, string>>,
  isSecured: boolean,
): Promise<SampleServer> {
  const dataDir = join(work, 'data');
  const folder = join(work, 'documents');
  mkdirSync(join(folder, 'changing'), { recursive: true });
  cpSync(join(root, 'samples', 'documents'), folder, { recursive: true });
  const env = {
    ...process.env,
    HYDROGEN_DATA_DIR: dataDir,
    HYDROGEN_ENABLE_INGEST: 'true',
    HYDROGEN_ENABLE_WRITES: 'true',
    HYDROGEN_CONFIRM_WRITES: 'never',
    HYDROGEN_FOLDERS: folder,
    HYDROGEN_HTTP_PORT: '0',
    ...(isSecured && securedSettings(dataDir)),
    ...settings,
  };
  const fill = (...args: string[]): void => {
    const { status, stderr } = spawnSync(process.execPath, [program, ...args], { env, encoding: 'utf8' });
    if (status !== 0) throw new Error(`hydrogen ${args.join(' ')} ended with code ${status}: ${stderr}`);
  };
  fill('ingest', folder);
  for (const name of ['technologies', 'materials', 'sources']) {
    fill('import', name, join(root, 'samples', 'collections', `${name}.jsonl`));
  }
  const headers: Record<string, string> = isSecured ? { authorization: `Bearer ${newKey(dataDir)}` } : {};
  const child = spawn(process.execPath, [program, 'serve', '--http'], {
    env,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const exited = once(child, 'exit');
  const log: string[] = [];
  const url = await new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stderr }).on('line', (line) => {
      if (!line.startsWith('{')) {
        log.push(line);
        return;
      }
      const entry = JSON.parse(line) as { url?: string; level?: number };
      if (entry.url !== undefined) resolve(entry.url);
      if ((entry.level ?? 0) < 40) return;
      log.push(line);
      if (log.length > keptLines) log.shift();
    });
    void exited.then(() => reject(new Error(`the server did not start: ${log.join('\n')}`)));
  });
  return {
    url,
    headers,
    pid: child.pid ?? 0,
    folder,
    log,
    hasEnded: () => child.exitCode !== null || child.signalCode !== null,
    async stop() {
      child.kill('SIGTERM');
      await exited;
      await rm(work, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}
