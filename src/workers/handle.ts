import type { ChildProcess } from 'node:child_process';
import type { Worker } from 'node:worker_threads';

/** The first message of a pool worker: it has loaded what its jobs need. */
export const readyMessage = 'ready';
/** Asks a thread to clean up and exit; a process is asked by closing its channel. */
export const endMessage = 'end';

/** How a worker ended that was not dismissed. */
export interface WorkerEnd {
  /** The error a thread threw or the system gave at the start; else the code or signal, in words for the log. */
  readonly cause: unknown;
  /** The exit code; null if a signal ended the process or it was not started. */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A worker thread or a child process. */
export interface WorkerHandle<Reply> {
  post(message: unknown): void;
  onMessage(listener: (reply: Reply) => void): void;
  /** Resolves as soon as the worker is known to be dead, even if a thread that threw has not exited yet. */
  readonly lost: Promise<WorkerEnd>;
  /** Resolves when it has exited and everything it had open is closed. */
  readonly exited: Promise<void>;
  /** Keeps this process alive while the worker runs; `unref` undoes it. */
  ref(): void;
  unref(): void;
  /** Asks it to exit. */
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
    exited: new Promise((resolve) => {
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
    // With a pid it is running, and the error is about a kill or a message.
    if (child.pid === undefined) lose({ cause, code: null, signal: null });
  });
  return {
    // A process that failed to start has no channel. Send errors are ignored: the exit is reported anyway.
    post: (message) => void (child.connected && child.send(message as object, () => {})),
    onMessage: (listener) => void child.on('message', listener),
    lost,
    exited: lost.then(() => {}),
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

/** Asks a worker to exit, and kills it after `graceMs`. Resolves when it has exited. */
export async function retire<Reply>(worker: WorkerHandle<Reply>, graceMs: number): Promise<void> {
  // This process must stay alive until the worker has exited, even with nothing else left to do.
  worker.ref();
  worker.dismiss();
  const timer = setTimeout(() => worker.kill(), graceMs);
  await worker.exited;
  clearTimeout(timer);
}
