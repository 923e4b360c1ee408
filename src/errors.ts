import { withoutCredentials } from './observability/redact.ts';

/** What kind of failure it was. Clients and tests may branch on it; the message is for the reader. */
export type ErrorCode =
  | 'bad_input'
  | 'not_found'
  | 'not_supported'
  | 'not_allowed'
  | 'unavailable'
  | 'too_large'
  | 'timeout'
  | 'cancelled'
  | 'conflict'
  | 'internal';

/** What code of ours asks of an error, where several causes share a code. Its message is never asked. */
export type ErrorReason =
  /** It took longer than it may: a call, a run, a function, an expression. */
  | 'late'
  /** A run was cancelled. */
  | 'cancelled'
  /** The server ends. */
  | 'server_ends'
  /** Another process has taken up the run. */
  | 'run_taken'
  /** A change was agreed to for another state than there is now. */
  | 'drifted'
  /** The database server was not reached: it has been asked nothing. */
  | 'not_sent'
  /** Faults of the workflow language that no code tells. */
  | 'configuration_fault'
  | 'expression_fault'
  | 'runtime_fault';

export interface HydrogenErrorOptions {
  readonly reason?: ErrorReason;
  /** What to do is not said yet: it depends on what the call was for. */
  readonly lacksAdvice?: boolean;
  /** Names that exist and resemble the one that was asked for. */
  readonly suggestions?: readonly string[];
  /** For the log only; it never reaches a client. */
  cause?: unknown;
}

/** Characters of a message: it may repeat a name of megabytes, and its advice comes last. */
const longestMessage = 4_000;
/** Characters of each end that are kept until credentials are taken out: a URL that is cut might keep its password. */
const searched = 8_000;

const ends = (begin: string, end: string): string =>
  `${begin.slice(0, longestMessage - 500)} … ${end.slice(-400)}`;

/** Looks for credentials in a bounded text only, which takes time. */
function bounded(message: string): string {
  if (message.length > 2 * searched) {
    return ends(withoutCredentials(message.slice(0, searched)), withoutCredentials(message.slice(-searched)));
  }
  const shown = withoutCredentials(message);
  return shown.length > longestMessage ? ends(shown, shown) : shown;
}

/**
 * An error whose message is meant for the model or person who made the call: what happened and what to
 * do next. It never holds a path of the server's own files, a connection string or a secret; credentials in URLs are taken out,
 * and of a long message the middle.
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

/** An error as it goes from one thread to another, which would make a plain `Error` of it. */
export interface ErrorParts extends Pick<HydrogenError, 'code' | 'message' | 'suggestions' | 'lacksAdvice'> {
  readonly reason?: ErrorReason;
}

export function partsOf({ code, message, suggestions, reason, lacksAdvice }: HydrogenError): ErrorParts {
  return { code, message, suggestions, lacksAdvice, ...(reason !== undefined && { reason }) };
}

export function errorOf({ code, message, ...options }: ErrorParts, cause?: unknown): HydrogenError {
  return new HydrogenError(code, message, { ...options, cause });
}

/** The same error, told with what is known where it passes. */
export function reworded(error: HydrogenError, message: string, cause = error.cause): HydrogenError {
  return errorOf({ ...partsOf(error), message, lacksAdvice: false }, cause);
}

/** The error of a call that was cancelled. */
export function callCancelled(cause?: unknown): HydrogenError {
  return new HydrogenError('cancelled', 'The call was cancelled.', { cause });
}

/** What may be known of a call that was too late. */
interface Lateness {
  /** What to do, as sentences. Without it, the one way in adds what fits the request. */
  readonly advice?: string;
  /** What happened and what to do, where more is known than that the call took too long. */
  readonly message?: string;
  readonly cause?: unknown;
}

/** The error of a call whose time limit has passed. */
export function callLate({ advice, message, cause }: Lateness = {}): HydrogenError {
  const usual = 'The call took longer than its time limit and was stopped.';
  const told = message ?? (advice === undefined ? usual : `${usual} ${advice}`);
  const lacksAdvice = told === usual;
  return new HydrogenError('timeout', told, { reason: 'late', lacksAdvice, cause });
}

/** A refusal of something that is not there: an operator, a stage, a task. `name` is what was asked for. */
export function notSupported(name: string, hint?: string): HydrogenError {
  return new HydrogenError('not_supported', `${name} is not supported${hint ? `: ${hint}` : ''}.`);
}

/** Shorthand for bad input; `message` says what was wrong and what to do. */
export function badInput(message: string, options?: HydrogenErrorOptions): HydrogenError {
  return new HydrogenError('bad_input', message, options);
}
