import { expect, test, vi } from 'vitest';
import type { Caller } from '../../src/call.ts';
import { HydrogenError } from '../../src/errors.ts';
import { createLog } from '../../src/observability/log.ts';
import {
  createKeyCheck,
  hashOf,
  type KeyCheckOptions,
  type KnownKeys,
  newKeyId,
  newSecret,
  partsOfKey,
  type StoredKey,
} from '../../src/policy/api-keys.ts';
import type { Unauthenticated } from '../../src/policy/authentication.ts';

interface Opened {
  readonly key: string;
  readonly id: string;
  readonly looks: () => number;
  readonly uses: () => number;
  change(changed: Partial<StoredKey>): void;
  check(token: string): Promise<Caller | Unauthenticated>;
}

/** A store with one key, and what checks it. */
function opened(more: Partial<StoredKey> = {}, options: KeyCheckOptions = {}): Opened {
  const id = newKeyId();
  const { key, hash } = newSecret(id);
  let stored: StoredKey = { id, name: 'CI', hash, scopes: ['read'], createdAt: Date.now(), ...more };
  let [looks, uses] = [0, 0];
  const keys: KnownKeys = {
    async find(asked) {
      looks++;
      return asked === id ? stored : undefined;
    },
    async used(_id, at) {
      uses++;
      stored = { ...stored, lastUsedAt: at };
    },
  };
  return {
    key,
    id,
    looks: () => looks,
    uses: () => uses,
    change(changed) {
      stored = { ...stored, ...changed };
    },
    check: createKeyCheck(keys, createLog('silent'), options),
  };
}

const messageOf = (found: Caller | Unauthenticated): string => ('message' in found ? found.message : '');
const ahead = (): number => Date.now() + 60_000;
const past = (): number => Date.now() - 1;

test('a key is its caller, with its name, scopes, roles and claims', async () => {
  const { key, id, check } = opened({
    scopes: ['read', 'run'],
    roles: ['analyst'],
    claims: { tenant: 'north' },
  });
  expect(await check(key)).toEqual({
    ...{ id: `key:${id}`, name: 'CI', scopes: ['read', 'run'] },
    ...{ roles: ['analyst'], claims: { tenant: 'north' } },
  });
});

test('a key without roles is narrowed by none', async () => {
  const { key, check } = opened();
  expect(await check(key)).not.toHaveProperty('roles');
});

test('keys differ, and are of letters and digits that a double click selects', () => {
  const keys = Array.from({ length: 50 }, () => newSecret(newKeyId()).key);
  expect(new Set(keys).size).toBe(50);
  expect(keys.filter((key) => !/^hyd_[0-9a-f]{12}_[0-9A-Za-z]{49}$/.test(key))).toEqual([]);
});

test('every slip of one character in a key is known by its checksum', () => {
  const { key } = newSecret(newKeyId());
  const slips = [...key].map(
    (letter, at) => `${key.slice(0, at)}${letter === 'a' ? 'b' : 'a'}${key.slice(at + 1)}`,
  );
  expect(partsOfKey(key)).toBeDefined();
  expect(slips.filter((slip) => partsOfKey(slip) !== undefined)).toEqual([]);
});

test.each([
  ['cut off', (key: string) => key.slice(0, -1)],
  ['mistyped', (key: string) => key.replace(/.$/, (last) => (last === 'a' ? 'b' : 'a'))],
  ['with something behind it', (key: string) => `${key}x`],
])('a key that is %s is told so without asking the store', async (_how, damage) => {
  const { key, looks, check } = opened();
  expect(messageOf(await check(damage(key)))).toMatch(/cut off or mistyped/);
  expect(looks()).toBe(0);
});

test('an unknown key and a wrong secret are refused with the same words, and none holds the key', async () => {
  const { id, check } = opened();
  const [unknown, wrong] = [newSecret(newKeyId()).key, newSecret(id).key];
  const refused = [await check(unknown), await check(wrong)];
  expect(refused[0]).toEqual(refused[1]);
  expect(JSON.stringify(refused)).not.toContain(wrong.slice(17));
  expect(refused[0]).toMatchObject({ challenge: expect.stringContaining('error="invalid_token"') });
});

test.each([
  ['was revoked', () => ({ revokedAt: past() })],
  ['has expired', () => ({ expiresAt: past() })],
])('a key that %s is refused with that reason', async (reason, more) => {
  const { key, check } = opened(more());
  expect(messageOf(await check(key))).toContain(reason);
});

test('who has not the secret is not told that a key was revoked', async () => {
  const { id, check } = opened({ revokedAt: past() });
  expect(messageOf(await check(newSecret(id).key))).toMatch(/not known/);
});

test('a key that has not expired yet is good', async () => {
  const { key, check } = opened({ expiresAt: ahead() });
  expect(messageOf(await check(key))).toBe('');
});

test.each([
  ['is good', ahead, ''],
  ['is refused', past, 'replaced by another'],
])('the secret before a rotation %s by its time', async (_what, until, reason) => {
  const { key, id, change, check } = opened();
  const [{ hash: previous }, next] = [{ hash: partsOfHash(key) }, newSecret(id)];
  change({ hash: next.hash, previous: { hash: previous, until: until() } });
  expect(messageOf(await check(next.key))).toBe('');
  expect(messageOf(await check(key))).toContain(reason);
});

test('a key that is used again and again is looked up once', async () => {
  const { key, looks, check } = opened({}, { rememberMs: 60_000 });
  for (let i = 0; i < 20; i++) await check(key);
  expect(looks()).toBe(1);
});

test('a key that was revoked is refused once it is not remembered any more', async () => {
  const { key, change, check } = opened({}, { rememberMs: 50 });
  expect(messageOf(await check(key))).toBe('');
  change({ revokedAt: past() });
  await vi.waitFor(async () => expect(messageOf(await check(key))).toContain('revoked'), { timeout: 10_000 });
});

test('a new secret is good at once, also where the last one was used a moment ago', async () => {
  const { key, id, change, check } = opened({}, { rememberMs: 60_000 });
  expect(messageOf(await check(key))).toBe('');
  const next = newSecret(id);
  change({ hash: next.hash, previous: { hash: partsOfHash(key), until: ahead() } });
  expect(messageOf(await check(next.key))).toBe('');
});

test('wrong secrets are not remembered: the right one is found at once', async () => {
  const { key, id, check } = opened({}, { rememberMs: 60_000 });
  expect(messageOf(await check(newSecret(id).key))).toMatch(/not known/);
  expect(messageOf(await check(key))).toBe('');
});

test('the use of a key is recorded, not each time', async () => {
  const { key, uses, check } = opened({}, { rememberMs: 0 });
  for (let i = 0; i < 20; i++) await check(key);
  expect(uses()).toBe(1);
});

test('a use that cannot be recorded does not refuse the call', async () => {
  const id = newKeyId();
  const { key, hash } = newSecret(id);
  const stored: StoredKey = { id, name: 'CI', hash, scopes: ['read'], createdAt: 0 };
  const check = createKeyCheck(
    { find: async () => stored, used: () => Promise.reject(new Error('full')) },
    createLog('silent'),
  );
  expect(messageOf(await check(key))).toBe('');
});

test('while keys cannot be looked up nobody is let in, and the request may be repeated', async () => {
  const away = (): Promise<never> =>
    Promise.reject(new HydrogenError('unavailable', 'mongodb://secret is away'));
  const check = createKeyCheck({ find: away, used: away }, createLog('silent'));
  const refused = await check(newSecret(newKeyId()).key);
  expect(refused).toMatchObject({
    status: 503,
    message: expect.stringMatching(/Nothing was done: try again/),
  });
  expect(JSON.stringify(refused)).not.toContain('secret is away');
});

test('requests with one key that come at once ask the store once', async () => {
  const { key, check, looks } = opened({}, { rememberMs: 0 });
  const found = await Promise.all([check(key), check(key), check(key)]);
  expect(found.map(messageOf)).toEqual(['', '', '']);
  expect(looks()).toBe(1);
  await check(key);
  expect(looks()).toBe(2);
});

function partsOfHash(key: string): string {
  const parts = partsOfKey(key);
  if (!parts) throw new Error('it is a whole key');
  return hashOf(parts.secret);
}
