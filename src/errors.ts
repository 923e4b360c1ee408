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

export interface HydrogenErrorOptions {
  /** Names that exist and resemble the one that was asked for. */
  near?: readonly string[];
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
  readonly near: readonly string[];

  constructor(code: ErrorCode, message: string, options: HydrogenErrorOptions = {}) {
    super(bounded(message), options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'HydrogenError';
    this.code = code;
    this.near = options.near ?? [];
  }
}

/** A refusal of something that is not there: an operator, a stage, a task. `name` is what was asked for. */
export function notSupported(name: string, hint?: string): HydrogenError {
  return new HydrogenError('not_supported', `${name} is not supported${hint ? `: ${hint}` : ''}.`);
}

/** Shorthand for bad input; `message` says what was wrong and what to do. */
export function badInput(message: string, options?: HydrogenErrorOptions): HydrogenError {
  return new HydrogenError('bad_input', message, options);
}
