import { AsyncLocalStorage } from 'node:async_hooks';
import { type Server, type ServerContext, TRACEPARENT_META_KEY } from '@modelcontextprotocol/server';
import type { Call, Caller, Progress } from '../call.ts';
import type { Logger } from '../observability/log.ts';
import { contextWith, requestContext } from '../observability/request-context.ts';
import { originOf } from './origin.ts';

/**
 * Deadline (ms since the epoch) of the calls of a message that waited before it was read: the wait counts towards their
 * time.
 */
export const messageDeadline = new AsyncLocalStorage<number>();

/** Minimum time between two progress notifications of a call, ms. */
const minNoticeIntervalMs = 100;
/** Maximum time: clients may wait on while they hear of a call. */
const maxNoticeIntervalMs = 3_000;
/** By how much progress rises while the work has nothing new to say: less than by one of anything it counts. */
const sign = 0.001;

type SentProgress = Required<Pick<Progress, 'done'>> & Progress;

interface Reporter {
  report(progress: Progress): void;
  /** Repeats what was last said, with the time, if nothing has been sent for a while. */
  repeat(): void;
}

/**
 * Progress must increase with every notification, even when a new phase of the work counts from zero again: earlier
 * phases are added.
 */
function rising(send: (progress: SentProgress) => void): Reporter {
  const begun = Date.now();
  let before = 0;
  let last = -1;
  let said: Progress = { done: 0 };
  let sent = -1;
  let sentAt = begun;

  function notify({ done, total, message }: SentProgress): void {
    if (done <= sent) return;
    sent = done;
    sentAt = Date.now();
    send({ done, ...(total !== undefined && total >= done && { total }), ...(message && { message }) });
  }

  return {
    report(progress) {
      const { done, total } = progress;
      if (before + done < last) before = last;
      // The same share of the work, of another file: what is repeated says so.
      if (before + done === last && progress.message) said = { ...said, message: progress.message };
      if (before + done <= last) return;
      last = before + done;
      said = { ...progress, done: last, ...(total !== undefined && { total: before + total }) };
      const isComplete = total !== undefined && done >= total;
      // What comes too soon is repeated later, unless the work has more to say.
      if (sent < 0 || isComplete || Date.now() - sentAt >= minNoticeIntervalMs) notify(said);
    },
    repeat() {
      const now = Date.now();
      if (now - sentAt < maxNoticeIntervalMs * 0.9) return;
      const seconds = Math.round((now - begun) / 1_000);
      notify({
        ...said,
        done: Math.max(sent + sign, said.done, sign),
        message: `${said.message ?? 'working'} (${seconds} s)`,
      });
    },
  };
}

/** Does a protocol request in its call context. While it lasts, a client that asked for progress hears of it. */
export async function withProtocolCall<T>(
  ctx: ServerContext,
  server: Server,
  caller: Caller,
  log: Logger,
  work: (call: Call) => Promise<T>,
): Promise<T> {
  const { mcpReq } = ctx;
  const { signal } = mcpReq;
  // A message says better than the request that carries it what it is part of.
  const context = contextWith(mcpReq._meta?.[TRACEPARENT_META_KEY], requestContext.current());
  const inContext = (call: Call): Promise<T> => requestContext.run(context, () => work(call));
  const origin = originOf(ctx, server, context);
  const deadline = messageDeadline.getStore() ?? Number.POSITIVE_INFINITY;
  const progressToken = mcpReq._meta?.progressToken;
  if (progressToken === undefined) return inContext({ caller, signal, deadline, progress() {}, origin, log });
  const { report, repeat } = rising(({ done, total, message }) => {
    const params = {
      progressToken,
      progress: done,
      ...(total !== undefined && { total }),
      ...(message && { message }),
    };
    mcpReq
      .notify({ method: 'notifications/progress', params })
      .catch((err) => log.debug({ err }, 'progress not sent'));
  });
  const repeating = setInterval(repeat, maxNoticeIntervalMs).unref();
  try {
    return await inContext({ caller, signal, deadline, progress: report, origin, log });
  } finally {
    clearInterval(repeating);
  }
}
