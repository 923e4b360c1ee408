// What every store of used confirmations does, in the words of its callers.
import { describe, expect, test } from 'vitest';
import type { SpentConfirmations } from '../../../src/policy/confirmation.ts';
import { testCall } from '../../support/call.ts';

/** How to open an empty store, as so many processes see it. */
interface ConfirmationsFixture {
  readonly name: string;
  open(processes: number): Promise<readonly SpentConfirmations[]>;
}

const inAMinute = (): number => Date.now() + 60_000;

export function confirmationsContract({ name, open }: ConfirmationsFixture): void {
  describe(`used confirmations (${name})`, () => {
    test('a confirmation is used once', async () => {
      const [spent] = await open(1);
      expect(await spent?.use('one', inAMinute(), testCall())).toBe(true);
      expect(await spent?.use('one', inAMinute(), testCall())).toBe(false);
      expect(await spent?.use('another', inAMinute(), testCall())).toBe(true);
    });

    test('one that another process has used is used', async () => {
      const [first, second] = await open(2);
      await first?.use('one', inAMinute(), testCall());
      expect(await second?.use('one', inAMinute(), testCall())).toBe(false);
    });

    test('of four processes that race for one, forty times, one wins each time', async () => {
      const processes = await open(4);
      const wins: number[] = [];
      for (let race = 0; race < 40; race++) {
        const uses = await Promise.all(
          processes.map((spent) => spent.use(`race ${race}`, inAMinute(), testCall())),
        );
        wins.push(uses.filter(Boolean).length);
      }
      expect(wins).toEqual(Array(40).fill(1));
    });

    test('forty uses of one at once give one yes', async () => {
      const processes = await open(4);
      const uses = await Promise.all(
        Array.from({ length: 40 }, (_, i) => processes[i % 4]?.use('one', inAMinute(), testCall())),
      );
      expect(uses.filter(Boolean)).toHaveLength(1);
    });

    test('one that has expired is still known to be used', async () => {
      const [spent] = await open(1);
      const expired = Date.now() - 60 * 60 * 1_000;
      await spent?.use('one', expired, testCall());
      await spent?.use('another', inAMinute(), testCall());
      expect(await spent?.use('one', expired, testCall())).toBe(false);
    });

    test('a call that is over uses nothing', async () => {
      const [spent] = await open(1);
      const over = testCall({ deadline: Date.now() - 1 });
      await expect(spent?.use('one', inAMinute(), over)).rejects.toMatchObject({ code: 'timeout' });
      expect(await spent?.use('one', inAMinute(), testCall())).toBe(true);
    });
  });
}
