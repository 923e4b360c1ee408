import { isJSONRPCRequest, type JSONRPCErrorResponse, type RequestId } from '@modelcontextprotocol/server';

/** Implementation-defined server error of JSON-RPC. */
const serverError = -32_000;

/** When a client may try again, s: a server that is restarted takes less. */
export const retryAfterSeconds = 5;

const refused =
  'The server is shutting down and takes no new requests. Nothing was done: send it again later.';
const cut = 'The server is shutting down and stopped this request. Send it again later.';

/** The answer to a request that came too late, or was not done in time. */
export function stoppingError(id: RequestId | null, wasBegun: boolean): JSONRPCErrorResponse {
  const error = { code: serverError, message: wasBegun ? cut : refused };
  return { jsonrpc: '2.0', ...(id !== null && { id }), error };
}

/** A request that has no end of its own is not waited for: a subscription lives as long as its client. */
export function hasEnd(message: unknown): message is { readonly id: RequestId; readonly method: string } {
  return isJSONRPCRequest(message) && message.method !== 'subscriptions/listen';
}
