import { constants } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { type Logger, writeLog } from './observability/log.ts';
import { endThreads, threadsAlive } from './workers/start.ts';

/**
 * Signals that ask a process to end: Ctrl-C, a supervisor, a terminal (on Windows a console) that closes, and Ctrl-Break
 * on Windows. There is nothing else on Windows, where supervisors terminate a process without asking.
 */
export const endingSignals: readonly NodeJS.Signals[] =
  process.platform === 'win32' ? ['SIGINT', 'SIGHUP', 'SIGBREAK'] : ['SIGINT', 'SIGTERM', 'SIGHUP'];

/** `npm` and `npx` forward Ctrl-C, so it can arrive twice: within this time, ms, it counts once. */
const echoMs = 100;
/** How long threads may take to end when the exit is forced, ms. */
const forcedExitMs = 1_000;
/** How long the last log lines may take to be written, ms: maybe nobody reads them. */
const flushMs = 100;

/** The shell's convention: 128 plus the signal number. */
export function signalExitCode(signal: NodeJS.Signals): number {
  return 128 + constants.signals[signal];
}

/** Waits for the promise, at most `ms`; true if it settled in time. */
export async function settledWithin(ms: number, promise: Promise<unknown>): Promise<boolean> {
  const timer = new AbortController();
  const late = delay(Math.max(0, ms), false, { signal: timer.signal }).catch(() => false);
  try {
    return await Promise.race([promise.then(() => true), late]);
  } finally {
    timer.abort();
  }
}

/** Whether the thread pool has unfinished work, such as opening a file on a dead mount. */
function isInFileSystem(): boolean {
  return process.getActiveResourcesInfo().some((name) => name.startsWith('FSReq'));
}

/**
 * Ends the process now. `process.exit` waits for threads and the thread pool, indefinitely if one is stuck in native
 * code or a system call: then only SIGKILL works, and the exit code is lost.
 */
function exitNow(code: number): never {
  if (threadsAlive().length > 0 || isInFileSystem()) {
    writeLog();
    process.kill(process.pid, 'SIGKILL');
    // Still here: PID 1 of a container cannot kill itself, but it can crash.
    process.abort();
  }
  process.exit(code);
}

/**
 * Waits until threads and file operations are done, so that the process can exit normally. If they are not done at
 * `until` (ms since the epoch), it is killed: everything that matters must be closed before.
 * @param code exit code in that case
 */
export async function untilIdle(until: number, code: number, log: Logger): Promise<void> {
  const isBusy = (): boolean => threadsAlive().length > 0 || isInFileSystem();
  while (isBusy() && Date.now() < until) await delay(5);
  if (!isBusy()) return;
  log.error(
    { threads: threadsAlive().map(({ threadName }) => threadName), fileSystem: isInFileSystem() },
    'did not end in time: ended by force',
  );
  exitNow(code);
}

/** Exits once idle, at `until` at the latest. Everything that matters must be closed. */
export async function exitWhenIdle(code: number, until: number, log: Logger): Promise<never> {
  await untilIdle(until, code, log);
  log.info({ code }, 'stopped');
  writeLog();
  for (const end = Date.now() + flushMs; process.stderr.writableLength > 0 && Date.now() < end; ) {
    await delay(5);
  }
  await untilIdle(until, code, log);
  exitNow(code);
}

/** Ends the process at once; committed data is safe. */
async function forceExit(code: number): Promise<void> {
  await settledWithin(forcedExitMs, endThreads());
  exitNow(code);
}

/**
 * Calls `stop` on the first signal that asks the process to end. A second signal ends it at once.
 * @param signals those that do
 * @returns a function that removes the handlers
 */
export function onEndingSignal(
  stop: (signal: NodeJS.Signals) => void,
  signals: readonly NodeJS.Signals[] = endingSignals,
): () => void {
  let first: { readonly signal: NodeJS.Signals; readonly at: number } | undefined;
  const onSignal = (signal: NodeJS.Signals): void => {
    if (!first) {
      first = { signal, at: Date.now() };
      stop(signal);
      return;
    }
    if (signal === 'SIGINT' && first.signal === signal && Date.now() - first.at < echoMs) return;
    void forceExit(signalExitCode(signal));
  };
  for (const signal of signals) process.on(signal, onSignal);
  return () => {
    for (const signal of signals) process.removeListener(signal, onSignal);
  };
}

/** Ends the process after `ms`, whatever still hangs. The timer does not keep the process alive. */
export function endAfter(ms: number, code: number, log: Logger): void {
  setTimeout(() => {
    log.error({ left: process.getActiveResourcesInfo() }, 'did not end in time: ended by force');
    void forceExit(code);
  }, ms).unref();
}
