import { createHmac } from 'node:crypto';
import { generateKeyPair } from 'jose';
import { expect, test } from 'vitest';
import type { Caller } from '../../src/call.ts';
import { oauthIssuer } from '../../src/config/oauth-issuers.ts';
import type { GivenSettings } from '../../src/config.ts';
import { createLog } from '../../src/observability/log.ts';
import type { Unauthenticated } from '../../src/policy/authentication.ts';
import { createTokenCheck, type TokenOptions } from '../../src/policy/oauth/tokens.ts';
import { audience, type Issuer, openIssuer } from '../support/issuer.ts';

type GivenIssuer = NonNullable<GivenSettings['oauth']>[number];

type Check = (token: string) => Promise<Caller | Unauthenticated>;

/** Nothing is remembered, so that a test need not wait. */
const forgetful: TokenOptions = {
  ...{ rememberMs: 0, rememberIntrospectionMs: 0 },
  ...{ cooldownMs: 0, pauseMs: 0 },
};

function checkOf(
  issuers: readonly (Partial<GivenIssuer> & { issuer: string })[],
  options: TokenOptions = forgetful,
): Check {
  const parsed = issuers.map((one) => oauthIssuer.parse({ audience, ...one }));
  return createTokenCheck(parsed, () => [audience], createLog('silent'), options);
}

async function opened(more: Partial<GivenIssuer> = {}): Promise<{ issuer: Issuer; check: Check }> {
  const issuer = await openIssuer();
  return { issuer, check: checkOf([{ issuer: issuer.url, ...more }]) };
}

const messageOf = (found: Caller | Unauthenticated): string => ('message' in found ? found.message : '');
const callerOf = (found: Caller | Unauthenticated): Caller => {
  if ('message' in found) throw new Error(found.message);
  return found;
};

const inAnHour = (): number => Math.floor(Date.now() / 1_000) + 3_600;
const anHourAgo = (): number => Math.floor(Date.now() / 1_000) - 3_600;

test('a token is its caller: issuer and subject, name, scopes and claims', async () => {
  const { issuer, check } = await opened();
  const token = await issuer.sign({ scope: 'openid read run', name: 'Ada', tenant: 'north', jti: 'one' });
  expect(await check(token)).toEqual({
    ...{ id: `${issuer.url}|ada`, name: 'Ada', scopes: ['read', 'run'] },
    claims: { sub: 'ada', name: 'Ada', tenant: 'north' },
  });
});

test('a token that was refreshed is the same caller', async () => {
  const { issuer, check } = await opened();
  const tokens = ['one', 'two'].map((jti, i) => issuer.sign({ jti, iat: inAnHour() - 4_000 + i, sid: jti }));
  const [first, second] = await Promise.all(tokens.map(async (token) => check(await token)));
  expect(second).toEqual(first);
});

test.each(['RS256', 'PS256', 'EdDSA'])('tokens that are signed with %s are accepted', async (alg) => {
  const issuer = await openIssuer(alg);
  expect(messageOf(await checkOf([{ issuer: issuer.url }])(await issuer.sign()))).toBe('');
});

test('an issuer with a path has its metadata where RFC 8414 puts them', async () => {
  const issuer = await openIssuer('ES256', '/tenant');
  expect(messageOf(await checkOf([{ issuer: issuer.url }])(await issuer.sign()))).toBe('');
});

const base64 = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

async function withNoSignature(issuer: Issuer): Promise<string> {
  const [, payload] = (await issuer.sign()).split('.');
  return `${base64({ alg: 'none' })}.${payload}.`;
}

/** The public key, which everybody has, as the secret of an HMAC. */
async function withPublicKey(issuer: Issuer): Promise<string> {
  const [, payload] = (await issuer.sign()).split('.');
  const signed = `${base64({ alg: 'HS256', kid: 'key-1' })}.${payload}`;
  return `${signed}.${createHmac('sha256', await issuer.publicPem())
    .update(signed)
    .digest('base64url')}`;
}

async function withOtherKey(issuer: Issuer): Promise<string> {
  return issuer.sign({}, {}, (await generateKeyPair('ES256')).privateKey);
}

async function changed(issuer: Issuer): Promise<string> {
  const [header, payload, signature] = (await issuer.sign()).split('.');
  const claims = JSON.parse(Buffer.from(payload ?? '', 'base64url').toString()) as object;
  return `${header}.${base64({ ...claims, sub: 'eve' })}.${signature}`;
}

const wrong: readonly (readonly [string, (issuer: Issuer) => Promise<string>, RegExp])[] = [
  ['for another audience', (issuer) => issuer.sign({ aud: 'https://other.example.com' }), /another server/],
  ['for no audience', (issuer) => issuer.sign({ aud: undefined }), /does not say its "aud"/],
  [
    'of another issuer',
    (issuer) => issuer.sign({ iss: 'https://evil.example.com' }),
    /issuer that is not accepted/,
  ],
  ['without an issuer', (issuer) => issuer.sign({ iss: undefined }), /cannot be read/],
  ['with no signature (none)', withNoSignature, /algorithm that is not accepted/],
  ['signed with the public key (HS256)', withPublicKey, /algorithm that is not accepted/],
  ['signed with the key of somebody else', withOtherKey, /signature of the token is wrong/],
  ['that was changed', changed, /signature of the token is wrong/],
  ['that has expired', (issuer) => issuer.sign({ exp: anHourAgo() }), /has expired/],
  ['that never expires', (issuer) => issuer.sign({ exp: undefined }), /does not say its "exp"/],
  ['that is not valid yet', (issuer) => issuer.sign({ nbf: inAnHour() }), /not valid yet/],
  ['of nobody', (issuer) => issuer.sign({ sub: undefined }), /no "sub"/],
  ['for ending a session', (issuer) => issuer.sign({}, { typ: 'logout+jwt' }), /gives no access/],
  ['that is bound to a key', (issuer) => issuer.sign({ cnf: { jkt: 'x' } }), /bound to a key/],
  ['of a key that is not published', (issuer) => issuer.sign({}, { kid: 'other' }), /does not publish/],
  [
    'that is cut off',
    async (issuer) => (await issuer.sign()).slice(0, -20),
    /signature of the token is wrong|cannot be read/,
  ],
  ['that is no JWT', async () => 'opaque', /cannot be read/],
];

test.each(wrong)('a token %s is refused with that reason', async (_what, make, reason) => {
  const { issuer, check } = await opened();
  const token = await make(issuer);
  const refused = await check(token);
  expect(messageOf(refused)).toMatch(reason);
  expect(refused).toMatchObject({ challenge: expect.stringContaining('error="invalid_token"') });
  expect(JSON.stringify(refused)).not.toContain(token.slice(-30));
});

test('clocks may differ by what the settings say', async () => {
  const issuer = await openIssuer();
  const late = await issuer.sign({ exp: Math.floor(Date.now() / 1_000) - 60 });
  expect(messageOf(await checkOf([{ issuer: issuer.url, clockSkewS: 300 }])(late))).toBe('');
  expect(messageOf(await checkOf([{ issuer: issuer.url, clockSkewS: 0 }])(late))).toMatch(/expired/);
});

test('an algorithm that the settings do not name is refused', async () => {
  const { issuer, check } = await opened({ algorithms: ['RS256'] });
  expect(messageOf(await check(await issuer.sign()))).toMatch(/algorithm/);
});

test.each(['none', 'HS256', 'HS512'])('the algorithm %s cannot be named', (algorithm) => {
  const issuer = 'https://login.example.com';
  expect(oauthIssuer.safeParse({ issuer, audience, algorithms: [algorithm] }).success).toBe(false);
});

test.each(['issuer', 'jwksUri'])('%s must be encrypted, unless it is this machine', (name) => {
  const given = { issuer: 'https://login.example.com', audience };
  expect(oauthIssuer.safeParse({ ...given, [name]: 'http://login.example.com' }).success).toBe(false);
  expect(oauthIssuer.safeParse({ ...given, [name]: 'http://localhost:9000' }).success).toBe(true);
});

test('a token of one issuer is not accepted as one of another', async () => {
  const [one, other] = [await openIssuer(), await openIssuer()];
  const check = checkOf([{ issuer: one.url }, { issuer: other.url }]);
  expect(callerOf(await check(await one.sign())).id).toBe(`${one.url}|ada`);
  expect(callerOf(await check(await other.sign())).id).toBe(`${other.url}|ada`);
  expect(messageOf(await check(await one.sign({ iss: other.url })))).toMatch(/signature|publish/);
});

test('keys that were rotated are fetched again', async () => {
  const { issuer, check } = await opened();
  const before = await issuer.sign();
  expect(messageOf(await check(before))).toBe('');
  await issuer.rotate();
  expect(messageOf(await check(await issuer.sign()))).toBe('');
  expect(messageOf(await check(before))).toMatch(/does not publish/);
});

test('tokens with keys that nobody knows do not make the server ask again and again', async () => {
  const issuer = await openIssuer();
  const check = checkOf([{ issuer: issuer.url }], { ...forgetful, cooldownMs: 60_000 });
  await check(await issuer.sign());
  for (let i = 0; i < 10; i++) await check(await issuer.sign({}, { kid: `invented-${i}` }));
  expect(issuer.fetches()).toBe(1);
});

test('while the keys of an issuer are away nobody is let in, and the request may be repeated', async () => {
  const { issuer, check } = await opened();
  issuer.answers(false);
  const token = await issuer.sign();
  expect(await check(token)).toMatchObject({ status: 503 });
  issuer.answers(true);
  expect(messageOf(await check(token))).toBe('');
});

test('while an issuer is away the keys that are known go on being good, and it is not asked for each unknown one', async () => {
  const issuer = await openIssuer();
  const check = checkOf([{ issuer: issuer.url }], { ...forgetful, pauseMs: 60_000 });
  const [good, unknown] = [await issuer.sign(), await issuer.sign({}, { kid: 'other' })];
  expect(messageOf(await check(good))).toBe('');
  issuer.answers(false);
  for (let i = 0; i < 5; i++) expect(await check(unknown)).toMatchObject({ status: 503 });
  expect(messageOf(await check(good))).toBe('');
  expect(issuer.refusals()).toBe(1);
});

test('a token that was checked is good while the keys are away, until it is not remembered any more', async () => {
  const issuer = await openIssuer();
  const check = checkOf([{ issuer: issuer.url }], { ...forgetful, rememberMs: 60_000 });
  const token = await issuer.sign();
  await check(token);
  issuer.answers(false);
  expect(messageOf(await check(token))).toBe('');
});

test('what was found out of a token is not remembered beyond its end', async () => {
  const issuer = await openIssuer();
  const check = checkOf([{ issuer: issuer.url, clockSkewS: 0 }], { ...forgetful, rememberMs: 60_000 });
  const token = await issuer.sign({ exp: Math.floor(Date.now() / 1_000) + 2 });
  expect(messageOf(await check(token))).toBe('');
  await expect.poll(async () => messageOf(await check(token)), { timeout: 20_000 }).toMatch(/expired/);
});

test.each([
  ['its own names', {}, 'read write', ['read', 'write']],
  ['names behind a prefix', {}, 'hydrogen:read hydrogen:run', ['read', 'run']],
  ['names behind a prefix of the settings', { scopePrefix: 'mcp/' }, 'mcp/read hydrogen:run', ['read']],
  [
    'names of the settings alone',
    { scopes: { 'crm.user': ['read', 'run'] as const, 'crm.admin': ['destroy'] as const } },
    'crm.user read write',
    ['read', 'run'],
  ],
])('scopes of a token are %s', async (_what, more, scope, scopes) => {
  const { issuer, check } = await opened(oauthIssuer.partial().parse(more) as Partial<GivenIssuer>);
  expect(callerOf(await check(await issuer.sign({ scope }))).scopes).toEqual(scopes);
});

test('scopes may be a list, as some issuers have them', async () => {
  const { issuer, check } = await opened();
  const token = await issuer.sign({ scope: undefined, scp: ['read', 'ingest'] });
  expect(callerOf(await check(token)).scopes).toEqual(['read', 'ingest']);
});

test('a token without a scope of ours is known, and may do nothing: the scope that is missing is named', async () => {
  const { issuer, check } = await opened();
  const refused = await check(await issuer.sign({ scope: 'openid profile' }));
  expect(refused).toMatchObject({ status: 403, challenge: expect.stringContaining('scope="read"') });
  expect(refused).toMatchObject({ challenge: expect.stringContaining('error="insufficient_scope"') });
});

const rolesClaim = { rolesClaim: 'realm.roles' };
test.each([
  ['no rule narrows a caller where the settings say nothing of roles', {}, ['a'], undefined],
  ['roles are the values of the claim', rolesClaim, ['a', 'b'], ['a', 'b']],
  [
    'a value stands for a role where the settings say so',
    { ...rolesClaim, roles: { a: 'analyst' } },
    ['a', 'b'],
    ['analyst'],
  ],
  [
    'a value that is mapped to nothing gives no role',
    { ...rolesClaim, roles: { a: 'analyst' } },
    ['constructor'],
    [],
  ],
  [
    'who has no role gets the one for all others',
    { ...rolesClaim, roles: { a: 'analyst' }, defaultRole: 'guest' },
    ['b'],
    ['guest'],
  ],
])('%s', async (_what, more, values, roles) => {
  const { issuer, check } = await opened(more);
  expect(callerOf(await check(await issuer.sign({ realm: { roles: values } }))).roles).toEqual(roles);
});

test('only the claims that the settings name are kept, of any type', async () => {
  const { issuer, check } = await opened({ claims: ['tenants'] });
  const token = await issuer.sign({ tenants: ['north', 'south'], email: 'ada@example.com' });
  expect(callerOf(await check(token)).claims).toEqual({ sub: 'ada', tenants: ['north', 'south'] });
});

const introspected = async (options: TokenOptions = forgetful) => {
  const issuer = await openIssuer();
  const introspection = { url: `${issuer.url}/introspect`, clientId: 'hydrogen', clientSecret: 'sesame' };
  return { issuer, check: checkOf([{ issuer: issuer.url, introspection }], options) };
};

test('an opaque token is who its issuer says', async () => {
  const { issuer, check } = await introspected();
  issuer.opaque.set('opaque', { sub: 'ada', aud: audience, scope: 'read', exp: inAnHour() });
  expect(callerOf(await check('opaque'))).toMatchObject({ id: `${issuer.url}|ada`, scopes: ['read'] });
});

test.each([
  ['is not active', undefined, /not known to its issuer/],
  ['is for another audience', { sub: 'ada', aud: 'other', scope: 'read' }, /another server/],
  ['is for nobody in particular', { sub: 'ada', scope: 'read' }, /another server/],
  ['has expired', { sub: 'ada', aud: audience, scope: 'read', exp: 1 }, /has expired/],
  ['is of another issuer', { sub: 'ada', aud: audience, iss: 'https://evil.example.com' }, /not accepted/],
])('an opaque token that %s is refused', async (_what, claims, reason) => {
  const { issuer, check } = await introspected();
  if (claims) issuer.opaque.set('opaque', claims);
  expect(messageOf(await check('opaque'))).toMatch(reason);
});

test('an issuer is asked about a token once in a while, not each time', async () => {
  const { issuer, check } = await introspected({ ...forgetful, rememberIntrospectionMs: 60_000 });
  issuer.opaque.set('opaque', { sub: 'ada', aud: audience, scope: 'read' });
  for (let i = 0; i < 10; i++) await check('opaque');
  expect(issuer.introspections()).toBe(1);
});

test('while an issuer cannot be asked about a token nobody is let in', async () => {
  const { issuer, check } = await introspected();
  issuer.answers(false);
  expect(await check('opaque')).toMatchObject({ status: 503 });
});
