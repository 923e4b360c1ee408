import type { Worker } from 'node:worker_threads';
import { startThread } from '../../../workers/start.ts';
import { giveLargeTurn, largeTurnOfProcess } from './large-turn.ts';
import type { ThreadData } from './messages.ts';
import type { Lane } from './operations.ts';

/**
 * Memory of a thread for short-lived values, in MB. Rows pass through and few stay: V8 would let it grow to 48 before
 * collecting garbage. Long-lived threads produce little at a time.
 */
const youngMegabytes: Readonly<Record<Lane, number>> = { read: 12, write: 12, index: 4, light: 4 };

/** Which thread to start: its file and lane, and its entry point, which calls `serveStore`. */
export interface StoreThread extends Pick<ThreadData, 'file' | 'lane'> {
  readonly thread: URL;
}

/** Starts a store thread, sharing the memory described in `ThreadData`. */
export function startStoreThread({ file, lane, thread }: StoreThread): {
  readonly worker: Worker;
  readonly shared: Int32Array;
} {
  const shared = new Int32Array(new SharedArrayBuffer(8));
  const worker = startThread(thread, {
    workerData: { file, lane, shared, largeTurn: largeTurnOfProcess } satisfies ThreadData,
    name: `store-${lane}`,
    resourceLimits: { maxYoungGenerationSizeMb: youngMegabytes[lane] },
  });
  const { threadId } = worker;
  worker.once('exit', () => giveLargeTurn(largeTurnOfProcess, threadId));
  return { worker, shared };
}
