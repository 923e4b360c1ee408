import { withoutCredentials } from './observability/redact.ts';

/** The kind of failure. Clients and tests may branch on it; the message is for people and models. */
export type ErrorCode =
  | 'bad_input'
  | 'not_found'
  | 'not_supported'
  | 'not_allowed'
  | 'unavailable'
  | 'too_large'
  | 'too_many'
  | 'timeout'
  | 'cancelled'
  | 'conflict'
  | 'internal';

/** What our own code branches on where several causes share a code. It never looks at the message. */
export type ErrorReason =
  /** A call, run, function or expression exceeded its time limit. */
  | 'late'
  /** A run was cancelled. */
  | 'cancelled'
  /** The server is shutting down. */
  | 'server_ends'
  /** Another process has taken over the run. */
  | 'run_taken'
  /** The state has changed since the change was confirmed. */
  | 'drifted'
  /** The database server was not reached, so nothing was sent. */
  | 'not_sent'
  /** Faults of the workflow language that no code covers. */
  | 'configuration_fault'
  | 'expression_fault'
  | 'runtime_fault';

export interface HydrogenErrorOptions {
  readonly reason?: ErrorReason;
  /** The message does not say yet what to do, since that depends on the request. */
  readonly lacksAdvice?: boolean;
  /** Existing names similar to the requested one. */
  readonly suggestions?: readonly string[];
  /** For the log only; it never reaches a client. */
  cause?: unknown;
}

/** Message limit in characters: a message may quote a name of megabytes, and its advice comes last. */
const maxMessageLength = 4_000;
/** Characters of each end that are searched for credentials before cutting: a URL cut short could keep its password. */
const maxSearchedLength = 8_000;

const ends = (begin: string, end: string): string =>
  `${begin.slice(0, maxMessageLength - 500)} … ${end.slice(-400)}`;

/** Searches only a bounded part of the text for credentials, since searching takes time. */
function bounded(message: string): string {
  if (message.length > 2 * maxSearchedLength) {
    return ends(
      withoutCredentials(message.slice(0, maxSearchedLength)),
      withoutCredentials(message.slice(-maxSearchedLength)),
    );
  }
  const shown = withoutCredentials(message);
  return shown.length > maxMessageLength ? ends(shown, shown) : shown;
}

/**
 * An error whose message is meant for the model or person who made the call: what happened and what to do next. It
 * never contains a path of the server's own files, a connection string or a secret. Credentials in URLs are removed,
 * and long messages lose their middle.
 */
export class HydrogenError extends Error {
  readonly code: ErrorCode;
  readonly suggestions: readonly string[];
  readonly reason?: ErrorReason;
  readonly lacksAdvice: boolean;

  constructor(code: ErrorCode, message: string, options: HydrogenErrorOptions = {}) {
    super(bounded(message), options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'HydrogenError';
    this.code = code;
    this.suggestions = options.suggestions ?? [];
    if (options.reason !== undefined) this.reason = options.reason;
    this.lacksAdvice = options.lacksAdvice ?? false;
  }
}

/** An error as sent between threads: structured cloning would turn it into a plain `Error`. */
export interface ErrorParts extends Pick<HydrogenError, 'code' | 'message' | 'suggestions' | 'lacksAdvice'> {
  readonly reason?: ErrorReason;
}

export function partsOf({ code, message, suggestions, reason, lacksAdvice }: HydrogenError): ErrorParts {
  return { code, message, suggestions, lacksAdvice, ...(reason !== undefined && { reason }) };
}

export function errorOf({ code, message, ...options }: ErrorParts, cause?: unknown): HydrogenError {
  return new HydrogenError(code, message, { ...options, cause });
}

/** The same error with a message that uses what is known further up. */
export function reworded(error: HydrogenError, message: string, cause = error.cause): HydrogenError {
  return errorOf({ ...partsOf(error), message, lacksAdvice: false }, cause);
}

/** The error of a call that was cancelled. */
export function callCancelled(cause?: unknown): HydrogenError {
  return new HydrogenError('cancelled', 'The call was cancelled.', { cause });
}

/** What may be known about a late call. */
interface Lateness {
  /** What to do, in full sentences. Without it, `dispatch` adds advice that fits the request. */
  readonly advice?: string;
  /** What happened and what to do, if more is known than that the call took too long. */
  readonly message?: string;
  readonly cause?: unknown;
}

/** The error of a call whose time limit has passed. */
export function callLate({ advice, message, cause }: Lateness = {}): HydrogenError {
  const usualMessage = 'The call took longer than its time limit and was stopped.';
  const text = message ?? (advice === undefined ? usualMessage : `${usualMessage} ${advice}`);
  const lacksAdvice = text === usualMessage;
  return new HydrogenError('timeout', text, { reason: 'late', lacksAdvice, cause });
}

/** The error for something not implemented: an operator, a stage, a task. `name` is what was requested. */
export function notSupported(name: string, hint?: string): HydrogenError {
  return new HydrogenError('not_supported', `${name} is not supported${hint ? `: ${hint}` : ''}.`);
}

/** Shorthand for bad input; `message` says what was wrong and what to do. */
export function badInput(message: string, options?: HydrogenErrorOptions): HydrogenError {
  return new HydrogenError('bad_input', message, options);
}
