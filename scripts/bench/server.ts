import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

export interface BenchServer {
  readonly pid: number;
  /** From spawn to the answer of `tools/list`, ms. */
  readonly listedMs: number;
  readonly listBytes: number;
  call(name: string, args: Record<string, unknown>): Promise<unknown>;
  close(): Promise<void>;
}

interface Message {
  readonly id?: number;
  readonly result?: { readonly isError?: boolean };
  readonly error?: unknown;
}

export function bareNodeMs(): number {
  const began = performance.now();
  spawnSync(process.execPath, ['-e', '0']);
  return performance.now() - began;
}

/** Starts the server and speaks plain JSON-RPC to it, so that no client's start-up is measured. */
export async function startedServer(cli: string, env: NodeJS.ProcessEnv): Promise<BenchServer> {
  const began = performance.now();
  const child = spawn(process.execPath, [cli], { env, stdio: ['pipe', 'pipe', 'ignore'] });
  const waiting = new Map<number, (message: Message, bytes: number) => void>();
  createInterface({ input: child.stdout }).on('line', (line) => {
    const message = JSON.parse(line) as Message;
    if (message.id !== undefined) waiting.get(message.id)?.(message, Buffer.byteLength(line));
  });
  let nextId = 1;
  const send = (message: object): boolean =>
    child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
  const request = (method: string, params: object): Promise<{ message: Message; bytes: number }> =>
    new Promise((resolve) => {
      const id = nextId++;
      waiting.set(id, (message, bytes) => resolve({ message, bytes }));
      send({ id, method, params });
    });
  const clientInfo = { name: 'bench', version: '1.0.0' };
  await request('initialize', { protocolVersion: '2025-11-25', capabilities: {}, clientInfo });
  send({ method: 'notifications/initialized' });
  const { bytes } = await request('tools/list', {});
  const listedMs = performance.now() - began;
  return {
    pid: child.pid ?? 0,
    listedMs,
    listBytes: bytes,
    async call(name, args) {
      const { message } = await request('tools/call', { name, arguments: args });
      if (message.error || message.result?.isError) throw new Error(`${name}: ${JSON.stringify(message)}`);
      return message.result;
    },
    async close() {
      child.stdin.end();
      await once(child, 'exit');
    },
  };
}
