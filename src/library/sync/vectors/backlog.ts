import { type Call, systemCall, within } from '../../../call.ts';
import type { Embedder, EmbeddingSpace } from '../../../embeddings/types.ts';
import { HydrogenError } from '../../../errors.ts';
import type { Logger } from '../../../observability/log.ts';
import { ownerName } from '../../../process-identity.ts';
import type { Backfill, BackfillLease, Retriever } from '../../../stores/index/types.ts';
import { mismatchOf } from '../../mismatch.ts';
import { whileLeased } from './while-leased.ts';

/** The result of embedding chunks without a vector. */
interface BacklogResult {
  readonly embedded: number;
  readonly pending: number;
  /** Why some are still pending. */
  readonly note?: string;
}

/** Progress callbacks. */
interface BacklogProgress {
  readonly passages: (done: number, total: number) => void;
  /** Bytes of the model download. */
  readonly download: (loaded: number, total: number | undefined) => void;
}

/** Makes the missing vectors, one process at a time. */
export interface Backlog {
  /**
   * Works until nothing is left, taking over from this process's background work, which does the rest when the call's
   * time runs out.
   */
  drain(call: Call, progress: BacklogProgress): Promise<BacklogResult>;
  /** Starts working in the background until nothing is left, unless already running. */
  start(): void;
  /** Stops the background work. */
  close(): Promise<void>;
}

/** Chunks per write: the work that a crash can lose. */
const batchSize = 64;
/** Share of a call's time reserved for its answer. */
const answerShare = 0.1;
const downloadPollMs = 250;
const othersWork = 'Another process is making vectors for these documents.';
const noProgress: BacklogProgress = { passages() {}, download() {} };

interface Parts {
  readonly retriever: Retriever;
  readonly backfill: Backfill;
  readonly lease: BackfillLease;
  readonly embedder: Embedder;
  readonly log: Logger;
}

export function createBacklog({ retriever, backfill, lease, embedder, log }: Parts): Backlog {
  const owner = ownerName();
  let background: { readonly stop: AbortController; readonly done: Promise<void> } | undefined;
  /** Serialises the work in this process. */
  let queue: Promise<unknown> = Promise.resolve();
  let closed = false;

  /** Loads the model, reporting download progress. */
  async function loadModel(call: Call, { download }: BacklogProgress): Promise<EmbeddingSpace> {
    const timer = setInterval(() => {
      const { download: current } = embedder.status();
      if (current && current.loaded > 0) download(current.loaded, current.total);
    }, downloadPollMs);
    try {
      return await embedder.ready(call);
    } finally {
      clearInterval(timer);
    }
  }

  /** Returns why some are still pending, if any; `done` is called with the running count after each write. */
  async function embedAll(
    call: Call,
    progress: BacklogProgress,
    done: (embedded: number) => void,
  ): Promise<string | undefined> {
    const { total } = await backfill.pending(1, call);
    if (total === 0 || embedder.status().state === 'off') return undefined;
    const space = await loadModel(call, progress);
    const mismatch = mismatchOf((await retriever.stats(call)).space, space);
    if (mismatch !== undefined) return mismatch;
    if (!(await lease.claim(owner, call))) return othersWork;
    return whileLeased(lease, owner, call, async (keep) => {
      for (let embedded = 0; ; ) {
        if (!(await keep())) return othersWork;
        const { chunks, total: pending } = await backfill.pending(batchSize, call);
        if (chunks.length === 0) return undefined;
        progress.passages(embedded, embedded + pending);
        const texts = chunks.map(({ text }) => text);
        const vectors = await embedder.embed(texts, 'passage', call);
        const rows = chunks.flatMap(({ chunk }, i) => {
          const vector = vectors[i];
          return vector ? [{ chunk, vector }] : [];
        });
        embedded += await backfill.saveVectors(space, rows, call);
        done(embedded);
        progress.passages(embedded, embedded + pending - rows.length);
      }
    });
  }

  /**
   * A model that is missing, does not match the index or outlasts the call does not fail the caller: words are already
   * indexed, and the note says what happens to the rest.
   */
  async function attempt(call: Call, progress: BacklogProgress): Promise<BacklogResult> {
    let embedded = 0;
    let note: string | undefined;
    const share = within(call, (call.deadline - Date.now()) * (1 - answerShare));
    try {
      note = await embedAll(share, progress, (done) => {
        embedded = done;
      });
    } catch (error) {
      if (!(error instanceof HydrogenError)) throw error;
      if (error.code === 'timeout' && Date.now() < call.deadline) {
        note = 'Time was running out: the remaining passages get their vectors in the background.';
        queueMicrotask(start);
      } else if (error.code === 'unavailable' || error.code === 'conflict') note = error.message;
      else throw error;
    }
    const { total: pending } = await backfill.pending(1, call);
    return { embedded, pending, ...(note !== undefined && { note }) };
  }

  function enqueue<T>(work: () => Promise<T>): Promise<T> {
    const result = queue.then(work);
    queue = result.catch(() => {});
    return result;
  }

  function start(): void {
    if (background || closed || embedder.status().state === 'off') return;
    const stop = new AbortController();
    const done = enqueue(() => attempt(systemCall(log, { signal: stop.signal }), noProgress))
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
  }

  return {
    drain(call, progress) {
      background?.stop.abort();
      return enqueue(() => attempt(call, progress));
    },
    start,
    async close() {
      closed = true;
      background?.stop.abort();
      await background?.done;
    },
  };
}
