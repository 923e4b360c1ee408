import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startHttp } from '../demo/connect.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const cli = join(root, 'dist', 'cli.js');

/** A server process with a data directory of its own. */
export interface Node {
  /** Its address, such as `http://127.0.0.1:3800`. */
  readonly base: string;
  readonly pid: number;
  readonly isUp: boolean;
  /** Asks it to end, and waits until it has. */
  stop(): Promise<void>;
  kill(): Promise<void>;
  /** Starts it again at its address, after it has ended. */
  start(): Promise<void>;
}

export interface Nodes {
  readonly all: readonly Node[];
  /** The addresses of those that are up. */
  up(): string[];
  close(): Promise<void>;
}

/** @param env settings, the same for all */
export async function startNodes(count: number, env: Readonly<Record<string, string>>): Promise<Nodes> {
  const base = await mkdtemp(join(tmpdir(), 'hydrogen-nodes-'));

  async function startNode(number: number): Promise<Node> {
    const dataDir = join(base, `node-${number}`);
    let { url, child } = await startHttp({ cli, dataDir, root, env });
    let isUp = true;
    const end = async (signal: NodeJS.Signals): Promise<void> => {
      if (hasEnded(child)) return;
      const exited = once(child, 'exit');
      child.kill(signal);
      await exited;
      isUp = false;
    };
    return {
      base: url.replace(/\/mcp$/, ''),
      get pid() {
        return child.pid ?? 0;
      },
      get isUp() {
        return isUp && !hasEnded(child);
      },
      stop: () => end('SIGTERM'),
      kill: () => end('SIGKILL'),
      async start() {
        ({ child } = await startHttp({ cli, dataDir, root, env, port: Number(new URL(url).port) }));
        isUp = true;
      },
    };
  }

  const all = await Promise.all(Array.from({ length: count }, (_, i) => startNode(i + 1)));
  return {
    all,
    up: () => all.filter(({ isUp }) => isUp).map((node) => node.base),
    async close() {
      await Promise.all(all.map((node) => node.kill()));
      await rm(base, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

const hasEnded = ({ exitCode, signalCode }: ChildProcess): boolean =>
  exitCode !== null || signalCode !== null;
