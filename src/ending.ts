import { constants } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from './observability/log.ts';
import { endThreads, threadsAlive } from './workers/start.ts';

/**
 * What asks a process to end: Ctrl-C, a supervisor, the terminal that closes (on Windows the console), and
 * Ctrl-Break there. Windows has nothing else: a supervisor ends a process there without asking it.
 */
export const endingSignals: readonly NodeJS.Signals[] =
  process.platform === 'win32' ? ['SIGINT', 'SIGHUP', 'SIGBREAK'] : ['SIGINT', 'SIGTERM', 'SIGHUP'];

/** Ctrl-C reaches a process twice when `npm` or `npx` passes it on: within this time it is one, ms. */
const echoMs = 100;
/** How long threads may take to end at a second signal, ms. */
const hasteMs = 1_000;
/** How long the last lines of the log may take, ms: nobody has to read them. */
const lastWordsMs = 100;

/** As a shell counts: 128 and the number of the signal. */
export function signalExitCode(signal: NodeJS.Signals): number {
  return 128 + constants.signals[signal];
}

/** Resolves with the promise, but not later than after `ms`; true when it was in time. */
export async function settledWithin(ms: number, promise: Promise<unknown>): Promise<boolean> {
  const timer = new AbortController();
  const late = delay(Math.max(0, ms), false, { signal: timer.signal }).catch(() => false);
  try {
    return await Promise.race([promise.then(() => true), late]);
  } finally {
    timer.abort();
  }
}

/** Unfinished work of the thread pool, such as opening a file on a mount that is dead. */
function isInFileSystem(): boolean {
  return process.getActiveResourcesInfo().some((name) => name.startsWith('FSReq'));
}

/**
 * Ends the process now. `process.exit` waits for threads and for the thread pool, for ever when one is inside
 * native code or a system call: then only SIGKILL ends it, and no exit code can be given.
 */
function exit(code: number): never {
  if (threadsAlive().length > 0 || isInFileSystem()) {
    process.kill(process.pid, 'SIGKILL');
    // Still here: the first process of a container cannot be killed from inside, but it can crash.
    process.abort();
  }
  process.exit(code);
}

/**
 * Waits until threads and file system are done, so that the process can end by itself. It is killed when they are not
 * at `until` (ms since the epoch): everything that counts must be closed before.
 * @param code with which it ends then
 */
export async function untilIdle(until: number, code: number, log: Logger): Promise<void> {
  const isBusy = (): boolean => threadsAlive().length > 0 || isInFileSystem();
  while (isBusy() && Date.now() < until) await delay(5);
  if (!isBusy()) return;
  log.error(
    { threads: threadsAlive().map(({ threadName }) => threadName), fileSystem: isInFileSystem() },
    'did not end in time: ended by force',
  );
  exit(code);
}

/** Ends what is left of the process, at `until` at the latest. Everything that counts is closed. */
export async function leave(code: number, until: number, log: Logger): Promise<never> {
  await untilIdle(until, code, log);
  log.info({ code }, 'stopped');
  for (const end = Date.now() + lastWordsMs; process.stderr.writableLength > 0 && Date.now() < end; ) {
    await delay(5);
  }
  await untilIdle(until, code, log);
  exit(code);
}

/** Ends the process at once; what is committed is kept. */
async function hurry(code: number): Promise<void> {
  await settledWithin(hasteMs, endThreads());
  exit(code);
}

/**
 * Calls `ask` at the first signal that asks the process to end. The second one ends it at once.
 * @returns what undoes it
 */
export function onEndingSignal(ask: (signal: NodeJS.Signals) => void): () => void {
  let first: { readonly signal: NodeJS.Signals; readonly at: number } | undefined;
  const heard = (signal: NodeJS.Signals): void => {
    if (!first) {
      first = { signal, at: Date.now() };
      ask(signal);
      return;
    }
    if (signal === 'SIGINT' && first.signal === signal && Date.now() - first.at < echoMs) return;
    void hurry(signalExitCode(signal));
  };
  for (const signal of endingSignals) process.on(signal, heard);
  return () => {
    for (const signal of endingSignals) process.removeListener(signal, heard);
  };
}

/** Ends the process after `ms`, whatever still hangs. It keeps nothing alive itself. */
export function endAfter(ms: number, code: number, log: Logger): void {
  setTimeout(() => {
    log.error({ left: process.getActiveResourcesInfo() }, 'did not end in time: ended by force');
    void hurry(code);
  }, ms).unref();
}
