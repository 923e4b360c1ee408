import type { IncomingHttpHeaders } from 'node:http';
import {
  INVALID_REQUEST,
  isJsonContentType,
  type JSONRPCMessage,
  PARSE_ERROR,
} from '@modelcontextprotocol/server';
import type { HttpRefusal } from './http-answers.ts';
import { idOf, type Refusal, readJson, readMessage, serverError } from './messages.ts';

const badRequest = ({ code, message, id }: Refusal): HttpRefusal => ({ status: 400, code, message, id });

const unsupported = (message: string, headers?: Record<string, string>): HttpRefusal => ({
  status: 415,
  code: serverError,
  message,
  ...(headers && { headers }),
});

/** Why a body is refused because of its headers. */
export function refusalOfType(headers: IncomingHttpHeaders): HttpRefusal | undefined {
  const { 'content-type': type, 'content-encoding': encoding } = headers;
  if (!isJsonContentType(type ?? null)) {
    const what =
      type === undefined ? 'There is no Content-Type' : `Content-Type ${type.slice(0, 100)} is not supported`;
    return unsupported(`${what}: send application/json.`);
  }
  const charset = /;\s*charset\s*=\s*"?([^";\s]*)/i.exec(type ?? '')?.[1];
  if (charset !== undefined && !/^utf-?8$/i.test(charset)) {
    return unsupported(`The charset ${charset.slice(0, 100)} is not supported: send UTF-8.`);
  }
  if (encoding !== undefined && !/^\s*(identity)?\s*$/i.test(encoding)) {
    return unsupported(
      `Content-Encoding ${encoding.slice(0, 100)} is not supported: send the body as it is.`,
      {
        'accept-encoding': 'identity',
      },
    );
  }
  return undefined;
}

/** A body as JSON, or why it is invalid. */
export function readBody(body: Uint8Array): { readonly value: unknown } | { readonly refusal: HttpRefusal } {
  const json = readJson(body);
  if ('refusal' in json) return { refusal: badRequest(json.refusal) };
  return json;
}

/** The SDK's limit, which it would only enforce after checking each message. */
const maxBatchLength = 100;

type Requests = { readonly requests: readonly (string | number)[] };

/** The ids of the requests in a body: one message or, up to 2025-03-26, a batch; or what is wrong with it. */
export function readRequests(body: unknown): Requests | { readonly refusal: HttpRefusal } {
  if (body === undefined) {
    const message = 'The body is empty: send one JSON-RPC message.';
    return { refusal: { status: 400, code: PARSE_ERROR, message } };
  }
  if (Array.isArray(body) && body.length === 0) {
    return { refusal: { status: 400, code: INVALID_REQUEST, message: 'The batch is empty.' } };
  }
  if (Array.isArray(body) && body.length > maxBatchLength) {
    const message = `The batch exceeds ${maxBatchLength} messages: send less at a time. Nothing was done.`;
    return { refusal: { status: 400, code: INVALID_REQUEST, message } };
  }
  const requests: (string | number)[] = [];
  for (const [i, value] of (Array.isArray(body) ? body : [body]).entries()) {
    const read = readMessage(value);
    if ('refusal' in read) {
      const { refusal } = read;
      if (!Array.isArray(body)) return { refusal: badRequest(refusal) };
      return {
        refusal: badRequest({ ...refusal, message: `Message ${i + 1}: ${refusal.message}`, id: null }),
      };
    }
    const id = requestIdOf(read.message);
    if (id === undefined) continue;
    if (requests.includes(id)) {
      const message = `Two messages have the id ${JSON.stringify(id)}: give each its own. Nothing was done.`;
      return { refusal: { status: 400, code: INVALID_REQUEST, message } };
    }
    requests.push(id);
  }
  return { requests };
}

function requestIdOf(message: JSONRPCMessage): string | number | undefined {
  return 'method' in message && 'id' in message ? (idOf(message) ?? undefined) : undefined;
}
