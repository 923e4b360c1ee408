import type { OauthIssuer } from '../../config/oauth-issuers.ts';
import { reveal } from '../../observability/secret.ts';
import { type Unauthenticated, wrongToken } from '../authentication.ts';
import { isMeantFor, type TokenClaims } from './claims.ts';
import { answerOf, issuerAway } from './issuer-server.ts';

type Introspection = NonNullable<OauthIssuer['introspection']>;

/** RFC 6749, 2.3.1: both are encoded as in a form first. */
function credentials({ clientId, clientSecret }: Introspection): string {
  const encoded = [clientId, reveal(clientSecret)].map((text) =>
    new URLSearchParams([['', text]]).toString().slice(1),
  );
  return `Basic ${Buffer.from(encoded.join(':')).toString('base64')}`;
}

/**
 * Asks an issuer about a token that only it can read (RFC 7662).
 * @returns what the token says; `refused` where it is active but not for this server; undefined where it is not active
 * @throws HydrogenError `unavailable`
 */
export async function introspect(
  token: string,
  { issuer, clockSkewS }: OauthIssuer,
  introspection: Introspection,
  audiences: readonly string[],
): Promise<TokenClaims | { readonly refused: Unauthenticated } | undefined> {
  const answer = await answerOf(introspection.url, {
    method: 'POST',
    headers: {
      authorization: credentials(introspection),
      accept: 'application/json',
      'content-type': 'application/x-www-form-urlencoded',
    },
    body: new URLSearchParams({ token, token_type_hint: 'access_token' }).toString(),
  });
  if (typeof answer !== 'object' || answer === null) throw issuerAway('an introspection that is no object');
  const claims = answer as TokenClaims;
  if (claims['active'] !== true) return undefined;
  const refused = (message: string) => ({ refused: wrongToken(message) });
  const { exp, nbf, iss, aud } = claims;
  const now = Date.now() / 1_000;
  if (typeof exp === 'number' && exp + clockSkewS <= now)
    return refused('The token has expired. Get a new one from its issuer.');
  if (typeof nbf === 'number' && nbf - clockSkewS > now)
    return refused('The token is not valid yet. Check the clocks of its issuer and of this server.');
  if (iss !== undefined && iss !== issuer)
    return refused('The token is of an issuer that is not accepted here.');
  if (!isMeantFor(aud, audiences))
    return refused('The token is meant for another server: its audience is not this one.');
  const { active: _active, ...rest } = claims;
  return rest;
}
