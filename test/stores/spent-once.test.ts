import { expect, test } from 'vitest';
import { spentOnce } from '../../src/stores/confirmations/spent-once.ts';
import { testCall } from '../support/call.ts';

test('a confirmation that was used counts as used though the store file was put back to an earlier state', async () => {
  const spent = spentOnce({ use: async () => true });
  expect(await spent.use('one', Date.now() + 60_000, testCall())).toBe(true);
  expect(await spent.use('one', Date.now() + 60_000, testCall())).toBe(false);
  expect(await spent.use('another', Date.now() + 60_000, testCall())).toBe(true);
});

test('a confirmation whose use could not be recorded may be used', async () => {
  let works = false;
  const spent = spentOnce({
    async use() {
      if (!works) throw new Error('unavailable');
      return true;
    },
  });
  await expect(spent.use('one', Date.now() + 60_000, testCall())).rejects.toThrow();
  works = true;
  expect(await spent.use('one', Date.now() + 60_000, testCall())).toBe(true);
});
