import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import type { RequestId } from '@modelcontextprotocol/server';
import { sendRefusal } from './http-answers.ts';
import { errorResponse, isRequest } from './messages.ts';
import { hasEnd, retryAfterSeconds, stoppingError } from './stopping.ts';

/** Tracks HTTP requests in progress, so that none is cut off without an answer. */
export interface Drain {
  /** Told to stop: no balancer should send it anything more. */
  readonly isLeaving: boolean;
  /** Refuses what is new. */
  readonly isStopping: boolean;
  /**
   * Registers a request whose sender is still to be determined, or whose body is still to come: stopping waits for it, to
   * refuse it with an error.
   */
  expect(response: ServerResponse): void;
  /**
   * Registers a protocol request. When the server is stopping, answers it and returns false. Messages that belong to a
   * request in progress (a reply, a cancellation) are always admitted.
   */
  admit(request: IncomingMessage, response: ServerResponse, body: unknown): boolean;
  /**
   * Takes new requests for `leaveMs` more, then refuses them and waits for those in progress; those that take too long are
   * answered with an error.
   */
  stop(): Promise<void>;
  /** Waits briefly for ending streams to be fully written. */
  flushed(): Promise<void>;
}

export interface DrainOptions {
  /** How long a balancer may take to notice that this node is leaving, ms. */
  readonly leaveMs: number;
  /** How long requests in progress may continue, ms. */
  readonly drainMs: number;
  /** Ends the calls in progress, which answers their requests. */
  readonly endCalls: () => Promise<void>;
}

/** How long an answer may take to be written once it is known, ms. */
const flushMs = 300;

function messagesOf(body: unknown): readonly unknown[] {
  return Array.isArray(body) ? body : [body];
}

function unavailable(response: ServerResponse, ids: readonly RequestId[], hadStarted: boolean): void {
  sendRefusal(response, {
    ...stoppingError(hadStarted),
    // A balancer may give a request to another node where it is told to try again: not one that has begun.
    status: hadStarted ? 500 : 503,
    id: ids.length > 1 ? ids : (ids[0] ?? null),
    headers: { ...(!hadStarted && { 'retry-after': String(retryAfterSeconds) }), connection: 'close' },
  });
}

/** Answers unfinished requests with an error, in the form in which the response has begun. */
function cutShort(response: ServerResponse, ids: readonly RequestId[]): void {
  if (response.writableEnded) return;
  // Its writer may still be writing.
  response.on('error', () => {});
  if (!response.headersSent) unavailable(response, ids, true);
  else if (/event-stream/.test(String(response.getHeader('content-type')))) {
    const errors = ids.map((id) => errorResponse({ ...stoppingError(true), id }));
    response.end(errors.map((error) => `event: message\ndata: ${JSON.stringify(error)}\n\n`).join(''));
  } else response.destroy();
}

export function createDrain({ leaveMs, drainMs, endCalls }: DrainOptions): Drain {
  const open = new Map<ServerResponse, readonly RequestId[]>();
  const streams = new Set<ServerResponse>();
  const arriving = new Set<ServerResponse>();
  let [isLeaving, isStopping] = [false, false];

  async function until(ms: number, isMet: () => boolean): Promise<void> {
    for (const end = Date.now() + ms; !isMet() && Date.now() < end; ) await delay(5);
  }

  function refuse(response: ServerResponse, body: unknown): void {
    const ids = messagesOf(body).flatMap((message) => (isRequest(message) ? [message.id] : []));
    unavailable(response, ids, false);
  }

  return {
    get isLeaving() {
      return isLeaving;
    },
    get isStopping() {
      return isStopping;
    },
    expect(response) {
      arriving.add(response);
      response.once('close', () => arriving.delete(response));
    },
    admit({ method }, response, body) {
      arriving.delete(response);
      const messages = messagesOf(body);
      if (isStopping && (method === 'GET' || messages.some(isRequest))) {
        refuse(response, body);
        return false;
      }
      const ids = messages.filter(hasEnd).map(({ id }) => id);
      streams.add(response);
      if (ids.length > 0) open.set(response, ids);
      response.once('close', () => {
        open.delete(response);
        streams.delete(response);
      });
      return true;
    },
    async stop() {
      isLeaving = true;
      await delay(leaveMs);
      isStopping = true;
      await until(drainMs, () => open.size === 0 && arriving.size === 0);
      for (const response of arriving) unavailable(response, [], false);
      await endCalls();
      await until(flushMs, () => open.size === 0);
      for (const [response, ids] of open) cutShort(response, ids);
    },
    flushed: () => until(flushMs, () => streams.size === 0),
  };
}
