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
  /** Hands it a batch, which it answers with `vectors` or `error`. */
  embed(request: EmbedRequest): void;
  /** Resolves when it has ended, which it is made to if it does not by itself. */
  stop(): Promise<void>;
}

export interface HostEvents {
  /** All replies but `loading` and `pong`. */
  readonly receive: (reply: EmbeddingReply) => void;
  /** It ended, asked to or not; `cause` is for the log. */
  readonly ended: (ending: Ending, cause: string) => void;
  /** The system started no process. */
  readonly notStarted: (code: string, cause: unknown) => void;
}

export interface Patience {
  /** How often it is asked whether it hangs while it has something to do, ms. */
  readonly lookMs: number;
  /** Native code that takes longer hangs, ms; that of a large model may take longer by 1 s for each 10 MB. */
  readonly maxSilentMs: number;
  /** Its start up to native code takes no longer, ms: it may be slow on a busy machine, and says nothing of native code. */
  readonly bootMs: number;
}

const usual: Patience = { lookMs: 5_000, maxSilentMs: 30_000, bootMs: 120_000 };
const bytesPerMs = 10_000;
/** What it may take to end, ms. */
const graceMs = 500;
/** What the last words of a process may take to come, ms. */
const lastWordsMs = 200;
const stderrKept = 4_000;

function bytesOf(model: ModelRequest): number {
  try {
    return statSync(weightsOf(model)).size;
  } catch {
    return 0;
  }
}

/** Starts a process and has it load the model. Throws what the system says. */
export function startModelHost(
  model: ModelRequest,
  events: HostEvents,
  { lookMs, maxSilentMs, bootMs }: Patience = usual,
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
  let watch: NodeJS.Timeout | undefined;
  let silentMs = 0;

  const post = (request: ProcessRequest): void => worker.post(request);

  /** Counts looks instead of time: a computer that slept has not hung. */
  function look(): void {
    silentMs += lookMs;
    const patienceMs = hasBooted ? maxSilentMs + bytesOf(model) / bytesPerMs : bootMs;
    if (silentMs > patienceMs) {
      isHung = true;
      worker.kill();
    } else post({ type: 'ping' });
  }

  function ask(request: ProcessRequest): void {
    open++;
    silentMs = 0;
    watch ??= setInterval(look, lookMs).unref();
    post(request);
  }

  function rest(): void {
    clearInterval(watch);
    watch = undefined;
  }

  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr = (stderr + text).slice(-stderrKept);
  });
  worker.onMessage((reply) => {
    silentMs = 0;
    if (reply.type === 'loading') hasBooted = true;
    if (reply.type === 'loading' || reply.type === 'pong') return;
    if (reply.type !== 'download' && --open === 0) rest();
    events.receive(reply);
  });
  const closed = new Promise((resolve) => child.once('close', resolve));
  void worker.lost.then(async ({ cause, code, signal }) => {
    rest();
    if (child.pid === undefined) return events.notStarted(codeOf(cause), cause);
    await Promise.race([closed, delay(lastWordsMs)]);
    const hung: Ending = {
      kind: hasBooted ? 'hung' : 'ended',
      how: `no sign of life for ${Math.round(silentMs / 1_000)} s`,
    };
    events.ended(isHung ? hung : endingOf(code, signal, stderr), stderr || String(cause));
  });
  ask({ type: 'load', model });

  return {
    embed: (request) => ask({ type: 'embed', ...request }),
    async stop() {
      await Promise.race([retire(worker, graceMs), delay(2 * graceMs, undefined, { ref: false })]);
      // One that the system cannot end, because it waits for a dead disk, keeps nobody waiting.
      worker.unref();
    },
  };
}
