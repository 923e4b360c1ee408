import type { Worker } from 'node:worker_threads';
import type { Call } from '../call.ts';
import { HydrogenError } from '../errors.ts';
import { startThread } from '../threads.ts';
import type { ParseReply, ParseRequest } from './parse-messages.ts';

/** Reads one document at a time, on a thread that lives until `close`. */
export interface Parser {
  /**
   * A document that crashes the thread is skipped.
   * @throws HydrogenError `cancelled`, `timeout`; the thread is ended then.
   */
  parse(request: Omit<ParseRequest, 'number'>, call: Call): Promise<ParseReply>;
  close(): Promise<void>;
}

/** A thread that needs more is ended and the document skipped. */
const mostMegabytes = 1_024;

export function createParser(): Parser {
  let worker: Worker | undefined;
  let nextNumber = 1;
  let answer: (reply: ParseReply) => void = () => {};

  function start(): Worker {
    const thread = startThread(new URL('./parse-thread.ts', import.meta.url), {
      name: 'parse',
      resourceLimits: { maxOldGenerationSizeMb: mostMegabytes },
    });
    const crashed = (): void => {
      if (worker !== thread) return;
      worker = undefined;
      answer({ number: nextNumber - 1, skipped: 'could not be parsed', keep: false });
    };
    thread.on('message', (reply: ParseReply) => answer(reply));
    thread.on('error', crashed);
    thread.on('exit', crashed);
    return thread;
  }

  async function stop(): Promise<void> {
    const ended = worker;
    worker = undefined;
    await ended?.terminate();
  }

  return {
    parse(request, { signal, deadline }) {
      const number = nextNumber++;
      return new Promise((resolve, reject) => {
        const give = (code: 'cancelled' | 'timeout', message: string): void => {
          finish();
          void stop();
          reject(new HydrogenError(code, message));
        };
        const cancel = (): void => give('cancelled', 'The call was cancelled.');
        const late = (): void =>
          give('timeout', 'The call took longer than its time limit. Repeat it: what was read stays.');
        const left = Math.min(Math.max(0, deadline - Date.now()), 2 ** 31 - 1);
        const timer = Number.isFinite(deadline) ? setTimeout(late, left) : undefined;
        const finish = (): void => {
          clearTimeout(timer);
          signal.removeEventListener('abort', cancel);
          answer = () => {};
        };
        signal.addEventListener('abort', cancel, { once: true });
        answer = (reply) => {
          if (reply.number !== number) return;
          finish();
          resolve(reply);
        };
        worker ??= start();
        if (signal.aborted) cancel();
        else worker.postMessage({ ...request, number } satisfies ParseRequest);
      });
    },
    close: stop,
  };
}
