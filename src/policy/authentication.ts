import type { IncomingHttpHeaders } from 'node:http';
import { isDeepStrictEqual } from 'node:util';
import type { Caller } from '../call.ts';

/** Why nobody is known to have sent a request. */
interface Unauthenticated {
  /** What is wrong, and what to send. */
  readonly message: string;
  /** The value of `WWW-Authenticate` (RFC 9110, 11.6.1). */
  readonly challenge: string;
}

/**
 * Determines from its headers who sends a request. It is asked once a request, before the body is read, so that
 * strangers cost little.
 */
export type Authenticate = (headers: IncomingHttpHeaders) => Promise<Caller | Unauthenticated>;

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
