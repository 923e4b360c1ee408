import type { ChildProcess } from 'node:child_process';
import type { Call } from '../call.ts';
import { callCancelled, callLate, HydrogenError } from '../errors.ts';
import { tooManyOpenFiles } from '../file-errors.ts';
import type { NewChunk } from '../stores/index/types.ts';
import { startProcess } from '../workers/start.ts';
import { createLimit } from './limit.ts';
import type { ParseMessage, ParseReply, ParseRequest } from './parse-messages.ts';

/** Reads one document at a time, in a process of its own that starts at the first and ends when idle. */
export interface Parser {
  /**
   * A document that crashes the process, or needs too much memory or time, is skipped with the reason.
   * @throws HydrogenError `cancelled`, `timeout`: when the call is over
   */
  parse(request: Omit<ParseRequest, 'number'>, call: Call): Promise<ParseReply>;
  close(): Promise<void>;
}

export interface ParserOptions {
  /** Memory of the whole process, MB: with more it is ended. Node itself takes 60. */
  readonly parseMemoryMb?: number;
  /** Time for one document, ms. */
  readonly parseTimeoutMs?: number;
  /** The process ends when it had nothing to do for so long, ms. */
  readonly idleMs?: number;
}

/** What a process that is let go may take to end, ms. */
const graceMs = 1_000;
const defaults = { parseMemoryMb: 270, parseTimeoutMs: 30_000, idleMs: 5_000 };

function whole(reply: ParseReply, before: readonly NewChunk[]): ParseReply {
  if (!('document' in reply) || before.length === 0) return reply;
  const { document } = reply;
  return { ...reply, document: { ...document, chunks: [...before, ...document.chunks] } };
}

interface Child {
  readonly process: ChildProcess;
  /** Rejects when the process ends first. */
  readonly ready: Promise<void>;
  /** Resolves when the process has ended, with the signal if it was killed. */
  readonly ended: Promise<NodeJS.Signals | null>;
  /**
   * Calls `listener` once the process has ended, unless it is taken back by what is returned. To wait for `ended` would
   * keep all that a call holds for as long as the process lives.
   */
  onEnd(listener: (by: NodeJS.Signals | null) => void): () => void;
}

function notStarted(cause: unknown): HydrogenError {
  const message =
    tooManyOpenFiles(cause) ??
    'The process that reads files did not start: the machine may be short of memory or processes. Close some programs, and try again.';
  return new HydrogenError('unavailable', message, { cause });
}

function start(megabytes: number): Child {
  const child = startProcess(
    new URL('./parse-process.ts', import.meta.url),
    [String(megabytes * 1_000_000)],
    {
      heapMegabytes: Math.ceil(megabytes * 0.57),
    },
  );
  let failure: unknown;
  const ended = new Promise<NodeJS.Signals | null>((resolve) => {
    child.once('exit', (_code, signal) => resolve(signal));
    child.once('error', (error) => {
      failure = error;
      resolve(null);
    });
  });
  const ready = new Promise<void>((resolve, reject) => {
    child.once('message', () => resolve());
    void ended.then(() => reject(notStarted(failure)));
  });
  ready.catch(() => {});
  child.unref();
  const listeners = new Set<(by: NodeJS.Signals | null) => void>();
  let hasEnded = false;
  void ended.then((by) => {
    hasEnded = true;
    for (const listener of listeners) listener(by);
  });
  return {
    process: child,
    ready,
    ended,
    onEnd(listener) {
      if (hasEnded) void ended.then(listener);
      else listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}

/** A process for which there are no pipes is not even begun. */
function startOrTell(megabytes: number): Child {
  try {
    return start(megabytes);
  } catch (error) {
    throw notStarted(error);
  }
}

export function createParser(options: ParserOptions = {}): Parser {
  const { parseMemoryMb, parseTimeoutMs, idleMs } = { ...defaults, ...options };
  const inTurn = createLimit(1);
  let child: Child | undefined;
  let nextNumber = 1;
  let idle: NodeJS.Timeout | undefined;
  let isBusy = false;
  let closed = false;

  const tooLong = `takes too long to be read (more than ${parseTimeoutMs / 1_000} s)`;

  function reasonOf(signal: NodeJS.Signals | null): string {
    // The watch thread and the kernel kill; V8 aborts when its heap is full.
    return signal === 'SIGKILL' || signal === 'SIGABRT' || signal === 'SIGTRAP'
      ? `needs too much memory to be read (more than ${parseMemoryMb} MB)`
      : 'could not be parsed: it ended the parser';
  }

  const closing = (): HydrogenError => new HydrogenError('unavailable', 'The server is shutting down.');

  function current(): Child {
    if (child) return child;
    const started = startOrTell(parseMemoryMb);
    child = started;
    void started.ended.then(() => {
      if (child === started) child = undefined;
    });
    return started;
  }

  async function kill(): Promise<void> {
    const ending = child;
    child = undefined;
    // Its end is waited for: it must not be the only thing that is left to happen.
    ending?.process.ref();
    ending?.process.kill('SIGKILL');
    await ending?.ended;
  }

  /** A process that has nothing to do ends by itself when it is let go. */
  async function retire(): Promise<void> {
    const ending = child;
    child = undefined;
    ending?.process.ref();
    if (ending?.process.connected) ending.process.disconnect();
    const late = setTimeout(() => ending?.process.kill('SIGKILL'), graceMs);
    await ending?.ended;
    clearTimeout(late);
  }

  async function ask(request: Omit<ParseRequest, 'number'>, { signal, deadline }: Call): Promise<ParseReply> {
    const number = nextNumber++;
    const over = (): HydrogenError => (signal.aborted ? callCancelled() : callLate());
    if (closed) throw closing();
    if (signal.aborted || Date.now() >= deadline) throw over();
    const { process, ready, onEnd } = current();
    await ready.catch((error: unknown) => {
      throw closed ? closing() : error;
    });
    const left = deadline - Date.now();
    return await new Promise<ParseReply>((resolve, reject) => {
      let isOpen = true;
      const finish = (settle: () => void): void => {
        if (!isOpen) return;
        isOpen = false;
        clearTimeout(timer);
        signal.removeEventListener('abort', giveUp);
        process.off('message', answer);
        forget();
        process.channel?.unref();
        settle();
      };
      const skip = (reason: string, keep = false): void => resolve({ number, skipped: reason, keep });
      const giveUp = (): void =>
        finish(() => {
          const isCallOver = signal.aborted || left <= parseTimeoutMs;
          void kill().then(() => (isCallOver ? reject(over()) : skip(tooLong)));
        });
      const chunks: NewChunk[] = [];
      const answer = (message: ParseMessage): void => {
        if (!('number' in message) || message.number !== number) return;
        if ('chunks' in message) chunks.push(...message.chunks);
        else finish(() => resolve(whole(message, chunks)));
      };
      const timer = setTimeout(giveUp, Math.max(0, Math.min(parseTimeoutMs, left)));
      signal.addEventListener('abort', giveUp, { once: true });
      process.on('message', answer);
      process.channel?.ref();
      const forget = onEnd((by) =>
        finish(() => {
          const full = tooManyOpenFiles();
          // What was not read because of our own end says nothing about the document.
          if (closed) reject(closing());
          else if (full === undefined) skip(reasonOf(by));
          else skip(`not read: ${full}`, true);
        }),
      );
      if (signal.aborted) giveUp();
      else process.send({ ...request, number } satisfies ParseRequest, () => {});
    });
  }

  return {
    parse: (request, call) =>
      inTurn(async () => {
        clearTimeout(idle);
        isBusy = true;
        try {
          return await ask(request, call);
        } finally {
          isBusy = false;
          idle = setTimeout(() => void retire(), idleMs);
          idle.unref();
        }
      }),
    async close() {
      closed = true;
      clearTimeout(idle);
      await (isBusy ? kill() : retire());
    },
  };
}
