import type { IncomingHttpHeaders } from 'node:http';
import { isDeepStrictEqual } from 'node:util';
import type { Caller } from '../call.ts';

/** Why a request is not served. */
export interface Unauthenticated {
  /** What is wrong, and what to send. It never holds what was sent. */
  readonly message: string;
  /** The value of `WWW-Authenticate` (RFC 9110, 11.6.1). Absent where sending something else would not help. */
  readonly challenge?: string;
  /**
   * 401 by default: nobody is known to have sent it. 403: it is known who did, and that one may do nothing here. 503: it
   * cannot be found out now.
   */
  readonly status?: 401 | 403 | 503;
}

/**
 * Determines from its headers who sends a request. It is asked once a request, before the body is read, so that
 * strangers cost little, and again while a stream is open.
 */
export type Authenticate = (headers: IncomingHttpHeaders) => Promise<Caller | Unauthenticated>;

export const isUnauthenticated = (found: Caller | Unauthenticated): found is Unauthenticated =>
  'message' in found;

/** What RFC 6750, 3.1, calls what is wrong with a token. */
type TokenError = 'invalid_request' | 'invalid_token' | 'insufficient_scope';

/** The challenge of RFC 6750, 3; what is quoted has to be without quotation marks and line ends. */
function challengeOf(error: TokenError | undefined, message: string, scope: string | undefined): string {
  const parts = {
    realm: 'hydrogen',
    ...(error !== undefined && { error, error_description: message.replace(/[^ !#-[\]-~]/g, "'") }),
    ...(scope !== undefined && { scope }),
  };
  return `Bearer ${Object.entries(parts)
    .map(([name, value]) => `${name}="${value}"`)
    .join(', ')}`;
}

/** Nothing that says who calls was sent. */
export const noToken = (message: string): Unauthenticated => ({
  message,
  challenge: challengeOf(undefined, message, undefined),
});

export const wrongToken = (
  message: string,
  error: 'invalid_request' | 'invalid_token' = 'invalid_token',
): Unauthenticated => ({ message, challenge: challengeOf(error, message, undefined) });

/** @param scope what a token would need, as tokens name it, separated by spaces */
export const missingScope = (message: string, scope: string): Unauthenticated => ({
  status: 403,
  message,
  challenge: challengeOf('insufficient_scope', message, scope),
});

/** Whoever it may be: a caller that cannot be checked now is none. */
export const cannotTell = (message: string): Unauthenticated => ({ status: 503, message });

/** Whether both are the same caller with the same rights. */
export function isSameCaller(a: Caller, b: Caller): boolean {
  const areSame = (one: readonly string[], other: readonly string[]): boolean =>
    new Set(one).symmetricDifference(new Set(other)).size === 0;
  return (
    a.id === b.id &&
    areSame(a.scopes, b.scopes) &&
    (a.roles === undefined) === (b.roles === undefined) &&
    areSame(a.roles ?? [], b.roles ?? []) &&
    isDeepStrictEqual(a.claims ?? {}, b.claims ?? {})
  );
}
