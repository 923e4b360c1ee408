import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startHttp } from '../demo/connect.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const cli = join(root, 'dist', 'cli.js');

/** How often nodes are asked whether they are ready, ms; and how long one that is to end still takes requests. */
const askEveryMs = 500;
const drainDelayMs = 1_500;

/** A server process with a data directory of its own. */
interface Node {
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
  /** The addresses of those that should get requests, as far as is known: they are asked in turns. */
  ready(): string[];
  close(): Promise<void>;
}

/** @param settings of the environment, the same for all */
export async function startNodes(count: number, settings: Readonly<Record<string, string>>): Promise<Nodes> {
  const env = { HYDROGEN_DRAIN_DELAY_MS: String(drainDelayMs), ...settings };
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
  const leaving = new Set<Node>();
  const asking = setInterval(() => {
    for (const node of all) {
      if (!node.isUp) continue;
      // As a balancer does. One that is only slow to answer keeps its requests.
      fetch(`${node.base}/health/readiness`, { signal: AbortSignal.timeout(2_000) })
        .then((answer) => answer.json())
        .then((said) => {
          if ((said as { stopping?: boolean }).stopping) leaving.add(node);
          else leaving.delete(node);
        })
        .catch(() => {});
    }
  }, askEveryMs);
  return {
    all,
    ready: () => all.filter((node) => node.isUp && !leaving.has(node)).map((node) => node.base),
    async close() {
      clearInterval(asking);
      await Promise.all(all.map((node) => node.kill()));
      await rm(base, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

const hasEnded = ({ exitCode, signalCode }: ChildProcess): boolean =>
  exitCode !== null || signalCode !== null;
