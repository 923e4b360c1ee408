import { expect, test } from 'vitest';
import { type Caller, owner } from '../../src/call.ts';
import { settings } from '../../src/config.ts';
import { createLog } from '../../src/observability/log.ts';
import { createAccess } from '../../src/policy/access.ts';
import { newKeyId, newSecret, type StoredKey } from '../../src/policy/api-keys.ts';
import type { Unauthenticated } from '../../src/policy/authentication.ts';

/** Access to a store that may be away. */
function opened(given: object = {}) {
  const keys: StoredKey[] = [];
  let isAway = false;
  const store = <T>(value: () => T): Promise<T> =>
    isAway ? Promise.reject(new Error('away')) : Promise.resolve(value());
  const access = createAccess(
    settings.parse(given),
    {
      find: (id) => store(() => keys.find((key) => key.id === id)),
      list: () => store(() => [...keys]),
      used: async () => {},
    },
    createLog('silent'),
  );
  return {
    access,
    ask: (authorization?: string): Promise<Caller | Unauthenticated> =>
      access.authenticate(authorization === undefined ? {} : { authorization }),
    away(is: boolean): void {
      isAway = is;
    },
    add(more: Partial<StoredKey> = {}): string {
      const id = newKeyId();
      const { key, hash } = newSecret(id);
      keys.push({ id, name: 'test', hash, scopes: ['read'], createdAt: 0, ...more });
      return key;
    },
  };
}

test('where nobody else can be meant the caller is the owner', async () => {
  expect(await opened().ask()).toBe(owner);
  expect(await opened().ask('Bearer of-a-gateway')).toBe(owner);
});

test('as long as it was never found out whether there are keys, nobody is the owner', async () => {
  const { ask, away } = opened();
  away(true);
  expect(await ask()).toMatchObject({ status: 503 });
  away(false);
  expect(await ask()).toBe(owner);
});

test('where it was known that there are no keys, the store may be away', async () => {
  const { ask, away } = opened();
  await ask();
  away(true);
  await expect.poll(() => ask(), { timeout: 10_000, interval: 500 }).toBe(owner);
});

test('where it was known that there are keys, the store may be away and nobody is the owner', async () => {
  const { ask, add, away } = opened();
  add();
  expect(await ask()).not.toHaveProperty('status', 503);
  away(true);
  expect(await ask()).toMatchObject({ challenge: 'Bearer realm="hydrogen"' });
});

test('a first key is noticed by a server that is running', async () => {
  const { ask, add } = opened();
  expect(await ask()).toBe(owner);
  add();
  await expect.poll(() => ask(), { timeout: 20_000 }).not.toBe(owner);
});

test.each([
  { httpAuthentication: 'required' },
  { httpHost: '0.0.0.0' },
  { httpHost: '192.168.1.5' },
  { publicUrl: 'https://mcp.example.com' },
  { httpAllowedHosts: ['*.example.com:8443'] },
  { httpAllowedOrigins: ['https://app.example.com'] },
  { oauth: [{ issuer: 'https://login.example.com', audience: 'a' }] },
])('with %j nobody is the owner, keys or not', async (given) => {
  expect(await opened(given).ask()).toMatchObject({ challenge: expect.any(String) });
});

test.each(['localhost', '127.0.0.1', '127.0.0.2', '::1'])(
  '%s is this machine: it is no reason to ask who calls',
  async (httpHost) => {
    expect(await opened({ httpHost }).ask()).toBe(owner);
  },
);

test('the scheme of the credentials may be written in any case', async () => {
  const { ask, add } = opened();
  const key = add();
  for (const scheme of ['Bearer', 'bearer', 'BEARER  '])
    expect(await ask(`${scheme} ${key}`)).toMatchObject({ scopes: ['read'] });
});

test('a caller of a key that may do something else now is not known any more', async () => {
  const { access, ask, add } = opened();
  const caller = (await ask(`Bearer ${add()}`)) as Caller;
  expect(await access.isKnown(caller)).toBe(true);
  expect(await access.isKnown({ ...caller, scopes: ['read', 'write'] })).toBe(false);
  expect(await access.isKnown({ ...caller, id: 'key:000000000000' })).toBe(false);
});
