import {
  INVALID_PARAMS,
  INVALID_REQUEST,
  isInitializeRequest,
  type JSONRPCMessage,
  type JSONRPCRequest,
  PARSE_ERROR,
  PROTOCOL_VERSION_META_KEY,
  parseJSONRPCMessage,
  type RequestId,
} from '@modelcontextprotocol/server';
import { HydrogenError } from '../errors.ts';
import { hasTooManyValues, isTooDeep, maxLevels, maxValues } from '../json-limits.ts';
import { parseExactJson } from '../mql/formats.ts';
import { faultOfParams, named } from './message-params.ts';
import { type Fault, faultOfParts } from './message-parts.ts';
import { idAtTop } from './nesting.ts';

/** The id of a request, or null when it cannot be determined. */
export type MessageId = string | number | null;

/** From JSON-RPC's range for implementation-defined errors; the SDK uses it for faults of the HTTP request. */
export const serverError = -32_000;

/** Why an incoming message is refused, as a JSON-RPC error. */
export interface Refusal {
  readonly code: number;
  readonly message: string;
  readonly id: MessageId;
  /** Set for a notification, which gets no answer where the transport permits that. */
  readonly quiet?: boolean;
}

/** A JSON-RPC error response. */
export function errorResponse({ code, message, id }: Refusal) {
  return { jsonrpc: '2.0' as const, error: { code, message }, id };
}

const refused = (code: number, message: string, id: MessageId = null): { refusal: Refusal } => ({
  refusal: { code, message: `${message} Nothing was done.`, id },
});

const utf8 = new TextDecoder('utf-8', { fatal: true });
const members = ['jsonrpc', 'id', 'method', 'params', 'result', 'error'];

/** The id of a request as received, if it may be sent back. */
export function idOf(value: unknown): MessageId {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return null;
  const { id, method } = value as Record<string, unknown>;
  // The id of a response belongs to one of our own requests: sent back, it would pass for the answer to another.
  if (method === undefined && ('result' in value || 'error' in value)) return null;
  return typeof id === 'string' || (typeof id === 'number' && Number.isFinite(id)) ? id : null;
}

/**
 * Whether a message that was read (`readMessage`) is a request. The SDK's own question would validate all of it once more,
 * which costs as much as answering some.
 */
export function isRequest(message: unknown): message is { readonly id: RequestId; readonly method: string } {
  return typeof message === 'object' && message !== null && 'method' in message && 'id' in message;
}

/** The id of the request that a notification cancels. */
export function cancelledId(message: unknown): string | number | undefined {
  if (message === null || typeof message !== 'object' || !('method' in message)) return undefined;
  if (message.method !== 'notifications/cancelled') return undefined;
  const { params } = message as { params?: { requestId?: string | number } };
  return params?.requestId;
}

/** The digits of an integer beyond 2^53. */
function wideInteger(value: unknown): string | undefined {
  const { $numberLong: digits } = Object(value) as { readonly $numberLong?: unknown };
  return typeof digits === 'string' ? digits : undefined;
}

/** JSON in UTF-8 as a value. An empty text gives `undefined`. */
export function readJson(json: Uint8Array): { readonly value: unknown } | { readonly refusal: Refusal } {
  if (isTooDeep(json)) {
    return refused(
      INVALID_REQUEST,
      `The message is nested more than ${maxLevels.toLocaleString('en')} levels deep: send it flatter.`,
      idAtTop(json),
    );
  }
  if (hasTooManyValues(json)) {
    return refused(
      INVALID_REQUEST,
      `The message has more than ${maxValues.toLocaleString('en')} values and names: send less at a time. Documents of a file are loaded with \`hydrogen import\`.`,
      idAtTop(json),
    );
  }
  let text: string;
  try {
    // Drops a byte order mark.
    text = utf8.decode(json);
  } catch {
    return refused(PARSE_ERROR, 'The message is not UTF-8: encode it as UTF-8.');
  }
  if (text.trim() === '') return { value: undefined };
  try {
    return { value: parseExactJson(text) };
  } catch (error) {
    if (error instanceof HydrogenError) {
      return refused(
        INVALID_PARAMS,
        `The message would not be read as it is: ${error.message}`,
        idAtTop(json),
      );
    }
    return refused(PARSE_ERROR, `The message is not JSON: ${error instanceof Error ? error.message : ''}.`);
  }
}

/** Whether a message says of itself that it is of the protocol of 2026. */
export function hasEnvelope(message: object): boolean {
  const { params } = message as { readonly params?: { readonly _meta?: unknown } };
  const meta = params?._meta;
  return typeof meta === 'object' && meta !== null && PROTOCOL_VERSION_META_KEY in meta;
}

/** What is wrong with the params of a request of ours. */
function faultOfRequest({ id, method, params }: Record<string, unknown>): Fault | undefined {
  const words = id === undefined ? undefined : faultOfParams(method, params);
  return words === undefined ? undefined : [INVALID_PARAMS, words];
}

/** What is wrong with the form of a single message, if anything. */
function faultOf(value: unknown): Fault | undefined {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) {
    return [INVALID_REQUEST, `A message must be a JSON-RPC object, not ${named(value)}.`];
  }
  const message = value as Record<string, unknown>;
  const { jsonrpc, id, method, params } = message;
  const hasOutcome = Object.hasOwn(value, 'result') || Object.hasOwn(value, 'error');
  if (jsonrpc !== '2.0') return [INVALID_REQUEST, 'A message must have "jsonrpc": "2.0".'];
  if (method === undefined && !hasOutcome) return [INVALID_REQUEST, 'The message has no "method".'];
  if (method !== undefined && typeof method !== 'string') {
    return [INVALID_REQUEST, `"method" must be text, not ${named(method)}.`];
  }
  if (id !== undefined && typeof id !== 'string' && !Number.isSafeInteger(id)) {
    const what = typeof id === 'number' ? `${id}` : (wideInteger(id) ?? named(id));
    return [INVALID_REQUEST, `"id" must be text or a whole number up to 2^53 - 1, not ${what}.`];
  }
  const unknown = Object.keys(value).find((name) => !members.includes(name));
  if (unknown !== undefined) {
    return [
      INVALID_REQUEST,
      `Unknown member "${unknown.slice(0, 100)}": a message may only have ${members.join(', ')}.`,
    ];
  }
  if (params !== undefined && named(params) !== 'an object') {
    return [INVALID_PARAMS, `"params" must be an object, not ${named(params)}.`];
  }
  const faultOfPart =
    faultOfParts(message) ?? faultOfForms(Object(params) as Params) ?? faultOfRequest(message);
  if (faultOfPart) return faultOfPart;
  // In 2026 there is no such method: the SDK says so.
  if (method === 'initialize' && id !== undefined && !hasEnvelope(value) && !isInitializeRequest(value)) {
    const expected =
      'protocolVersion (text), capabilities (an object) and clientInfo (with name and version)';
    return [INVALID_PARAMS, `"initialize" needs params with ${expected}.`];
  }
  return undefined;
}

interface Params {
  arguments?: unknown;
  cursor?: unknown;
}

/** Clients send null for what is not given, and arguments as text; the SDK would refuse both. */
function readForms(value: unknown): void {
  const { params } = Object(value) as { readonly params?: Params | null };
  if (params === null || typeof params !== 'object') return;
  if (params.arguments === null) delete params.arguments;
  if (params.cursor === null) delete params.cursor;
  if (typeof params.arguments !== 'string') return;
  const read = readJson(Buffer.from(params.arguments));
  if ('value' in read && named(read.value) === 'an object') params.arguments = read.value;
}

/** What the SDK would refuse with a report of its validator. */
function faultOfForms({ arguments: args, cursor }: Params): Fault | undefined {
  if (args !== undefined && named(args) !== 'an object') {
    return [INVALID_PARAMS, `"arguments" must be an object, not ${named(args)}.`];
  }
  if (cursor !== undefined && typeof cursor !== 'string') {
    return [INVALID_PARAMS, `"cursor" must be text that a list gave, not ${named(cursor)}.`];
  }
  return undefined;
}

/** What of `_meta` the SDK would look into. */
const metaOfTasks = 'io.modelcontextprotocol/related-task';

/** Whether nothing is left to ask of a message without a fault (`faultOf`): then the SDK's validator would only copy it. */
function isWholeRequest(value: unknown): value is JSONRPCRequest {
  if (!isRequest(value) || 'result' in value || 'error' in value) return false;
  const { _meta: meta = {} } = ((value as { params?: unknown }).params ?? {}) as { _meta?: unknown };
  if (named(meta) !== 'an object' || metaOfTasks in Object(meta)) return false;
  const { progressToken: token } = meta as { progressToken?: unknown };
  return token === undefined || typeof token === 'string' || Number.isSafeInteger(token);
}

/** A parsed value as an MCP message, or what is wrong with it. */
export function readMessage(
  value: unknown,
): { readonly message: JSONRPCMessage } | { readonly refusal: Refusal } {
  readForms(value);
  const fault = faultOf(value);
  if (fault === undefined) {
    if (isWholeRequest(value)) return { message: value };
    try {
      return { message: parseJSONRPCMessage(value) };
    } catch {
      // Reported below: what remains are the members of responses and `_meta`.
    }
  }
  const isRequest = value !== null && typeof value === 'object' && 'method' in value;
  const [code, message] = fault ?? [
    isRequest ? INVALID_PARAMS : INVALID_REQUEST,
    isRequest
      ? '"params" has a "_meta" that is not an object, or a "progressToken" in it that is not text or a whole number.'
      : 'A response must have an "id" and either "result", an object, or "error" with "code" and "message".',
  ];
  const { refusal } = refused(code, message, idOf(value));
  const quiet = isRequest && code === INVALID_PARAMS && !Object.hasOwn(value, 'id');
  return { refusal: { ...refusal, ...(quiet && { quiet }) } };
}
