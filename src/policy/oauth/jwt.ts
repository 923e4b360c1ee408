import {
  type CryptoKey,
  createLocalJWKSet,
  createRemoteJWKSet,
  decodeJwt,
  decodeProtectedHeader,
  errors,
  type JWTVerifyGetKey,
  jwtVerify,
} from 'jose';
import type { OauthIssuer } from '../../config/oauth-issuers.ts';
import { type Unauthenticated, wrongToken } from '../authentication.ts';
import type { TokenClaims } from './claims.ts';
import { answerMs, discoverKeys, issuerAway, notTooOften } from './issuer-server.ts';

export interface JwtOptions {
  /** How long a key that is missing is not looked for again, ms. */
  readonly cooldownMs?: number;
  /** How long an issuer that did not answer is not asked again, ms. */
  readonly pauseMs?: number;
}

/** Access tokens (RFC 9068), or tokens whose type is not said; not those of logouts, proofs and the like. */
const types = ['jwt', 'at+jwt', 'application/at+jwt'];

/** Errors of `jose` that are the token's fault when a key is looked for. */
const keyErrors = new Set(['ERR_JWKS_NO_MATCHING_KEY', 'ERR_JWKS_MULTIPLE_MATCHING_KEYS']);

const again = 'Get a new one from its issuer.';

/** What is wrong, in words, by the code of `jose`. */
const reasons: Readonly<Record<string, string>> = {
  ERR_JOSE_ALG_NOT_ALLOWED: 'The token is signed with an algorithm that is not accepted here.',
  ERR_JOSE_NOT_SUPPORTED: 'The token is signed in a way that is not supported here.',
  ERR_JWS_SIGNATURE_VERIFICATION_FAILED: `The signature of the token is wrong. ${again}`,
  ERR_JWKS_NO_MATCHING_KEY: `The token is signed with a key that its issuer does not publish. ${again}`,
  ERR_JWKS_MULTIPLE_MATCHING_KEYS: 'The token does not say with which key of its issuer it is signed.',
  ERR_JWT_EXPIRED: `The token has expired. ${again}`,
};

/** What is wrong with a claim, in words. */
function reasonOfClaim({ claim, reason }: { claim: string; reason: string }): string {
  if (reason === 'missing') return `The token does not say its "${claim}", which is needed. ${again}`;
  if (claim === 'nbf')
    return 'The token is not valid yet. Check the clocks of its issuer and of this server.';
  if (claim === 'aud') return 'The token is meant for another server: its audience is not this one.';
  if (claim === 'iss') return 'The token is of an issuer that is not accepted here.';
  return `The token is not valid: its "${claim}" is wrong. ${again}`;
}

export const unreadable = (): Unauthenticated =>
  wrongToken('The token cannot be read: send an access token as its issuer gave it.');

function refusalOf(error: InstanceType<typeof errors.JOSEError>): Unauthenticated {
  if (error instanceof errors.JWTClaimValidationFailed) return wrongToken(reasonOfClaim(error));
  const reason = reasons[error.code];
  return reason === undefined ? unreadable() : wrongToken(reason);
}

/** Who a token says that it is from, unchecked; undefined for what is no signed JWT. */
export function issuerIn(token: string): unknown {
  try {
    decodeProtectedHeader(token);
    return decodeJwt(token).iss;
  } catch {
    return undefined;
  }
}

type KeySet = ReturnType<typeof createRemoteJWKSet>;

/** The key of a token among those that are known, while the issuer is not asked. @throws `away` where it is not there */
async function fromKnown(keys: KeySet, away: unknown, ...asked: Parameters<KeySet>): Promise<CryptoKey> {
  const known = keys.fresh ? keys.jwks() : undefined;
  if (!known) throw away;
  return createLocalJWKSet(known)(...asked).catch(() => {
    throw away;
  });
}

/** The keys of an issuer, found at the first use. @returns what throws HydrogenError `unavailable` where they are away */
function keysOf(
  { issuer, jwksUri }: OauthIssuer,
  { cooldownMs = 10_000, pauseMs = 2_000 }: JwtOptions,
): JWTVerifyGetKey {
  let keys: KeySet | undefined;
  let failed: { readonly error: unknown; readonly until: number } | undefined;
  const find = notTooOften(async () => {
    const url = jwksUri === undefined ? await discoverKeys(issuer) : new URL(jwksUri);
    return createRemoteJWKSet(url, { cooldownDuration: cooldownMs, timeoutDuration: answerMs });
  }, pauseMs);
  return async (header, token) => {
    keys ??= await find();
    if (failed && failed.until > performance.now()) return fromKnown(keys, failed.error, header, token);
    try {
      return await keys(header, token);
    } catch (error) {
      if (error instanceof errors.JOSEError && keyErrors.has(error.code)) throw error;
      failed = { error: issuerAway(error), until: performance.now() + pauseMs };
      throw failed.error;
    }
  };
}

/**
 * Checks signed tokens of one issuer (RFC 9068): signature, algorithm, issuer, audience and times.
 * @returns what checks one; it throws HydrogenError `unavailable` where the keys of the issuer cannot be had
 */
export function createJwtCheck(
  issuer: OauthIssuer,
  audiences: readonly string[],
  options: JwtOptions = {},
): (token: string) => Promise<TokenClaims | { readonly refused: Unauthenticated }> {
  const keys = keysOf(issuer, options);
  return async (token) => {
    try {
      const { payload, protectedHeader } = await jwtVerify(token, keys, {
        issuer: issuer.issuer,
        audience: [...audiences],
        algorithms: issuer.algorithms,
        clockTolerance: issuer.clockSkewS,
        requiredClaims: ['exp'],
      });
      const { typ = 'jwt' } = protectedHeader;
      if (!types.includes(typ.toLowerCase()))
        return { refused: wrongToken('The token is of a kind that gives no access: send an access token.') };
      if ('cnf' in payload)
        return {
          refused: wrongToken(
            'The token is bound to a key, which this server cannot check: use a bearer token.',
          ),
        };
      return payload;
    } catch (error) {
      if (error instanceof errors.JOSEError) return { refused: refusalOf(error) };
      throw error;
    }
  };
}
