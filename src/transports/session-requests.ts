import { randomBytes } from 'node:crypto';
import type { JSONRPCMessage, Transport, TransportSendOptions } from '@modelcontextprotocol/server';
import { cancelledId, serverError } from './messages.ts';
import { checkFirst } from './stopping.ts';

/** What a client has sent, by whom it concerns. */
interface Sorted {
  /** For this process; undefined when nothing is. */
  readonly own: unknown;
  /** Answers to questions of other processes, and cancellations of requests that are not here. */
  readonly others: readonly JSONRPCMessage[];
}

/** The unanswered requests of a session, in both directions. */
export interface SessionRequests {
  /**
   * @returns an id that is already in use: the SDK would answer only one of two requests with the same id
   */
  begin(ids: readonly (string | number)[]): string | number | undefined;
  forget(ids: readonly (string | number)[]): void;
  /** Sorts the messages of a body. Answers get the ids back that the SDK has given to its requests. */
  sort(body: unknown): Sorted;
  /** The ids, as the client sees them, of the requests to it that it has not answered. */
  readonly questions: ReadonlySet<string>;
  /** Handles a cancellation: the request gets no answer, and the stream waiting for it ends. */
  onIncoming(body: unknown): void;
  /** Answers open requests with an error, before the session ends. */
  end(): Promise<void>;
}

interface SessionTransport extends Transport {
  closeSSEStream(id: string | number): void;
}

/** As many as 12 characters of base64url. */
const prefixBytes = 9;

/** Whether a process that has a session may have given the id to a request of its own. */
export const isQuestionId = (id: string): boolean => /^[\w-]{12}\.\d{1,15}$/.test(id);

const isAnswer = (message: object): message is { readonly id: unknown } =>
  'id' in message && !('method' in message);

/** The messages of a body that has nothing but answers of a client; else none. */
export function answersIn(body: unknown): JSONRPCMessage[] {
  const messages: unknown[] = Array.isArray(body) ? body : [body];
  const areAnswers = messages.every(
    (message) => typeof message === 'object' && message !== null && isAnswer(message),
  );
  return areAnswers ? (messages as JSONRPCMessage[]) : [];
}

/**
 * Observes what is sent through `transport`, which must not be connected yet. The SDK numbers its requests to the client
 * from 0, in every process that has the session: the client sees ids that no other process gives.
 * @param onNotice told of each notice that belongs to no request; true when it is not to be sent here
 */
export function trackSessionRequests(
  transport: SessionTransport,
  onNotice: (notice: JSONRPCMessage) => boolean,
): SessionRequests {
  /** Each id with whether its request came alone, and so has a stream of its own. */
  const waiting = new Map<string | number, boolean>();
  const prefix = `${randomBytes(prefixBytes).toString('base64url')}.`;
  const given = (id: unknown): number | undefined =>
    typeof id === 'string' && id.startsWith(prefix) ? Number(id.slice(prefix.length)) : undefined;

  const questions = new Set<string>();

  /** As the client sees it. */
  function outgoing(message: JSONRPCMessage): JSONRPCMessage {
    if (!('method' in message)) return message;
    if ('id' in message) {
      const id = `${prefix}${message.id}`;
      questions.add(id);
      return { ...message, id };
    }
    if (message.method !== 'notifications/cancelled') return message;
    const requestId = `${prefix}${cancelledId(message)}`;
    questions.delete(requestId);
    return { ...message, params: { ...message.params, requestId } };
  }

  /** For this process, with the id that the SDK knows; for another; or for nobody, since it came before by another way. */
  function whoseIs(message: unknown): 'other' | 'nobody' | { readonly message: unknown } {
    if (typeof message === 'object' && message !== null && isAnswer(message)) {
      const id = given(message.id);
      if (id === undefined) return 'other';
      return questions.delete(String(message.id)) ? { message: { ...message, id } } : 'nobody';
    }
    const cancelled = cancelledId(message);
    return cancelled === undefined || waiting.has(cancelled) ? { message } : 'other';
  }

  const send = transport.send.bind(transport);
  transport.send = async (message: JSONRPCMessage, options?: TransportSendOptions) => {
    if (!('method' in message) && message.id !== undefined) waiting.delete(message.id);
    const isNotice = 'method' in message && !('id' in message) && options?.relatedRequestId === undefined;
    if (isNotice && onNotice(message)) return;
    await send(outgoing(message), options);
  };

  return {
    questions,
    begin(ids) {
      const duplicate = ids.find((id) => waiting.has(id));
      if (duplicate === undefined) for (const id of ids) waiting.set(id, ids.length === 1);
      return duplicate;
    },
    forget(ids) {
      for (const id of ids) waiting.delete(id);
    },
    sort(body) {
      const isBatch = Array.isArray(body);
      const own: unknown[] = [];
      const others: JSONRPCMessage[] = [];
      for (const message of isBatch ? body : [body]) {
        const whose = whoseIs(message);
        if (whose === 'other') others.push(message as JSONRPCMessage);
        else if (whose !== 'nobody') own.push(whose.message);
      }
      if (own.length === 0) return { own: undefined, others };
      return { own: isBatch ? own : own[0], others };
    },
    onIncoming(body) {
      const id = cancelledId(body);
      if (id === undefined) return;
      if (waiting.get(id)) transport.closeSSEStream(id);
      waiting.delete(id);
    },
    async end() {
      const message = `The session ended before this request was answered. ${checkFirst}`;
      for (const id of [...waiting.keys()]) {
        const answer: JSONRPCMessage = { jsonrpc: '2.0', id, error: { code: serverError, message } };
        // The client may have disconnected.
        await transport.send(answer).catch(() => {});
      }
    },
  };
}
