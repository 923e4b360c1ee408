import type { Call } from '../call.ts';
import { callEnd, onCallEnd } from '../call-end.ts';
import { batchesOf } from './batches.ts';
import type { EmbedRequest } from './messages.ts';
import type { EmbeddingKind } from './types.ts';

interface Job {
  readonly texts: readonly string[];
  readonly batches: number[][];
  readonly vectors: Float32Array[];
  readonly finish: (error?: unknown) => void;
  left: number;
}

/** Work for the embedding process, one batch at a time, so that a question never waits behind a document. */
export interface JobQueue {
  add(texts: readonly string[], kind: EmbeddingKind, call: Call): Promise<Float32Array[]>;
  /** The vectors for a request, concatenated. */
  receive(id: number, vectors: Float32Array, dimensions: number): void;
  /** A request failed, so its call fails. */
  refuse(id: number, error: unknown): void;
  /** Fails all calls. */
  failAll(error: unknown): void;
}

const batchMs = 100;
/**
 * Larger batches are no faster (1,000 passages: 4.1 s with 2,048 tokens, 3.6 s with 512) and need more memory
 * (340 against 256 MB); smaller ones are for models whose batches would take longer than `batchMs`.
 */
const minTokens = 128;
const maxTokens = 512;

/** @param post sends a batch; the answer is passed to `receive` or `refuse` */
export function createJobQueue(post: (request: EmbedRequest) => void): JobQueue {
  const queues: Record<EmbeddingKind, Job[]> = { query: [], passage: [] };
  let running: { id: number; job: Job; places: readonly number[]; startedAt: number } | undefined;
  let nextId = 1;
  /** Measured: the number of tokens that take about `batchMs` with this machine and model. */
  let tokensPerBatch = maxTokens;

  function start(): void {
    if (running) return;
    const job = queues.query[0] ?? queues.passage[0];
    if (!job) return;
    const places = job.batches.shift() ?? [];
    if (job.batches.length === 0) remove(job);
    const id = nextId++;
    running = { id, job, places, startedAt: performance.now() };
    post({ id, texts: places.map((place) => job.texts[place] ?? '') });
  }

  function remove(job: Job): void {
    for (const queue of Object.values(queues)) {
      const place = queue.indexOf(job);
      if (place >= 0) queue.splice(place, 1);
    }
  }

  function learn(job: Job, places: readonly number[], ms: number): void {
    const characters = places.reduce((sum, place) => sum + (job.texts[place]?.length ?? 0), 0);
    if (characters < 500 || ms <= 0) return;
    const fitting = ((characters / 4) * batchMs) / ms;
    tokensPerBatch = Math.min(maxTokens, Math.max(minTokens, (tokensPerBatch + fitting) / 2));
  }

  return {
    add(texts, kind, call) {
      if (texts.length === 0) return Promise.resolve([]);
      return new Promise((resolve, reject) => {
        const over = callEnd(call);
        if (over) {
          reject(over);
          return;
        }
        const batches = batchesOf(texts, tokensPerBatch);
        const job: Job = {
          texts,
          batches,
          vectors: [],
          left: texts.length,
          finish(error) {
            unsubscribe();
            remove(job);
            if (error === undefined) resolve(job.vectors);
            else reject(error);
          },
        };
        const unsubscribe = onCallEnd(call, job.finish);
        queues[kind].push(job);
        start();
      });
    },
    receive(id, vectors, dimensions) {
      if (running?.id !== id) return;
      const { job, places, startedAt } = running;
      running = undefined;
      learn(job, places, performance.now() - startedAt);
      for (const [row, place] of places.entries()) {
        job.vectors[place] = vectors.slice(row * dimensions, (row + 1) * dimensions);
      }
      job.left -= places.length;
      if (job.left === 0) job.finish();
      start();
    },
    refuse(id, error) {
      if (running?.id !== id) return;
      const { job } = running;
      running = undefined;
      job.finish(error);
      start();
    },
    failAll(error) {
      const jobs = [...queues.query, ...queues.passage, ...(running ? [running.job] : [])];
      running = undefined;
      for (const job of new Set(jobs)) job.finish(error);
    },
  };
}
