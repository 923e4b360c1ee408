import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { qdrantPython } from './qdrant.ts';

export interface RunningFront {
  readonly url: string;
  readonly child: ChildProcess;
  stop(): Promise<void>;
}

const front = fileURLToPath(new URL('../../test/support/servers/qdrant_front.py', import.meta.url));

/**
 * Starts Qdrant's engine behind the front, which ends with this process in any case.
 * @param directory where its data is; without one it is temporary
 */
export async function startQdrantFront(directory?: string, port = 0): Promise<RunningFront> {
  const args = [front, String(port), ...(directory === undefined ? [] : [directory])];
  const child = spawn(qdrantPython, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  const listening = /listening (\d+)/.exec(String(line))?.[1];
  if (listening === undefined) throw new Error(`the front did not start: ${line}`);
  // The process need not wait for it.
  for (const one of [child, child.stdin, child.stdout]) (one as unknown as { unref(): void }).unref();
  return {
    url: `http://127.0.0.1:${listening}`,
    child,
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const exited = once(child, 'exit');
      child.kill('SIGKILL');
      await exited;
    },
  };
}
