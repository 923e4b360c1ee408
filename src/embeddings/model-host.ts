import { statSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { codeOf } from '../file-errors.ts';
import { processHandle, retire } from '../workers/handle.ts';
import { startNativeProcess } from '../workers/start.ts';
import { type Ending, endingOf } from './crash.ts';
import { weightsOf } from './fingerprint.ts';
import type { EmbeddingReply, EmbedRequest, ModelRequest, ProcessRequest } from './messages.ts';

/** A model in a process of its own. */
export interface ModelHost {
  /** Sends a batch; the reply is `vectors` or `error`. */
  embed(request: EmbedRequest): void;
  /** Resolves when it has exited; it is killed if it does not exit by itself. */
  stop(): Promise<void>;
}

export interface HostEvents {
  /** All replies but `loading` and `pong`. */
  readonly receive: (reply: EmbeddingReply) => void;
  /** It ended, whether asked to or not; `cause` is for the log. */
  readonly ended: (ending: Ending, cause: string) => void;
  /** The system could not start the process. */
  readonly notStarted: (code: string, cause: unknown) => void;
}

export interface Patience {
  /** Interval of pings while it is busy, ms. */
  readonly checkIntervalMs: number;
  /** Native code silent for longer counts as hung, ms; models get 1 s more for each 10 MB. */
  readonly maxSilentMs: number;
  /** Limit for the startup before native code, ms: slow on a busy machine, and no evidence against native code. */
  readonly bootMs: number;
}

const usual: Patience = { checkIntervalMs: 5_000, maxSilentMs: 30_000, bootMs: 120_000 };
const bytesPerMs = 10_000;
/** How long it may take to exit, ms. */
const graceMs = 500;
/** How long the rest of a dead process's stderr may take to arrive, ms. */
const flushMs = 200;
const maxStderrLength = 4_000;

function bytesOf(model: ModelRequest): number {
  try {
    return statSync(weightsOf(model)).size;
  } catch {
    return 0;
  }
}

/** Starts a process and has it load the model. Throws the system's error if the process cannot be started. */
export function startModelHost(
  model: ModelRequest,
  events: HostEvents,
  { checkIntervalMs, maxSilentMs, bootMs }: Patience = usual,
): ModelHost {
  const child = startNativeProcess(new URL('./embedding-process.ts', import.meta.url), {
    network: model.hub !== undefined,
  });
  const worker = processHandle<EmbeddingReply>(child);
  let isHung = false;
  let hasBooted = false;
  let stderr = '';
  /** Requests without a reply. */
  let open = 0;
  let timer: NodeJS.Timeout | undefined;
  let silentMs = 0;

  const post = (request: ProcessRequest): void => worker.post(request);

  /** Counts checks instead of time: a computer that was asleep has not hung. */
  function check(): void {
    silentMs += checkIntervalMs;
    const patienceMs = hasBooted ? maxSilentMs + bytesOf(model) / bytesPerMs : bootMs;
    if (silentMs > patienceMs) {
      isHung = true;
      worker.kill();
    } else post({ type: 'ping' });
  }

  function send(request: ProcessRequest): void {
    open++;
    silentMs = 0;
    timer ??= setInterval(check, checkIntervalMs).unref();
    post(request);
  }

  function stopChecking(): void {
    clearInterval(timer);
    timer = undefined;
  }

  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr = (stderr + text).slice(-maxStderrLength);
  });
  worker.onMessage((reply) => {
    silentMs = 0;
    if (reply.type === 'loading') hasBooted = true;
    if (reply.type === 'loading' || reply.type === 'pong') return;
    if (reply.type !== 'download' && --open === 0) stopChecking();
    events.receive(reply);
  });
  const closed = new Promise((resolve) => child.once('close', resolve));
  void worker.lost.then(async ({ cause, code, signal }) => {
    stopChecking();
    if (child.pid === undefined) return events.notStarted(codeOf(cause), cause);
    await Promise.race([closed, delay(flushMs)]);
    const hung: Ending = {
      kind: hasBooted ? 'hung' : 'ended',
      how: `no sign of life for ${Math.round(silentMs / 1_000)} s`,
    };
    events.ended(isHung ? hung : endingOf(code, signal, stderr), stderr || String(cause));
  });
  send({ type: 'load', model });

  return {
    embed: (request) => send({ type: 'embed', ...request }),
    async stop() {
      await Promise.race([retire(worker, graceMs), delay(2 * graceMs, undefined, { ref: false })]);
      // Do not wait for a process that cannot be killed because it is stuck on a dead disk.
      worker.unref();
    },
  };
}
