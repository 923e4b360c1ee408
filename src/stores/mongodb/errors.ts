import type { Call } from '../../call.ts';
import { callCancelled, type ErrorCode, HydrogenError, notSupported, reworded } from '../../errors.ts';
import type { Redactor } from './secrets.ts';

/** What an error's message may reveal about a server. */
export interface ErrorWords {
  /** What a sentence calls it: `the database server of connection "sales"`, `The MongoDB server (setting mongodbUrl)`. */
  readonly server: string;
  /** What its connection string and its user belong to: `connection "sales"`. */
  readonly of: string;
  /** Where its connection string is set, for the reader. */
  readonly setting: string;
  /** What goes on without it, as a sentence. */
  readonly unaffected?: string;
  /** The error of a call that was late on it. */
  readonly late: (cause?: unknown) => HydrogenError;
  readonly redact: Redactor;
}

/** The same words as the beginning of a sentence. */
const opening = (words: string): string => words.charAt(0).toUpperCase() + words.slice(1);

/** What the driver's errors and the underlying system errors have in common; none of it is guaranteed. */
interface DriverError extends Error {
  readonly code?: unknown;
  readonly codeName?: unknown;
  readonly hasErrorLabel?: (label: string) => boolean;
}

/** Codes of the server, by what they mean for a caller (src/mongo/base/error_codes.yml of MongoDB 8). */
const codes: ReadonlyMap<number, ErrorCode> = new Map([
  ...[6, 7, 89, 91, 189, 9001, 10107, 11600, 11602, 13435, 13436].map(
    (code) => [code, 'unavailable'] as const,
  ),
  ...[50, 262].map((code) => [code, 'timeout'] as const),
  ...[11, 68, 85, 86, 112, 11000, 11001].map((code) => [code, 'conflict'] as const),
  ...[26, 27].map((code) => [code, 'not_found'] as const),
  ...[59, 115, 168, 238, 303, 40324].map((code) => [code, 'not_supported'] as const),
  ...[146, 292, 10334, 16819, 16945, 17217, 17280, 17419, 17420].map((code) => [code, 'too_large'] as const),
  ...[13, 8000].map((code) => [code, 'not_allowed'] as const),
]);

/** InternalError, UnknownError: the server is at fault, not the request. */
const internal: ReadonlySet<number> = new Set([1, 8]);

const outOfDiskSpace = 14_031;
/** What servers say that keep their data in another one. */
const fullDisk = /\b(?:disk is full|No space left on device)\b/i;

/** Locks, plans and cursors that were lost or interrupted: the same call may succeed next time. */
const transient: ReadonlySet<number> = new Set([24, 43, 46, 134, 136, 175, 237, 462, 11601]);

/** The name of something the server does not know is only in its message. */
const unknownName =
  /(?:unknown (?:top level )?operator|unrecognized (?:pipeline stage name|expression)|unknown group operator|unknown modifier)[:\s]*["']?(\$[\w$]+)/i;
const networkErrors =
  /^Mongo(?:Network|NetworkTimeout|ServerSelection|TopologyClosed|NotConnected|ClientClosed|ServerClosed|PoolCleared|PoolClosed|WaitQueueTimeout|ConnectionPoolCleared|ConnectionPoolClosed)\w*$|PoolCleared|WaitQueue/;
/** When a connection is lost during a series of writes, the driver gives the error no name and no number. */
const lostConnection = /^connection \d+ to \S+ (closed|timed out)/;
const expired = /^MongoOperationTimeoutError$/;

/** The server's error code, 0 for none; it may come as a BSON number. */
export function codeOf(error: unknown): number {
  const code = (error as { code?: unknown } | undefined)?.code;
  const number = typeof code === 'string' ? Number.NaN : Number(code);
  return Number.isInteger(number) ? number : 0;
}

/** All messages down the chain of causes: the reason why no server could be selected is in other errors. */
function* chain(error: unknown, depth = 0): Generator<DriverError> {
  if (!(error instanceof Error) || depth > 4) return;
  yield error;
  yield* chain(error.cause, depth + 1);
  const servers = (error as { reason?: { servers?: unknown } }).reason?.servers;
  if (!(servers instanceof Map)) return;
  for (const server of servers.values()) yield* chain((server as { error?: unknown }).error, depth + 1);
}

const reasons: readonly (readonly [RegExp, string])[] = [
  [/ECONNREFUSED/, 'nothing listens at its address'],
  [/ENOTFOUND|EAI_AGAIN|querySrv|queryTxt/, 'its host name cannot be resolved'],
  [/ENOENT|EACCES|EISDIR/, 'a file named in its connection string (tlsCAFile, …) cannot be read'],
  [/certificate|self.signed|ERR_TLS|SSL|EPROTO/i, 'the encrypted connection could not be made'],
  [/ETIMEDOUT|timed out|EHOSTUNREACH|ENETUNREACH/, 'it does not answer in time'],
  [/ECONNRESET|EPIPE|closed/, 'it closed the connection'],
];

function whyUnreachable(error: unknown): string {
  const messages = [...chain(error)].map(({ code, message }) => `${code} ${message}`).join(' ');
  return reasons.find(([pattern]) => pattern.test(messages))?.[1] ?? 'it does not answer in time';
}

/** The log's version of a driver error: its messages without secrets. */
function forLog(error: unknown, redact: Redactor): Error {
  const lines = [...chain(error)].map(({ name, message, code }) => `${name} ${code ?? ''}: ${message}`);
  const redacted = new Error(redact.forLog([...new Set(lines)].join('; ') || 'not an error'));
  redacted.stack = redact.forLog(error instanceof Error ? (error.stack ?? '') : '');
  return redacted;
}

/** What is wrong where no server answers, and which setting says where it is. */
export function unreachable(error: unknown, words: ErrorWords): HydrogenError {
  const { server, setting, unaffected, redact } = words;
  // A connection that is lost later may already have carried the request.
  const isUnsent = [...chain(error)].some((inner) => inner.name === 'MongoServerSelectionError');
  return new HydrogenError(
    'unavailable',
    `${opening(server)} cannot be reached: ${whyUnreachable(error)}. Check that it runs and that ${setting} is right; calls work again as soon as it answers.${unaffected === undefined ? '' : ` ${unaffected}`}`,
    { cause: forLog(error, redact), ...(isUnsent && { reason: 'not_sent' }) },
  );
}

function refusedLogin(error: unknown, { server, setting, redact }: ErrorWords): HydrogenError {
  return new HydrogenError(
    'unavailable',
    `${opening(server)} rejects the user and password. Correct them in ${setting}, with the right authSource, and restart this server.`,
    { cause: forLog(error, redact), reason: 'not_sent' },
  );
}

/** Not every server that speaks the protocol numbers its refusals: some give only the text. */
const authentication = /auth(entication)? (failed|mechanism)|saslStart|authenticationfailed/i;

function fromServer(error: DriverError, words: ErrorWords): HydrogenError {
  const { server, of, late, redact } = words;
  const options = { cause: forLog(error, redact) };
  const serverMessage = redact.forCaller(error.message).split('\n')[0] ?? '';
  const number = codeOf(error);
  if (number === 18 || authentication.test(error.message)) return refusedLogin(error, words);
  if (number === outOfDiskSpace || fullDisk.test(error.message)) {
    return new HydrogenError(
      'unavailable',
      `${opening(server)} takes no writes: its disk is full. Free space there; what was being written may be there in part.`,
      options,
    );
  }
  if (internal.has(number)) {
    return new HydrogenError(
      'unavailable',
      `${opening(server)} failed with an error of its own: ${serverMessage}`,
      options,
    );
  }
  if (transient.has(number)) {
    return new HydrogenError(
      'unavailable',
      `${opening(server)} did not complete this: ${serverMessage}. Try again.`,
      options,
    );
  }
  if (error.name === 'MongoWriteConcernError') {
    return new HydrogenError(
      'unavailable',
      `Too few members of ${server} have confirmed the write: ${serverMessage}.`,
      options,
    );
  }
  const operator = unknownName.exec(serverMessage)?.[1];
  if (operator) {
    return notSupported(operator, `${server} does not know it`);
  }
  switch (codes.get(number)) {
    case 'unavailable':
      return unreachable(error, words);
    case 'timeout':
      return late(options.cause);
    case 'conflict':
      return new HydrogenError('conflict', `The database refused this: ${serverMessage}`, options);
    case 'not_found':
      return new HydrogenError('not_found', `The database does not know this: ${serverMessage}`, options);
    case 'not_supported':
      return new HydrogenError(
        'not_supported',
        `${opening(server)} does not support this: ${serverMessage}`,
        options,
      );
    case 'too_large':
      return new HydrogenError(
        'too_large',
        `The database refused this as too large: ${serverMessage}`,
        options,
      );
    case 'not_allowed':
      return new HydrogenError(
        'not_allowed',
        `The database user of ${of} may not do this: ${serverMessage}`,
        options,
      );
    default:
      return new HydrogenError('bad_input', `The database refused this: ${serverMessage}`, options);
  }
}

/** The unique index that a server names when it refuses a duplicate; undefined for that of `_id`. */
export function duplicatedIndex(error: unknown): string | undefined {
  const message = error instanceof Error ? (error.message.split('\n')[0] ?? '') : '';
  // Not all servers send `keyPattern`.
  const index = /index: \S+/.exec(message)?.[0];
  return index?.includes('_id_') ? undefined : index;
}

/** A driver error in the middle of a multi-part write; the message says what may have been written. */
export class UnfinishedWrite extends Error {
  constructor(message: string, cause: unknown) {
    super(message, { cause });
    this.name = 'Unfinished';
  }
}

/** When the connection is lost or time runs out, the outcome of a write is unknown. */
const lost: ReadonlySet<ErrorCode> = new Set(['unavailable', 'timeout', 'cancelled']);

function unfinished({ message, cause }: UnfinishedWrite, call: Call, words: ErrorWords): HydrogenError {
  const why = translate(cause, call, words);
  if (lost.has(why.code)) return why;
  return reworded(why, `${why.message.replace(/(?<![.!?])$/, '.')} ${message}`);
}

/** Any failure of the driver or the server, in words for a caller; its cause is for the log, without secrets. */
export function translate(error: unknown, call: Call, words: ErrorWords): HydrogenError {
  if (error instanceof HydrogenError) return error;
  if (error instanceof UnfinishedWrite) return unfinished(error, call, words);
  if (call.signal.aborted) return callCancelled();
  const cause = forLog(error, words.redact);
  if (Date.now() >= call.deadline) return words.late(cause);
  if (!(error instanceof Error)) return new HydrogenError('internal', 'The database call failed.', { cause });
  const serverMessage = words.redact.forCaller(error.message);
  if (expired.test(error.name) || error.name === 'TimeoutError') return words.late(cause);
  if ([...chain(error)].some((inner) => codeOf(inner) === 18)) return refusedLogin(error, words);
  if (networkErrors.test(error.name)) return unreachable(error, words);
  // A series of writes wraps the loss of its connection.
  if (codeOf(error) === 0 && lostConnection.test(error.message)) return unreachable(error, words);
  if (['MongoServerError', 'MongoBulkWriteError', 'MongoWriteConcernError'].includes(error.name)) {
    return fromServer(error, words);
  }
  if (error.name === 'MongoCompatibilityError') {
    return new HydrogenError(
      'unavailable',
      `${opening(words.server)} is too old: MongoDB 4.4 or newer is needed.`,
      { cause },
    );
  }
  if (/^BSON|^MongoInvalidArgument|^MongoAPI/.test(error.name)) {
    return new HydrogenError('bad_input', `The database cannot be asked this: ${serverMessage}`, { cause });
  }
  if ([...chain(error)].some(({ code }) => typeof code === 'string' && /^E[A-Z]+$/.test(code))) {
    return unreachable(error, words);
  }
  return new HydrogenError('internal', 'The database call failed.', { cause });
}
