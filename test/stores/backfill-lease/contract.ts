// What every lease on the making of vectors does, in the words of its callers.
import { describe, expect, test } from 'vitest';
import { ownerName } from '../../../src/process-identity.ts';
import type { BackfillLease } from '../../../src/stores/index/types.ts';
import { testCall } from '../../support/call.ts';
import type { PortFixture } from '../ports.ts';

interface LeaseFixture extends Pick<PortFixture<BackfillLease>, 'name' | 'open'> {
  /** Why its store is not there. */
  readonly skip?: string;
}

export function backfillLeaseContract({ name, open, skip = '' }: LeaseFixture): void {
  describe.skipIf(skip !== '')(`a lease on the making of vectors (${name})${skip}`, () => {
    test('lets one at a time make vectors, until it gives the right back', async () => {
      const lease = await open();
      expect(await lease.claim('one', testCall())).toBe(true);
      expect(await lease.claim('one', testCall())).toBe(true);
      expect(await lease.claim('two', testCall())).toBe(false);
      await lease.release('two', testCall());
      expect(await lease.claim('two', testCall())).toBe(false);
      await lease.release('one', testCall());
      expect(await lease.claim('two', testCall())).toBe(true);
    });

    test('of several that claim at once one is given the right, whatever they are named', async () => {
      const lease = await open();
      const names = [ownerName(), ownerName(), 'owner with spaces', '1'];
      const claims = await Promise.all(names.map((one) => lease.claim(one, testCall())));
      expect(claims.filter(Boolean)).toHaveLength(1);
    });

    test('keeps the right of a process on another machine, of which nobody here can tell whether it has ended', async () => {
      const lease = await open();
      const elsewhere = `elsewhere/boot/1 ${2 ** 22 + 1} 1 0123456789ab`;
      expect(await lease.claim(elsewhere, testCall())).toBe(true);
      expect(await lease.claim('me', testCall())).toBe(false);
    });

    test('gives the right of a process that has ended to the next one', async () => {
      const lease = await open();
      // No process has so high a number.
      const dead = ownerName().replace(` ${process.pid} `, ` ${2 ** 22 + 1} `);

      expect(await lease.claim(dead, testCall())).toBe(true);
      expect(await lease.claim('me', testCall())).toBe(true);
      expect(await lease.claim('another', testCall())).toBe(false);
      await lease.release('me', testCall());
      expect(await lease.claim('another', testCall())).toBe(true);
    });
  });
}
