import { AsyncLocalStorage } from 'node:async_hooks';
import type { ServerContext } from '@modelcontextprotocol/server';
import type { Call, Caller, Progress } from '../call.ts';
import type { Logger } from '../observability/log.ts';

/**
 * Deadline (ms since the epoch) of the calls of a message that waited before it was read: the wait counts towards their
 * time.
 */
export const messageDeadline = new AsyncLocalStorage<number>();

/** Minimum time between two progress notifications of a call, ms. */
const minNoticeIntervalMs = 100;

/**
 * Progress must increase with every notification, even when a new phase of the work counts from zero again: earlier
 * phases are added.
 */
function rising(
  send: (progress: Required<Pick<Progress, 'done'>> & Progress) => void,
): (progress: Progress) => void {
  let before = 0;
  let last = -1;
  let sentAt = 0;
  return ({ done, total, message }) => {
    if (before + done < last) before = last;
    const now = Date.now();
    const complete = total !== undefined && done >= total;
    if (before + done <= last || (now - sentAt < minNoticeIntervalMs && !complete)) return;
    last = before + done;
    sentAt = now;
    send({ done: last, ...(total !== undefined && { total: before + total }), ...(message && { message }) });
  };
}

/** The call context of a protocol request. */
export function protocolCall({ mcpReq }: ServerContext, caller: Caller, log: Logger): Call {
  const progressToken = mcpReq._meta?.progressToken;
  const progress =
    progressToken === undefined
      ? () => {}
      : rising(({ done, total, message }) => {
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
  const deadline = messageDeadline.getStore() ?? Number.POSITIVE_INFINITY;
  return { caller, signal: mcpReq.signal, deadline, progress, log };
}
