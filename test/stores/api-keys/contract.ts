// What every store of API keys does, in the words of its callers.
import { describe, expect, test } from 'vitest';
import type { StoredKey } from '../../../src/policy/api-keys.ts';
import type { ApiKeys } from '../../../src/stores/api-keys/api-keys.ts';
import { testCall } from '../../support/call.ts';

/** How to open an empty store, as so many processes see it. */
interface ApiKeysFixture {
  readonly name: string;
  open(processes: number): Promise<readonly ApiKeys[]>;
}

const plain: StoredKey = { id: 'a1', name: 'CI', hash: '00', scopes: ['read'], createdAt: 1_000 };
const full: StoredKey = {
  ...plain,
  id: 'b2',
  scopes: ['read', 'run'],
  roles: [],
  claims: { tenant: 'north' },
  createdAt: 2_000,
  expiresAt: 9_000,
};

export function apiKeysContract({ name, open }: ApiKeysFixture): void {
  async function opened(): Promise<ApiKeys> {
    const [keys] = await open(1);
    if (!keys) throw new Error('no store was opened');
    return keys;
  }

  describe(`API keys (${name})`, () => {
    test('a key is found as it was added, by another process, too', async () => {
      const [first, second] = await open(2);
      await first?.add(plain, testCall());
      await first?.add(full, testCall());
      expect(await second?.find('a1', testCall())).toEqual(plain);
      expect(await second?.find('b2', testCall())).toEqual(full);
      expect(await second?.find('c3', testCall())).toBeUndefined();
    });

    test('all keys are listed, the oldest first', async () => {
      const keys = await opened();
      expect(await keys.list(testCall())).toEqual([]);
      await keys.add(full, testCall());
      await keys.add(plain, testCall());
      expect(await keys.list(testCall())).toEqual([plain, full]);
    });

    test('a second key of an id is refused and changes nothing', async () => {
      const keys = await opened();
      await keys.add(plain, testCall());
      const second = keys.add({ ...full, id: plain.id, hash: 'ff' }, testCall());
      await expect(second).rejects.toMatchObject({ code: 'conflict' });
      expect(await keys.find(plain.id, testCall())).toEqual(plain);
    });

    test('a key that is put is as it is elsewhere, whatever was there', async () => {
      const keys = await opened();
      await keys.add({ ...full, id: plain.id }, testCall());
      await keys.put({ ...plain, lastUsedAt: 3_000 }, testCall());
      await keys.put(full, testCall());
      expect(await keys.list(testCall())).toEqual([{ ...plain, lastUsedAt: 3_000 }, full]);
    });

    test('the time of the last use never goes back', async () => {
      const keys = await opened();
      await keys.add(plain, testCall());
      await keys.used(plain.id, 5_000, testCall());
      await keys.used(plain.id, 4_000, testCall());
      expect(await keys.find(plain.id, testCall())).toEqual({ ...plain, lastUsedAt: 5_000 });
    });

    test('a use of a key that there is not makes none', async () => {
      const keys = await opened();
      await keys.used('a1', 5_000, testCall());
      expect(await keys.list(testCall())).toEqual([]);
    });

    test('a key that was revoked stays so, since the first time', async () => {
      const keys = await opened();
      await keys.add(plain, testCall());
      await keys.used(plain.id, 4_000, testCall());
      expect(await keys.revoke(plain.id, 5_000, testCall())).toMatchObject({ revokedAt: 5_000 });
      expect(await keys.revoke(plain.id, 6_000, testCall())).toEqual({
        ...plain,
        lastUsedAt: 4_000,
        revokedAt: 5_000,
      });
      expect(await keys.revoke('none', 5_000, testCall())).toBeUndefined();
    });

    test('a rotated key has the new secret, and the last one for a while', async () => {
      const keys = await opened();
      await keys.add(plain, testCall());
      await keys.used(plain.id, 4_000, testCall());
      await keys.rotate(plain.id, { hash: '11', previousUntil: 7_000 }, testCall());
      const last = await keys.rotate(plain.id, { hash: '22', previousUntil: 8_000 }, testCall());
      expect(last).toEqual({
        ...plain,
        hash: '22',
        previous: { hash: '11', until: 8_000 },
        lastUsedAt: 4_000,
      });
      expect(await keys.find(plain.id, testCall())).toEqual(last);
    });

    test('a key that was revoked gets no new secret', async () => {
      const keys = await opened();
      await keys.add(plain, testCall());
      await keys.revoke(plain.id, 5_000, testCall());
      const secret = { hash: '11', previousUntil: 7_000 };
      expect(await keys.rotate(plain.id, secret, testCall())).toBeUndefined();
      expect(await keys.rotate('none', secret, testCall())).toBeUndefined();
      expect((await keys.find(plain.id, testCall()))?.hash).toBe(plain.hash);
    });

    test('of a rotation and a revocation at once the revocation is never lost', async () => {
      const processes = await open(2);
      const outcomes: boolean[] = [];
      for (let race = 0; race < 20; race++) {
        const id = `race-${race}`;
        await processes[0]?.add({ ...plain, id }, testCall());
        await Promise.all([
          processes[0]?.rotate(id, { hash: '11', previousUntil: 7_000 }, testCall()),
          processes[1]?.revoke(id, 5_000, testCall()),
        ]);
        outcomes.push((await processes[0]?.find(id, testCall()))?.revokedAt === 5_000);
      }
      expect(outcomes).toEqual(Array(20).fill(true));
    });
  });
}
