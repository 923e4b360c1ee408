import {
  isJSONRPCErrorResponse,
  isJSONRPCRequest,
  isJSONRPCResultResponse,
  type RequestId,
  type Transport,
} from '@modelcontextprotocol/server';
import { cancelledId } from './messages.ts';
import { hasEnd, stoppingError } from './stopping.ts';

/** Tracks the unanswered requests of a transport. */
export interface OpenRequests {
  readonly transport: Transport;
  readonly size: number;
  /** Answers new requests with an error from now on. */
  refuse(): void;
  /** Answers open requests with an error. */
  cutShort(): void;
}

export function trackRequests(wire: Transport): OpenRequests {
  const open = new Set<RequestId>();
  let isRefusing = false;

  function answer(id: RequestId, hadStarted: boolean): void {
    wire.send({ jsonrpc: '2.0', id, error: stoppingError(hadStarted) }).catch(() => {});
  }

  const transport: Transport = {
    async start() {
      wire.onmessage = (message, extra) => {
        if (isRefusing && isJSONRPCRequest(message)) {
          answer(message.id, false);
          return;
        }
        if (hasEnd(message)) open.add(message.id);
        const cancelled = cancelledId(message);
        if (cancelled !== undefined) open.delete(cancelled);
        transport.onmessage?.(message, extra);
      };
      wire.onerror = (error) => transport.onerror?.(error);
      wire.onclose = () => transport.onclose?.();
      await wire.start();
    },
    async send(message, options) {
      if ((isJSONRPCResultResponse(message) || isJSONRPCErrorResponse(message)) && message.id !== undefined) {
        open.delete(message.id);
      }
      await wire.send(message, options);
    },
    close: () => wire.close(),
  };

  return {
    transport,
    get size() {
      return open.size;
    },
    refuse() {
      isRefusing = true;
    },
    cutShort() {
      for (const id of open) answer(id, true);
      open.clear();
    },
  };
}
