import type { Logger } from 'pino';
import { duringCall } from '../call-end.ts';
import { callLate, HydrogenError } from '../errors.ts';
import { codeOf } from '../file-errors.ts';
import type { Ending } from './crash.ts';
import { type CrashRecord, forgetCrash, readCrash, rememberCrash } from './crash-record.ts';
import { crashStatus, endStatus, notStartedStatus, whenToTry } from './failures.ts';
import { createJobQueue } from './jobs.ts';
import type { EmbeddingReply, ModelRequest } from './messages.ts';
import { type ModelHost, startModelHost } from './model-host.ts';
import { resolveModel } from './models.ts';
import { isMostlyUnknown } from './scripts.ts';
import type { Embedder, EmbeddingSettings, EmbeddingSpace, EmbeddingStatus } from './types.ts';

/** Minimum time between two attempts to load the model, ms. */
const retryMs = 30_000;

const loadTimedOut = (): HydrogenError =>
  callLate({
    message:
      'The embedding model was not loaded within the time limit of the call. Try again in a moment, or search with mode "keyword".',
  });

/** The status before first use. */
function statusBefore(resolved: ReturnType<typeof resolveModel>): EmbeddingStatus {
  if (resolved.kind === 'missing') return { state: 'missing', detail: resolved.detail };
  return { state: resolved.kind === 'off' ? 'off' : 'idle' };
}

/** An embedder for the configured model. Nothing is loaded before first use. */
export function createEmbedder(settings: EmbeddingSettings, log: Logger): Embedder {
  const resolved = resolveModel(settings);
  const { setting = 'embeddingModel' } = settings;
  let status = statusBefore(resolved);
  let space: EmbeddingSpace | undefined;
  let unknown: readonly string[] = [];
  let host: ModelHost | undefined;
  let loading: Promise<EmbeddingSpace> | undefined;
  let failedAt = 0;
  let closed = false;
  let isRecordRead = false;
  let unwritten: CrashRecord | undefined;
  const jobs = createJobQueue((request) => host?.embed(request));

  async function stop(): Promise<void> {
    const ended = host;
    host = undefined;
    await ended?.stop();
  }

  function unavailable(): HydrogenError {
    const detail = closed ? 'The server is shutting down.' : status.detail;
    return new HydrogenError(
      'unavailable',
      detail ?? `Search by meaning is off: the setting ${setting} is "none".`,
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
        unknown = reply.unknown;
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

  /** The model would crash again, so the crash is recorded and the next start does not try. */
  function remember(request: ModelRequest, ending: Ending): EmbeddingStatus {
    const crash = whenToTry(ending, space !== undefined);
    try {
      rememberCrash(settings.cacheDirectory, request, crash);
    } catch (error) {
      unwritten = crash;
      log.warn({ err: error }, 'the crash of the embedding model could not be recorded');
    }
    return crashStatus(crash);
  }

  /** Whether a crash of the model is on record, from this process or another. */
  function recall(request: ModelRequest): boolean {
    isRecordRead = true;
    const crash = readCrash(settings.cacheDirectory, request) ?? unwritten;
    if (!crash || crash.until < Date.now()) return false;
    status = crashStatus(crash);
    return true;
  }

  function startLoading(request: ModelRequest): Promise<EmbeddingSpace> {
    status = { state: 'loading' };
    return new Promise((resolve, reject) => {
      let started: ModelHost | undefined;
      const over = (next: () => EmbeddingStatus, cause: unknown): void => {
        if (host === started) fail(next(), cause);
        reject(unavailable());
      };
      const notStarted = (code: string, cause: unknown): void => over(() => notStartedStatus(code), cause);
      try {
        started = startModelHost(request, {
          receive(reply) {
            if (host !== started) return;
            receive(reply, resolve);
            if (reply.type === 'unavailable') reject(unavailable());
          },
          ended: (ending, cause) =>
            over(
              () => (ending.kind === 'ended' ? endStatus(resolved.name, ending) : remember(request, ending)),
              cause,
            ),
          notStarted,
        });
        host = started;
      } catch (error) {
        notStarted(codeOf(error), error);
      }
    });
  }

  function load(): Promise<EmbeddingSpace> {
    if (closed) return Promise.reject(unavailable());
    if (loading) return loading;
    const retry = Date.now() - failedAt > retryMs;
    if (!retry || resolved.kind === 'off') return Promise.reject(unavailable());
    // Resolve again: the model may have been installed in the meantime.
    const now = resolveModel(settings);
    if (now.kind !== 'model') {
      status = { state: 'missing', ...(now.kind === 'missing' && { detail: now.detail }) };
      return Promise.reject(unavailable());
    }
    if (recall(now.request)) {
      failedAt = Date.now();
      return Promise.reject(unavailable());
    }
    loading = startLoading(now.request);
    loading.catch(() => {});
    return loading;
  }

  return {
    name: resolved.name,
    status() {
      if (resolved.kind === 'model' && !isRecordRead) recall(resolved.request);
      return status;
    },
    space: () => space,
    knows: (text) => !isMostlyUnknown(text, unknown),
    ready: (call) => duringCall(load(), call, loadTimedOut),
    async embed(texts, kind, call, given) {
      await duringCall(load(), call, loadTimedOut);
      if (!host) throw unavailable();
      const prefix = given ?? (resolved.kind === 'model' ? resolved.request.prefixes[kind] : '');
      return jobs.add(prefix === '' ? texts : texts.map((text) => prefix + text), kind, call);
    },
    warm({ again = false } = {}) {
      if (again && !loading && resolved.kind === 'model') {
        unwritten = undefined;
        try {
          forgetCrash(settings.cacheDirectory, resolved.request);
        } catch (error) {
          log.warn({ err: error }, 'the crash record of the embedding model could not be removed');
        }
        failedAt = 0;
      }
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
