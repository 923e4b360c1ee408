import type { JSONRPCMessage, Transport, TransportSendOptions } from '@modelcontextprotocol/server';
import { cancelledId, serverError } from './messages.ts';
import { checkFirst } from './stopping.ts';

/** The unanswered requests of a session. */
export interface SessionRequests {
  /**
   * @returns an id that is already in use: the SDK would answer only one of two requests with the same id
   */
  begin(ids: readonly (string | number)[]): string | number | undefined;
  forget(ids: readonly (string | number)[]): void;
  /** Handles a cancellation: the request gets no answer, and the stream waiting for it ends. */
  onIncoming(body: unknown): void;
  /** Answers open requests with an error, before the session ends. */
  end(): Promise<void>;
}

interface SessionTransport extends Transport {
  closeSSEStream(id: string | number): void;
}

/** Observes what is sent through `transport`, which must not be connected yet. */
export function trackSessionRequests(transport: SessionTransport): SessionRequests {
  /** Each id with whether its request came alone, and so has a stream of its own. */
  const waiting = new Map<string | number, boolean>();
  const send = transport.send.bind(transport);
  transport.send = (message: JSONRPCMessage, options?: TransportSendOptions) => {
    if (!('method' in message) && message.id !== undefined) waiting.delete(message.id);
    return send(message, options);
  };

  return {
    begin(ids) {
      const duplicate = ids.find((id) => waiting.has(id));
      if (duplicate === undefined) for (const id of ids) waiting.set(id, ids.length === 1);
      return duplicate;
    },
    forget(ids) {
      for (const id of ids) waiting.delete(id);
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
