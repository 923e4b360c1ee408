import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { type Call, owner, within } from '../call.ts';
import type { Embedder } from '../embeddings/types.ts';
import { HydrogenError } from '../errors.ts';
import type { Logger } from '../observability/log.ts';
import type { Lease, SearchIndex } from '../stores/index/types.ts';
import { mismatchOf } from './mismatch.ts';

/** What came of working on the chunks without a vector. */
export interface BacklogResult {
  readonly embedded: number;
  readonly pending: number;
  /** Why some are left. */
  readonly note?: string;
}

/** Makes the vectors that are still to be made, one process at a time. */
export interface Backlog {
  /**
   * Works until nothing is left, within the call. Background work of this process makes way for it.
   * `onProgress` gets how many are done and how many there were.
   */
  drain(call: Call, onProgress: (done: number, total: number) => void): Promise<BacklogResult>;
  /** Works in the background until nothing is left, unless it already does. */
  start(): void;
  /** Stops the background work. */
  close(): Promise<void>;
}

/** Chunks between two writes: what a crash costs. */
const batchSize = 64;
/** How long giving the lease back may wait for the write lock, in ms; it ends by itself. */
const releaseMs = 2_000;

export function createBacklog(index: SearchIndex, embedder: Embedder, log: Logger): Backlog {
  const lease: Lease = { owner: randomUUID(), pid: process.pid, host: hostname() };
  let background: { readonly stop: AbortController; readonly done: Promise<void> } | undefined;
  /** Work in this process happens one after another. */
  let queue: Promise<unknown> = Promise.resolve();
  let closed = false;

  async function embedAll(
    call: Call,
    onProgress: (done: number, total: number) => void,
  ): Promise<BacklogResult> {
    const { total } = await index.pending(1, call);
    if (total === 0 || embedder.status().state === 'off') return { embedded: 0, pending: total };
    const space = await embedder.ready(call);
    const mismatch = mismatchOf((await index.stats(call)).space, space);
    if (mismatch !== undefined) return { embedded: 0, pending: total, note: mismatch };
    if (!(await index.claim(lease, call))) {
      return { embedded: 0, pending: total, note: 'Another process is making vectors for these documents.' };
    }
    let embedded = 0;
    try {
      for (;;) {
        const { chunks, total: pending } = await index.pending(batchSize, call);
        if (chunks.length === 0) return { embedded, pending: 0 };
        onProgress(embedded, embedded + pending);
        const vectors = await embedder.embed(
          chunks.map(({ text }) => text),
          'passage',
          call,
        );
        const rows = chunks.flatMap(({ chunk }, i) => {
          const vector = vectors[i];
          return vector ? [{ chunk, vector }] : [];
        });
        embedded += await index.saveVectors(space, rows, lease, call);
        onProgress(embedded, embedded + pending - rows.length);
      }
    } finally {
      // The call may be over: giving the lease back must not depend on it.
      await index.release(lease, within(backgroundCall(), releaseMs)).catch(() => {});
    }
  }

  function backgroundCall(signal: AbortSignal = new AbortController().signal): Call {
    return { caller: owner, signal, deadline: Number.POSITIVE_INFINITY, progress() {}, log };
  }

  /** A missing model or one that does not fit the index is no failure of what called for the vectors. */
  async function attempt(
    call: Call,
    onProgress: (done: number, total: number) => void,
  ): Promise<BacklogResult> {
    try {
      return await embedAll(call, onProgress);
    } catch (error) {
      if (!(error instanceof HydrogenError) || !['unavailable', 'conflict'].includes(error.code)) throw error;
      const { total } = await index.pending(1, call);
      return { embedded: 0, pending: total, note: error.message };
    }
  }

  function enqueue<T>(work: () => Promise<T>): Promise<T> {
    const result = queue.then(work);
    queue = result.catch(() => {});
    return result;
  }

  return {
    drain(call, onProgress) {
      background?.stop.abort();
      return enqueue(() => attempt(call, onProgress));
    },
    start() {
      if (background || closed || embedder.status().state === 'off') return;
      const stop = new AbortController();
      const done = enqueue(() => attempt(backgroundCall(stop.signal), () => {}))
        .then(({ embedded }) => {
          if (embedded > 0) log.debug({ embedded }, 'vectors made');
        })
        .catch((error) => {
          if (!stop.signal.aborted) log.warn({ err: error }, 'making vectors failed');
        })
        .finally(() => {
          background = undefined;
        });
      background = { stop, done };
    },
    async close() {
      closed = true;
      background?.stop.abort();
      await background?.done;
    },
  };
}
