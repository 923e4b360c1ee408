import type { Call } from '../../call.ts';
import { type ErrorCode, HydrogenError } from '../../errors.ts';

/** How the server is called in sentences, by the setting that names it: no address is shown. */
export interface QdrantWords {
  readonly name: string;
  readonly setting: string;
  readonly keySetting: string;
  /** What the key must allow. */
  readonly rights: string;
  readonly collection: string;
}

/** What the errors of the client and of Node's fetch have in common; none of it is guaranteed. */
interface ClientError extends Error {
  readonly status?: unknown;
  readonly data?: { readonly status?: { readonly error?: unknown } };
  readonly cause?: { readonly code?: unknown; readonly name?: unknown };
}

/** The server's own words, which name collections, fields and limits, but no address and no key. */
function wordsOf({ data }: ClientError): string {
  const error = data?.status?.error;
  return typeof error === 'string' ? error.trim().replace(/\.$/, '').slice(0, 500) : '';
}

const tls = /CERT|SSL|TLS|ERR_TLS|UNABLE_TO|SELF_SIGNED|DEPTH_ZERO|WRONG_VERSION/;
const unknownHost = new Set(['ENOTFOUND', 'EAI_AGAIN']);
/** Nothing was sent: the connection was not made. */
const notSent = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'UND_ERR_CONNECT_TIMEOUT',
  'EHOSTUNREACH',
]);

function ofConnection(error: ClientError, { name, setting }: QdrantWords): HydrogenError {
  const code = String(error.cause?.code ?? '');
  const sentence = tls.test(code)
    ? `${name} cannot be talked to over TLS (${code}). Check its certificate and whether ${setting} should begin with http:// or https://.`
    : unknownHost.has(code)
      ? `${name} is not found: its host has no address. Check ${setting}.`
      : `${name} cannot be reached${code === '' ? '' : ` (${code})`}. Check that it runs and that ${setting} names its REST port.`;
  return new HydrogenError('unavailable', sentence, {
    ...(notSent.has(code) && { reason: 'not_sent' as const }),
    cause: error,
  });
}

/** Of the engine, by its text (`src/common/http` and `operation_error.rs` of Qdrant 1.19): a full disk or memory. */
const full = /No space left on device|out of disk|disk (?:usage|space)|memory (?:usage|limit)|quota/i;

function ofStatus(error: ClientError, status: number, words: QdrantWords): HydrogenError {
  const { name, setting, keySetting, rights, collection } = words;
  const said = wordsOf(error);
  const quoted = said === '' ? '' : `: ${said}`;
  const made = (code: ErrorCode, sentence: string): HydrogenError =>
    new HydrogenError(code, sentence, { cause: error });
  if (status === 401 || status === 403) {
    return made('not_allowed', `${name} refuses the key. Check ${keySetting}: it must allow ${rights}.`);
  }
  if (full.test(said)) {
    return made('unavailable', `${name} has no room left${quoted}. Give it more disk or memory.`);
  }
  if (status === 429 || status === 503) {
    return made('unavailable', `${name} has too much to do${quoted}. Try again in a moment.`);
  }
  if (status === 404 && said === '') {
    return made(
      'unavailable',
      `What ${setting} names does not answer like a Qdrant server (404). Check the address and its path.`,
    );
  }
  if (status === 404)
    return made('not_found', `${name} lacks what was asked for (collection "${collection}")${quoted}.`);
  if (status === 413)
    return made(
      'too_large',
      `${name} takes no requests of that size${quoted}. Raise its max_request_size_mb.`,
    );
  if (status >= 500) return made('unavailable', `${name} failed${quoted === '' ? ` (${status})` : quoted}.`);
  // Strict mode, quotas of a collection, and what an older server does not know.
  return made('not_supported', `${name} refuses the request${quoted === '' ? ` (${status})` : quoted}.`);
}

/**
 * An error of the client in words. Its classes differ (4xx and 5xx carry a status, 429 may not, a lost connection is
 * `fetch failed`), and its messages are of no use to a reader.
 */
export function inWords(error: unknown, _call: Call, words: QdrantWords): HydrogenError {
  if (error instanceof HydrogenError) return error;
  const known = error as ClientError;
  const { name, setting } = words;
  if (known.name === 'QdrantClientTimeoutError' || known.name === 'AbortError') {
    const sentence = `${name} does not answer in time. Check that it runs and is not overloaded.`;
    return new HydrogenError('unavailable', sentence, { cause: error });
  }
  if (known.name === 'QdrantClientResourceExhaustedError') return ofStatus(known, 429, words);
  if (typeof known.status === 'number') return ofStatus(known, known.status, words);
  if (known.message === 'Result came uninitialized' || known instanceof SyntaxError) {
    const sentence = `What ${setting} names does not answer like a Qdrant server. Check the address and its path.`;
    return new HydrogenError('unavailable', sentence, { cause: error });
  }
  if (known.message === 'fetch failed' || known.cause?.code !== undefined) return ofConnection(known, words);
  return new HydrogenError('internal', `${name} could not be asked.`, { cause: error });
}
