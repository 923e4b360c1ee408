import type { IncomingMessage, OutgoingHttpHeader, OutgoingHttpHeaders, ServerResponse } from 'node:http';

type Headers = OutgoingHttpHeaders | OutgoingHttpHeader[];

/** What is said of the connection. Node adds what fits the version of the request. */
const connectionHeaders: readonly string[] = ['connection', 'keep-alive', 'transfer-encoding'];

function closing(headers: OutgoingHttpHeaders): OutgoingHttpHeaders {
  const others = Object.entries(headers).filter(([name]) => !connectionHeaders.includes(name.toLowerCase()));
  return { ...Object.fromEntries(others), connection: 'close' };
}

/**
 * Ends the connection behind the answer where the request asks for that: the SDK's event streams say "keep-alive"
 * whatever was asked for. HTTP/1.0 has no chunks, so that only the end of the connection ends such a stream.
 */
export function honourClose({ httpVersion }: IncomingMessage, response: ServerResponse): void {
  if (response.shouldKeepAlive && httpVersion !== '1.0') return;
  const writeHead = response.writeHead.bind(response);
  response.writeHead = (status: number, message?: string | Headers, more?: Headers) => {
    const headers = typeof message === 'string' ? more : message;
    return writeHead(status, Array.isArray(headers) ? headers : closing(headers ?? {}));
  };
}
