import type { IncomingMessage, OutgoingHttpHeader, OutgoingHttpHeaders, ServerResponse } from 'node:http';

type Headers = OutgoingHttpHeaders | OutgoingHttpHeader[];

/** Headers about the connection. Node adds those that suit the request's HTTP version. */
const connectionHeaders: readonly string[] = ['connection', 'keep-alive', 'transfer-encoding'];

function closing(headers: OutgoingHttpHeaders): OutgoingHttpHeaders {
  const others = Object.entries(headers).filter(([name]) => !connectionHeaders.includes(name.toLowerCase()));
  return { ...Object.fromEntries(others), connection: 'close' };
}

/**
 * Closes the connection after the answer when the request asks for it: the SDK's event streams always send
 * "keep-alive". HTTP/1.0 has no chunked encoding, so only closing the connection ends such a stream.
 */
export function honourClose({ httpVersion }: IncomingMessage, response: ServerResponse): void {
  if (response.shouldKeepAlive && httpVersion !== '1.0') return;
  const writeHead = response.writeHead.bind(response);
  response.writeHead = (status: number, message?: string | Headers, more?: Headers) => {
    const headers = typeof message === 'string' ? more : message;
    return writeHead(status, Array.isArray(headers) ? headers : closing(headers ?? {}));
  };
}
