import type { JSONRPCMessage, Transport, TransportSendOptions } from '@modelcontextprotocol/server';
import { cancelledId, serverError } from './messages.ts';
import { checkFirst } from './stopping.ts';

/** The requests of a session that wait for their answers. */
export interface SessionRequests {
  /**
   * @returns an id that is under way already: the SDK would answer only one of two requests with the same.
   */
  begin(ids: readonly (string | number)[]): string | number | undefined;
  forget(ids: readonly (string | number)[]): void;
  /** A cancelled request gets no answer; the stream that waits for it ends. */
  onIncoming(body: unknown): void;
  /** Answers what is under way with an error, before the session ends. */
  end(): Promise<void>;
}

interface SessionTransport extends Transport {
  closeSSEStream(id: string | number): void;
}

/** Watches what is sent through `transport`, which must not be connected yet. */
export function trackSessionRequests(transport: SessionTransport): SessionRequests {
  /** Each with whether it came alone, so that its stream is its own. */
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
        // Its client may be gone.
        await transport.send(answer).catch(() => {});
      }
    },
  };
}
