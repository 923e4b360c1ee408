// What one caller may have of the exports, beside others.
import { expect, test } from 'vitest';
import type { Call } from '../../../src/call.ts';
import { createExportsFolder } from '../../../src/stores/documents/export/exports-folder.ts';
import { withShares } from '../../../src/stores/documents/export/shares.ts';
import { temporaryDirectory, testCall } from '../../support/call.ts';

const callOf = (id: string): Call => testCall({ caller: { id, scopes: ['read'] } });
const [ada, bob] = [callOf('key:ada'), callOf('key:bob')];

/** Two processes on one store, where everybody but the owner may have so many bytes. */
async function shared(share: number) {
  const directory = await temporaryDirectory();
  let hits = 0;
  const process = () =>
    withShares(createExportsFolder(directory), {
      of: ({ id }) => (id === 'owner' ? undefined : share),
      hit: () => hits++,
    });
  return { first: process(), second: process(), hits: () => hits };
}

const text = (bytes: number) => (sink: (text: string) => Promise<void>) => sink('x'.repeat(bytes));

test('a caller whose exports have no room left is told when the first of them ends, by every process', async () => {
  const { first, second, hits } = await shared(10_000);
  await first.write('jsonl', text(9_000), ada);
  await expect(second.write('jsonl', text(2_000), ada)).rejects.toMatchObject({
    code: 'too_many',
    message: expect.stringMatching(
      /have 9,000 bytes, .* more than the 10,000 bytes .*limits\.exportBytes.* try again in 24 hours/,
    ),
  });
  expect(hits()).toBe(1);
  expect((await second.held(ada)).bytes).toBe(9_000);
});

test('other callers have a share of their own, and whoever has no limit has none', async () => {
  const { first } = await shared(10_000);
  await first.write('jsonl', text(9_000), ada);
  await first.write('jsonl', text(9_000), bob);
  await first.write('jsonl', text(90_000), testCall());
  expect((await first.held(bob)).bytes).toBe(9_000);
});

test('one that alone is larger than the share is refused as too large, and nothing of it is kept', async () => {
  const { first } = await shared(10_000);
  await expect(first.write('jsonl', text(20_000), ada)).rejects.toMatchObject({
    code: 'too_large',
    message: expect.stringMatching(/larger than the 10,000 bytes .*Narrow the filter or the fields/),
  });
  expect(await first.held(ada)).toEqual({ bytes: 0 });
});

test('those under way count before they are complete, and no longer when they fail', async () => {
  const { first } = await shared(10_000);
  const { promise, reject } = Promise.withResolvers<void>();
  const begun = Promise.withResolvers<void>();
  const slow = first.write(
    'jsonl',
    async (sink) => {
      await sink('x'.repeat(9_000));
      begun.resolve();
      await promise;
    },
    ada,
  );
  await begun.promise;
  await expect(first.write('jsonl', text(5_000), ada)).rejects.toThrow(/limits\.exportBytes/);
  reject(new Error('interrupted'));
  await expect(slow).rejects.toThrow('interrupted');
  await first.write('jsonl', text(5_000), ada);
});

test('one that was completed elsewhere meanwhile counts: of two that do not fit together one is kept', async () => {
  const { first, second } = await shared(10_000);
  const one = first.write(
    'jsonl',
    async (sink) => {
      await sink('x'.repeat(6_000));
      await second.write('jsonl', text(6_000), ada);
    },
    ada,
  );
  await expect(one).rejects.toThrow(/limits\.exportBytes/);
  expect((await first.held(ada)).bytes).toBe(6_000);
});
