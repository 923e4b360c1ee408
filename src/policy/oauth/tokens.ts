import { createHash } from 'node:crypto';
import type { Caller } from '../../call.ts';
import type { OauthIssuer } from '../../config/oauth-issuers.ts';
import { HydrogenError } from '../../errors.ts';
import type { Logger } from '../../observability/log.ts';
import { cannotTell, missingScope, type Unauthenticated, wrongToken } from '../authentication.ts';
import { callerOf, scopeNeeded, type TokenClaims } from './claims.ts';
import { introspect } from './introspection.ts';
import { createJwtCheck, issuerIn, type JwtOptions, unreadable } from './jwt.ts';

export interface TokenOptions extends JwtOptions {
  /** How long what was found out of a signed token is good, ms; then its signature is checked again. */
  readonly rememberMs?: number;
  /** The same for what an issuer said of an opaque token. */
  readonly rememberIntrospectionMs?: number;
}

type Found = Caller | Unauthenticated;

/** Tokens that are remembered at most. */
const maxRemembered = 10_000;

const unknownIssuer = (): Unauthenticated =>
  wrongToken('The token is of an issuer that is not accepted here.');

/** The longest time from now for which a token may be remembered, ms. */
function remainingMs({ exp }: TokenClaims, { clockSkewS }: OauthIssuer, atMostMs: number): number {
  const left = typeof exp === 'number' ? (exp + clockSkewS) * 1_000 - Date.now() : atMostMs;
  return Math.max(0, Math.min(atMostMs, left));
}

/** What checks the tokens of several issuers. */
export function createTokenCheck(
  issuers: readonly OauthIssuer[],
  audiencesOf: (issuer: OauthIssuer) => readonly string[],
  log: Logger,
  { rememberMs = 30_000, rememberIntrospectionMs = 5_000, ...jwt }: TokenOptions = {},
): (token: string) => Promise<Found> {
  const signed = new Map(
    issuers.map((issuer) => [
      issuer.issuer,
      { issuer, check: createJwtCheck(issuer, audiencesOf(issuer), jwt) },
    ]),
  );
  const asked = issuers.flatMap((issuer) =>
    issuer.introspection ? [{ issuer, introspection: issuer.introspection }] : [],
  );
  /** By the digest of a token; only what an issuer has said or signed. */
  const remembered = new Map<string, { readonly found: Found; readonly until: number }>();

  function remember(digest: string, found: Found, ms: number): Found {
    const [oldest] = remembered.keys();
    if (remembered.size >= maxRemembered && oldest !== undefined) remembered.delete(oldest);
    if (ms > 0) remembered.set(digest, { found, until: Date.now() + ms });
    return found;
  }

  function foundIn(claims: TokenClaims, issuer: OauthIssuer): Found {
    const caller = callerOf(claims, issuer);
    if (!caller) return wrongToken('The token does not say whose it is: it has no "sub".');
    if (caller.scopes.length > 0) return caller;
    const needed = scopeNeeded('read', issuer) ?? '';
    return missingScope(
      `The token allows nothing here: it needs the scope "${needed}", or another one.`,
      needed,
    );
  }

  async function checkSigned(token: string, digest: string, iss: unknown): Promise<Found> {
    const known = typeof iss === 'string' ? signed.get(iss) : undefined;
    if (!known) return unknownIssuer();
    const claims = await known.check(token);
    if ('refused' in claims) return claims.refused as Unauthenticated;
    return remember(digest, foundIn(claims, known.issuer), remainingMs(claims, known.issuer, rememberMs));
  }

  async function checkOpaque(token: string, digest: string): Promise<Found> {
    let refused = wrongToken(
      'The token is not known to its issuer, or is not active any more. Get a new one.',
    );
    let failure: unknown;
    for (const { issuer, introspection } of asked) {
      try {
        const claims = await introspect(token, issuer, introspection, audiencesOf(issuer));
        if (!claims) continue;
        if ('refused' in claims) refused = claims.refused as Unauthenticated;
        else {
          const ms = remainingMs(claims, issuer, rememberIntrospectionMs);
          return remember(digest, foundIn(claims, issuer), ms);
        }
      } catch (error) {
        failure ??= error;
      }
    }
    if (failure !== undefined) throw failure;
    return remember(digest, refused, rememberIntrospectionMs);
  }

  return async (token) => {
    const digest = createHash('sha256').update(token).digest('base64url');
    const known = remembered.get(digest);
    if (known && known.until > Date.now()) return known.found;
    remembered.delete(digest);
    const iss = issuerIn(token);
    try {
      if (iss !== undefined) return await checkSigned(token, digest, iss);
      return asked.length > 0 ? await checkOpaque(token, digest) : unreadable();
    } catch (err) {
      if (!(err instanceof HydrogenError) || err.code !== 'unavailable') throw err;
      log.warn({ err }, 'a token could not be checked');
      return cannotTell(
        'The token cannot be checked now: its issuer does not answer as it should. Try again.',
      );
    }
  };
}
