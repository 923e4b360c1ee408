import { type IncomingMessage, type Server, type ServerResponse, STATUS_CODES } from 'node:http';
import { Duplex } from 'node:stream';
import { INVALID_REQUEST, PARSE_ERROR } from '@modelcontextprotocol/server';
import { errorResponse, type MessageId, serverError } from './messages.ts';

export interface HttpRefusal {
  readonly status: number;
  readonly code: number;
  readonly message: string;
  /** Several for a batch: each request is refused. */
  readonly id?: MessageId | readonly MessageId[] | undefined;
  readonly headers?: Readonly<Record<string, string>>;
}

const isList = (id: MessageId | readonly MessageId[]): id is readonly MessageId[] => Array.isArray(id);

export function bodyOf({ code, message, id = null }: HttpRefusal): string {
  const refusalOf = (single: MessageId) => errorResponse({ code, message, id: single });
  return JSON.stringify(isList(id) ? id.map(refusalOf) : refusalOf(id));
}

/** Answers with an error. A response that has begun is cut off, so that the client sees it is incomplete. */
export function sendRefusal(response: ServerResponse, refusal: HttpRefusal): void {
  if (response.writableEnded || response.destroyed) return;
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const body = bodyOf(refusal);
  const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
  response.writeHead(refusal.status, { ...headers, ...refusal.headers });
  response.end(body);
}

type ParseError = NodeJS.ErrnoException & { readonly reason?: string; readonly rawPacket?: Uint8Array };

/** The first byte of a TLS handshake. */
const tlsHandshake = 0x16;

/** The refusal of a request that Node's parser rejected. */
function refusalOf(error: ParseError, allow: string): HttpRefusal {
  const { code: name = '', reason, rawPacket } = error;
  if (name === 'ERR_HTTP_REQUEST_TIMEOUT')
    return {
      status: 408,
      code: serverError,
      message: 'The request was not complete in time: send header and body at once.',
    };
  if (name === 'HPE_HEADER_OVERFLOW')
    return { status: 431, code: serverError, message: 'The header of the request is larger than 16 KB.' };
  if (rawPacket?.[0] === tlsHandshake)
    return {
      status: 400,
      code: serverError,
      message: 'This server speaks HTTP, not HTTPS: use http:// in the URL.',
    };
  if (name === 'ERR_SSL_HTTP_REQUEST')
    return {
      status: 400,
      code: serverError,
      message: 'This server speaks HTTPS, not HTTP: use https:// in the URL.',
    };
  if (name === 'HPE_INVALID_METHOD')
    return {
      status: 405,
      code: serverError,
      message: `The method of the request is not one of ${allow}.`,
      headers: { allow },
    };
  if (name === 'HPE_CHUNK_EXTENSIONS_OVERFLOW')
    return { status: 413, code: serverError, message: 'The extensions of a chunk are too large: send none.' };
  const isWhole = name !== 'HPE_INVALID_EOF_STATE';
  const what = isWhole ? `is not HTTP/1.1: ${reason ?? 'it cannot be parsed'}` : 'was incomplete';
  return { status: 400, code: PARSE_ERROR, message: `The request ${what}. Nothing was done.` };
}

function writeRaw(socket: Duplex, refusal: HttpRefusal): void {
  if (!socket.writable) {
    socket.destroy();
    return;
  }
  const body = bodyOf(refusal);
  const headers = {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
    connection: 'close',
    ...refusal.headers,
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  const { status } = refusal;
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${lines.join('')}\r\n${body}`);
  // A client that keeps sending would keep it open.
  setTimeout(() => socket.destroy(), 1_000).unref();
}

/**
 * The connection of a TLS socket whose handshake failed, which has not begun to be encrypted. Node has no public name for
 * it; where it is not there, the connection is closed as before.
 */
function socketBelow(socket: Duplex): Duplex {
  const below: unknown = '_parent' in socket ? socket._parent : undefined;
  return below instanceof Duplex ? below : socket;
}

/**
 * Answers what Node itself would drop without explanation: requests that its parser rejects or that arrive too late,
 * CONNECT, and expectations that cannot be met.
 * @param allow the value of the Allow header
 */
export function answerUnparsed(server: Server, allow: string): (error: Error, socket: Duplex) => void {
  const last = new WeakMap<
    Duplex,
    { readonly request: IncomingMessage; readonly response: ServerResponse }
  >();
  server.prependListener('request', (request: IncomingMessage, response: ServerResponse) => {
    last.set(request.socket, { request, response });
  });
  const notAllowed = (method: string): HttpRefusal => ({
    status: 405,
    code: serverError,
    message: `${method} is not allowed here: this is no proxy, and MCP uses ${allow}.`,
    headers: { allow },
  });
  server.on('connect', (_request: IncomingMessage, socket: Duplex) =>
    writeRaw(socket, notAllowed('CONNECT')),
  );
  server.on('checkExpectation', (request: IncomingMessage, response: ServerResponse) =>
    sendRefusal(response, {
      status: 417,
      code: INVALID_REQUEST,
      message: `"Expect: ${request.headers.expect?.slice(0, 100)}" cannot be met: send 100-continue or none.`,
      headers: { connection: 'close' },
    }),
  );
  return (error: ParseError, given) => {
    const isPlain = error.code === 'ERR_SSL_HTTP_REQUEST';
    const socket = isPlain ? socketBelow(given) : given;
    const { request, response } = last.get(socket) ?? {};
    // In the middle of an answer, or after one to a request whose body never ended, there is nothing more to send.
    const isAnswered = response?.headersSent === true && !(request?.complete && response.writableFinished);
    if (error.code === 'ECONNRESET' || isAnswered) socket.destroy();
    else writeRaw(socket, refusalOf(error, allow));
  };
}
