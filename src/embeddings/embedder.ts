import type { Worker } from 'node:worker_threads';
import type { Logger } from 'pino';
import type { Call } from '../call.ts';
import { HydrogenError } from '../errors.ts';
import { startThread } from '../threads.ts';
import { createJobQueue } from './jobs.ts';
import { type EmbeddingReply, type ModelRequest, stopRequest } from './messages.ts';
import { resolveModel } from './models.ts';
import type { Embedder, EmbeddingSettings, EmbeddingSpace, EmbeddingStatus } from './types.ts';

/** A model that could not be loaded is tried again when it is needed after this time, in ms. */
const retryMs = 30_000;

/** Waits for a promise no longer than the call may take. */
function duringCall<T>(promise: Promise<T>, { signal, deadline }: Call): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = (): void => reject(new HydrogenError('cancelled', 'The call was cancelled.'));
    const late = (): void =>
      reject(
        new HydrogenError(
          'timeout',
          'The embedding model was not loaded within the time limit of the call. Try again in a moment, or search with mode "keyword".',
        ),
      );
    const timer = Number.isFinite(deadline)
      ? setTimeout(late, Math.min(Math.max(0, deadline - Date.now()), 2 ** 31 - 1))
      : undefined;
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { once: true });
    promise.then(resolve, reject).finally(() => {
      clearTimeout(timer);
      signal.removeEventListener('abort', stop);
    });
  });
}

/** What can be said before the first use. */
function statusBefore(resolved: ReturnType<typeof resolveModel>): EmbeddingStatus {
  if (resolved.kind === 'missing') return { state: 'missing', detail: resolved.detail };
  return { state: resolved.kind === 'off' ? 'off' : 'idle' };
}

/** An embedder for the configured model. Nothing is looked at before the first use. */
export function createEmbedder(settings: EmbeddingSettings, log: Logger): Embedder {
  const resolved = resolveModel(settings);
  let status = statusBefore(resolved);
  let space: EmbeddingSpace | undefined;
  let worker: Worker | undefined;
  let loading: Promise<EmbeddingSpace> | undefined;
  let failedAt = 0;
  let closed = false;
  const jobs = createJobQueue((request) => worker?.postMessage(request));

  /** Asks the thread to end and waits until it has: not longer than a batch or the loading takes. */
  async function stop(): Promise<void> {
    const ended = worker;
    worker = undefined;
    if (!ended) return;
    await new Promise((resolve) => {
      ended.once('exit', resolve);
      ended.postMessage(stopRequest);
    });
  }

  function unavailable(): HydrogenError {
    const detail = closed ? 'The server is shutting down.' : status.detail;
    return new HydrogenError(
      'unavailable',
      detail ?? 'Search by meaning is off: the setting embeddingModel is "none".',
    );
  }

  function fail(next: EmbeddingStatus, cause: unknown): void {
    status = next;
    space = undefined;
    loading = undefined;
    failedAt = Date.now();
    log.warn({ cause, model: resolved.name }, next.detail);
    void stop();
    jobs.failAll(unavailable());
  }

  function receive(reply: EmbeddingReply, ready: (space: EmbeddingSpace) => void): void {
    switch (reply.type) {
      case 'ready':
        space = reply.space;
        status = { state: 'ready' };
        ready(space);
        break;
      case 'download': {
        const { loaded, total } = reply;
        status = { state: 'loading', download: { loaded, ...(total !== undefined && { total }) } };
        break;
      }
      case 'unavailable':
        fail(reply.status, reply.cause);
        break;
      case 'vectors':
        jobs.receive(reply.id, reply.vectors, space?.dimensions ?? 0);
        break;
      case 'error':
        log.warn({ cause: reply.cause }, 'the embedding model failed on a text');
        jobs.refuse(
          reply.id,
          new HydrogenError('unavailable', `The embedding model "${resolved.name}" failed on a text.`),
        );
        break;
    }
  }

  function startLoading(request: ModelRequest): Promise<EmbeddingSpace> {
    status = { state: 'loading' };
    return new Promise((resolve, reject) => {
      const thread = startThread(new URL('./embedding-thread.ts', import.meta.url), {
        workerData: request,
        name: 'embedding',
        // Its memory is the model; V8 would let garbage grow to 48 MB before it looks for any.
        resourceLimits: { maxYoungGenerationSizeMb: 4 },
      });
      worker = thread;
      const crashed = (cause: unknown): void => {
        if (worker === thread) {
          worker = undefined;
          const detail = `The embedding model "${resolved.name}" stopped unexpectedly; the log has the cause. Search works by keywords.`;
          fail({ state: 'failed', detail }, cause);
        }
        reject(unavailable());
      };
      thread.on('message', (reply: EmbeddingReply) => {
        if (worker !== thread) return;
        receive(reply, resolve);
        if (reply.type === 'unavailable') reject(unavailable());
      });
      thread.on('error', crashed);
      thread.on('exit', (code) => crashed(`exit ${code}`));
    });
  }

  function load(): Promise<EmbeddingSpace> {
    if (closed) return Promise.reject(unavailable());
    if (loading) return loading;
    const retry = Date.now() - failedAt > retryMs;
    if (!retry || resolved.kind === 'off') return Promise.reject(unavailable());
    // The file system is asked again: the model may have been put there meanwhile.
    const now = resolveModel(settings);
    if (now.kind !== 'model') {
      status = { state: 'missing', ...(now.kind === 'missing' && { detail: now.detail }) };
      return Promise.reject(unavailable());
    }
    loading = startLoading(now.request);
    loading.catch(() => {});
    return loading;
  }

  return {
    name: resolved.name,
    status: () => status,
    space: () => space,
    ready: (call) => duringCall(load(), call),
    async embed(texts, kind, call) {
      await duringCall(load(), call);
      if (!worker) throw unavailable();
      const prefix = resolved.kind === 'model' ? resolved.request.prefixes[kind] : '';
      return jobs.add(prefix === '' ? texts : texts.map((text) => prefix + text), kind, call);
    },
    warm() {
      load().catch(() => {});
    },
    async close() {
      closed = true;
      const stopped = stop();
      jobs.failAll(unavailable());
      await stopped;
    },
  };
}
