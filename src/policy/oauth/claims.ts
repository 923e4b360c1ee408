import { type Caller, type Operation, operations } from '../../call.ts';
import type { OauthIssuer } from '../../config/oauth-issuers.ts';
import { missingScope, type Unauthenticated } from '../authentication.ts';

/** What a token says, once it is known to be genuine. */
export type TokenClaims = Readonly<Record<string, unknown>>;

/** Longer texts are no values that a rule would compare, characters. */
const maxTextLength = 256;
/** Of one claim that the settings name, as JSON, characters: claims travel in the signed ids of sessions. */
const maxClaimLength = 1_000;

/** What tells tokens apart, not callers: with these a caller would be another one after each refresh. */
const ofTokens = new Set([
  ...[
    'iss',
    'aud',
    'exp',
    'iat',
    'nbf',
    'jti',
    'nonce',
    'typ',
    'scope',
    'scp',
    'azp',
    'auth_time',
    'acr',
    'amr',
  ],
  ...['at_hash', 'c_hash', 's_hash', 'sid', 'session_state', 'token_use', 'token_type', 'ver'],
  // Of single vendors: Entra ID and Cognito.
  ...['uti', 'rh', 'aio', 'xms_ftd', 'origin_jti', 'event_id'],
]);

const textOf = (value: unknown): string | undefined =>
  typeof value === 'string' && value.trim() !== '' ? value : undefined;

const isObject = (value: unknown): value is TokenClaims =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The value of a claim of that name, which may have dots in it, or else at that dotted path. */
function claimAt(claims: TokenClaims, name: string): unknown {
  if (Object.hasOwn(claims, name)) return claims[name];
  return name
    .split('.')
    .reduce<unknown>(
      (value, key) => (isObject(value) && Object.hasOwn(value, key) ? value[key] : undefined),
      claims,
    );
}

function listOf(value: unknown): string[] {
  if (Array.isArray(value)) return value.filter((one) => typeof one === 'string');
  return textOf(value)?.split(' ').filter(Boolean) ?? [];
}

/** How tokens of an issuer name an operation, the usual name first. */
function scopesFor(operation: Operation, { scopes, scopePrefix }: OauthIssuer): string[] {
  if (!scopes) return [operation, `${scopePrefix}${operation}`];
  return Object.entries(scopes)
    .filter(([, allowed]) => allowed.includes(operation))
    .map(([name]) => name);
}

/** What a token would need for an operation; undefined where tokens of that issuer cannot allow it. */
export const scopeNeeded = (operation: Operation, issuer: OauthIssuer): string | undefined =>
  scopesFor(operation, issuer)[0];

/** All scopes of tokens that mean something here. */
export const scopesOf = (issuer: OauthIssuer): string[] => [
  ...new Set(operations.flatMap((operation) => scopeNeeded(operation, issuer) ?? [])),
];

function operationsOf(claims: TokenClaims, issuer: OauthIssuer): Operation[] {
  const named = new Set([...listOf(claims['scope']), ...listOf(claims['scp'])]);
  return operations.filter((operation) => scopesFor(operation, issuer).some((scope) => named.has(scope)));
}

/** Absent where the settings say nothing of roles; none where they do, and the token has none that counts. */
function rolesOf(claims: TokenClaims, issuer: OauthIssuer): readonly string[] | undefined {
  const { rolesClaim, roles, defaultRole } = issuer;
  if (rolesClaim === undefined && defaultRole === undefined) return undefined;
  const value = rolesClaim === undefined ? undefined : claimAt(claims, rolesClaim);
  const values = typeof value === 'string' ? [value] : listOf(value);
  const mapped = values.flatMap((one) =>
    roles ? (Object.hasOwn(roles, one) ? (roles[one] ?? []) : []) : one,
  );
  if (mapped.length > 0) return [...new Set(mapped)];
  return defaultRole === undefined ? [] : [defaultRole];
}

function keptOf(claims: TokenClaims, { claims: named }: OauthIssuer): Record<string, unknown> {
  if (named) {
    const kept = ['sub', ...named].map((name) => [name, claimAt(claims, name)] as const);
    return Object.fromEntries(
      kept.filter(([, value]) => value !== undefined && JSON.stringify(value).length <= maxClaimLength),
    );
  }
  return Object.fromEntries(
    Object.entries(claims).filter(
      ([name, value]) => typeof value === 'string' && value.length <= maxTextLength && !ofTokens.has(name),
    ),
  );
}

const nameClaims = ['name', 'preferred_username', 'email'];

function nameOf(claims: TokenClaims, { nameClaim }: OauthIssuer): string | undefined {
  const names = nameClaim === undefined ? nameClaims : [nameClaim];
  return names.map((name) => textOf(claimAt(claims, name))).find((name) => name !== undefined);
}

/** The caller of a token; undefined where it does not say whose it is. */
export function callerOf(claims: TokenClaims, issuer: OauthIssuer): Caller | undefined {
  const sub = textOf(claims['sub']);
  if (sub === undefined || sub.length > maxTextLength) return undefined;
  const [name, roles] = [nameOf(claims, issuer), rolesOf(claims, issuer)];
  return {
    id: `${issuer.issuer}|${sub}`,
    ...(name !== undefined && { name: name.slice(0, maxTextLength) }),
    scopes: operationsOf(claims, issuer),
    ...(roles && { roles }),
    claims: keptOf(claims, issuer),
  };
}

/** Whether a caller is known by a token of that issuer. */
export const isOfIssuer = ({ id }: Caller, { issuer }: OauthIssuer): boolean => id.startsWith(`${issuer}|`);

/** Whether a token is meant for one of these. */
export function isMeantFor(aud: unknown, audiences: readonly string[]): boolean {
  const named = Array.isArray(aud) ? aud : [aud];
  return named.some((one) => typeof one === 'string' && audiences.includes(one));
}

/** The refusal of a call whose operation a token does not allow; undefined where its issuer could not allow it either. */
export function missingFor(
  caller: Caller,
  operation: Operation,
  issuers: readonly OauthIssuer[],
): Unauthenticated | undefined {
  const issuer = issuers.find((one) => isOfIssuer(caller, one));
  const needed = issuer && scopeNeeded(operation, issuer);
  if (!issuer || needed === undefined) return undefined;
  // A new token replaces this one: it has to have what this one has, too.
  const all = [...caller.scopes.flatMap((scope) => scopeNeeded(scope, issuer) ?? []), needed];
  return missingScope(
    `This call needs the scope "${needed}", which the token does not have.`,
    [...new Set(all)].join(' '),
  );
}
