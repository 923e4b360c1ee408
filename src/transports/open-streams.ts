import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Caller, isLocal } from '../call.ts';
import type { HttpRefusal } from './http-answers.ts';
import { isListening } from './http-modern.ts';
import { idOf, serverError } from './messages.ts';
import { retryAfterSeconds } from './stopping.ts';

/** Streams on which clients listen for as long as they like: bounded, so that nobody takes all there are. */
export interface OpenStreams {
  readonly size: number;
  /** Counts the request until its response ends, if it asks for such a stream. @returns why it is refused */
  admit(
    request: IncomingMessage,
    response: ServerResponse,
    caller: Caller,
    body: unknown,
  ): HttpRefusal | undefined;
}

export interface StreamLimits {
  readonly most: number;
  /** For each caller who is not at this machine. */
  readonly mostPerCaller: number;
  /** Hears of each refusal. */
  readonly hit: () => void;
}

/** Whether a request asks for a stream on which its client listens. */
export const opensStream = (method: string | undefined, body: unknown): boolean =>
  method === 'GET' || isListening(body);

export function createOpenStreams({ most, mostPerCaller, hit }: StreamLimits): OpenStreams {
  /** Callers with any. */
  const own = new Map<string, number>();
  let size = 0;

  function refused(status: number, message: string, body: unknown): HttpRefusal {
    hit();
    const headers = { 'retry-after': String(retryAfterSeconds) };
    return { status, code: serverError, message, id: idOf(body), headers };
  }

  return {
    get size() {
      return size;
    },
    admit({ method }, response, caller, body) {
      if (!opensStream(method, body)) return undefined;
      const { id } = caller;
      const count = own.get(id) ?? 0;
      if (!isLocal(caller) && count >= mostPerCaller) {
        const message = `You have ${count} open streams, the most for one caller (setting httpStreamsPerCaller). Close one before you open another.`;
        return refused(429, message, body);
      }
      if (size >= most) {
        const message = `The server has ${most} open streams, the most that it takes (setting httpStreams). Try again later.`;
        return refused(503, message, body);
      }
      size++;
      own.set(id, count + 1);
      response.once('close', () => {
        size--;
        const left = (own.get(id) ?? 1) - 1;
        if (left === 0) own.delete(id);
        else own.set(id, left);
      });
      return undefined;
    },
  };
}
