import type { ChildProcess } from 'node:child_process';
import type { Worker } from 'node:worker_threads';

/** The first message of a worker that serves a pool: it has loaded what its jobs need. */
export const readyMessage = 'ready';
/** Tells a thread to end when it has done what it must at its exit; a process is told by the end of its channel. */
export const endMessage = 'end';

/** How a worker ended that was not let go. */
export interface WorkerEnd {
  /** What a thread threw, or why the system started none; else the code or signal, in words for the log. */
  readonly cause: unknown;
  /** Of a process; null of one that was not started, too. */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A worker thread or a child process. */
export interface WorkerHandle<Reply> {
  post(message: unknown): void;
  onMessage(listener: (reply: Reply) => void): void;
  /** Resolves as soon as it is known that it does nothing any more: a thread that throws is still on its way out. */
  readonly lost: Promise<WorkerEnd>;
  /** Resolves when it is gone, with all that it had open. */
  readonly gone: Promise<void>;
  /** Whether this process stays for it. */
  ref(): void;
  unref(): void;
  /** Asks it to end by itself. */
  dismiss(): void;
  kill(): void;
}

export function threadHandle<Reply>(worker: Worker): WorkerHandle<Reply> {
  const { promise: lost, resolve: lose } = Promise.withResolvers<WorkerEnd>();
  worker.on('error', (cause) => lose({ cause, code: null, signal: null }));
  return {
    post: (message) => worker.postMessage(message),
    onMessage: (listener) => void worker.on('message', listener),
    lost,
    gone: new Promise((resolve) => {
      worker.once('exit', (code) => {
        lose({ cause: `exit ${code}`, code, signal: null });
        resolve();
      });
    }),
    ref: () => worker.ref(),
    unref: () => worker.unref(),
    dismiss: () => worker.postMessage(endMessage),
    kill: () => void worker.terminate(),
  };
}

export function processHandle<Reply>(child: ChildProcess): WorkerHandle<Reply> {
  const { promise: lost, resolve: lose } = Promise.withResolvers<WorkerEnd>();
  child.once('exit', (code, signal) => lose({ cause: `exit ${code ?? signal}`, code, signal }));
  child.on('error', (cause) => {
    // Else it runs, and could not be killed or written to.
    if (child.pid === undefined) lose({ cause, code: null, signal: null });
  });
  return {
    // One that was not started has no channel, and what is not read because it ends is told by its end.
    post: (message) => void (child.connected && child.send(message as object, () => {})),
    onMessage: (listener) => void child.on('message', listener),
    lost,
    gone: lost.then(() => {}),
    ref() {
      child.ref();
      child.channel?.ref();
    },
    unref() {
      child.unref();
      child.channel?.unref();
    },
    dismiss() {
      if (child.connected) child.disconnect();
    },
    kill: () => void child.kill('SIGKILL'),
  };
}

/** Lets a worker end by itself, or kills it after `graceMs`. Resolves when it is gone. */
export async function retire<Reply>(worker: WorkerHandle<Reply>, graceMs: number): Promise<void> {
  // Its end is waited for: it must not be cut short because nothing else is left to happen.
  worker.ref();
  worker.dismiss();
  const impatient = setTimeout(() => worker.kill(), graceMs);
  await worker.gone;
  clearTimeout(impatient);
}
