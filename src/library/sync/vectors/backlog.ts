import { basename } from 'node:path';
import { type Call, systemCall, within } from '../../../call.ts';
import { modelOf } from '../../../embeddings/fingerprint.ts';
import type { Embedder, EmbeddingSpace } from '../../../embeddings/types.ts';
import { HydrogenError } from '../../../errors.ts';
import type { Logger } from '../../../observability/log.ts';
import { ownerName } from '../../../process-identity.ts';
import type { Backfill, BackfillLease, Retriever } from '../../../stores/index/types.ts';
import { mismatchOf } from '../../mismatch.ts';
import { unknownCure, unknownPassages } from '../../unknown-passages.ts';
import { type MadeVectors, makeVectors } from './make-vectors.ts';
import { whileLeased } from './while-leased.ts';

/** The result of embedding chunks without a vector. */
interface BacklogResult {
  readonly embedded: number;
  readonly pending: number;
  /** Why some are still pending, or get none. */
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
const leftOutNote = (count: number): string | undefined =>
  count === 0 ? undefined : `${unknownPassages(count)}. ${unknownCure}`;
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

  /** Whether all passages were left out by a model that is no longer set. */
  async function areForAnotherModel(call: Call): Promise<boolean> {
    const fingerprint = await backfill.withoutVectors(call);
    return fingerprint !== undefined && modelOf(fingerprint) !== basename(embedder.name);
  }

  async function save(
    space: EmbeddingSpace,
    rows: MadeVectors['rows'],
    unknown: readonly number[],
    call: Call,
  ): Promise<number> {
    if (unknown.length > 0) await backfill.leaveOut(space, unknown, call);
    return rows.length > 0 ? backfill.saveVectors(space, rows, call) : 0;
  }

  /** Returns why some are still pending or get none, if any; `done` is called with the running count after each write. */
  async function embedAll(
    call: Call,
    progress: BacklogProgress,
    done: (embedded: number) => void,
  ): Promise<string | undefined> {
    if (embedder.status().state === 'off') return undefined;
    const { total } = await backfill.pending(1, call);
    const isForAnother = total === 0 && (await areForAnotherModel(call));
    if (total === 0 && !isForAnother) return undefined;
    const space = await loadModel(call, progress);
    // Another model's space without vectors gives way, and what that model did not know is pending again.
    if (isForAnother) await backfill.leaveOut(space, [], call);
    let leftOut = 0;
    const mismatch = mismatchOf((await retriever.stats(call)).space, space);
    if (mismatch !== undefined) return mismatch;
    if (!(await lease.claim(owner, call))) return othersWork;
    return whileLeased(lease, owner, call, async (keep) => {
      for (let embedded = 0; ; ) {
        if (!(await keep())) return othersWork;
        const { chunks, total: pending } = await backfill.pending(batchSize, call);
        if (chunks.length === 0) return leftOutNote(leftOut);
        progress.passages(embedded, embedded + pending);
        const { rows, unknown } = await makeVectors(chunks, embedder, call);
        embedded += await save(space, rows, unknown, call);
        leftOut += unknown.length;
        done(embedded);
        progress.passages(embedded, embedded + pending - chunks.length);
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
