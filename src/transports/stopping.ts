import type { RequestId } from '@modelcontextprotocol/server';
import { isRequest, type Refusal, serverError } from './messages.ts';

/** When a client may try again, s: a restart takes less. */
export const retryAfterSeconds = 5;

/** Advice on a request that had started. */
export const checkFirst = 'Its changes may have been made: check before you send it again.';

const refused =
  'The server is shutting down and takes no new requests. Nothing was done: send it again later.';
const cut = `The server is shutting down and stopped this request. ${checkFirst}`;

/** The error for a request that came too late, or did not finish in time. */
export function stoppingError(hadStarted: boolean): Pick<Refusal, 'code' | 'message'> {
  return { code: serverError, message: hadStarted ? cut : refused };
}

/** Whether a request ends by itself and is worth waiting for: a subscription lives as long as its client. */
export function hasEnd(message: unknown): message is { readonly id: RequestId; readonly method: string } {
  return isRequest(message) && message.method !== 'subscriptions/listen';
}
