import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { HydrogenError } from '../src/errors.ts';
import { createProbes } from '../src/probes.ts';
import type { ServerStatus } from '../src/stores/store-status.ts';
import { temporaryDirectory, testCall } from './support/call.ts';

/** What health says of a server; no other part is looked at. */
async function said(ping: ServerStatus['ping']) {
  const status: ServerStatus = {
    name: 'passages',
    where: 'Qdrant server, collection "docs"',
    of: 'the passages',
    ping,
  };
  const parts = { servers: [status] } as unknown as Parameters<typeof createProbes>[0];
  const probe = createProbes(parts).find(({ name }) => name === 'passages');
  return { required: probe?.required, ...(await probe?.check(testCall())) };
}

test('any server that holds data is a part of health, in its own words', async () => {
  expect(await said(async () => 3.2)).toEqual({
    required: false,
    state: 'up',
    detail: 'Qdrant server, collection "docs", answers in 4 ms',
  });
});

test('a server that does not answer is down, with what to do', async () => {
  const advice = 'Check the setting qdrantUrl.';
  expect(await said(() => Promise.reject(new HydrogenError('unavailable', advice)))).toEqual({
    required: false,
    state: 'down',
    detail: 'Qdrant server, collection "docs", does not answer',
    action: advice,
  });
  expect(await said(() => Promise.reject(new HydrogenError('timeout', 'late')))).toMatchObject({
    state: 'down',
    action:
      'Check that the server of the passages runs and can be reached at that address; calls work again as soon as it answers.',
  });
});

test('a check of definitions goes on when its call is over, and is said to be going on only the first time', async () => {
  let begun = 0;
  let end = (_error: unknown): void => {};
  const status = () => {
    begun++;
    return new Promise((_, reject) => {
      end = reject;
    });
  };
  const parts = { servers: [], workflows: { status } } as unknown as Parameters<typeof createProbes>[0];
  const probe = createProbes(parts).find(({ name }) => name === 'workflows');
  const asked = () => probe?.check(testCall({ deadline: Date.now() + 600 }));

  expect(await asked()).toMatchObject({ state: 'starting' });
  expect(await asked()).toMatchObject({ state: 'starting' });
  expect(begun).toBe(1);
  end(new HydrogenError('timeout', 'It took too long.'));

  await vi.waitFor(() => expect(asked()).rejects.toMatchObject({ code: 'timeout' }));
  await expect(asked()).rejects.toMatchObject({ code: 'timeout' });
  expect(begun).toBe(2);
});

async function storeAt(dataDirectory: string, hasLog = true) {
  const status = {
    statistics: async () => ({ bytes: 1_000_000, freeBytes: 0, format: 9, hasLog }),
    event: () => undefined,
  };
  const parts = { servers: [], status, dataDirectory } as unknown as Parameters<typeof createProbes>[0];
  return createProbes(parts)
    .find(({ name }) => name === 'store')
    ?.check(testCall());
}

test('a store in a folder that a program keeps the same on several computers works, and is warned of', async () => {
  const directory = join(await temporaryDirectory(), 'Dropbox', 'hydrogen');
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const { state, action } = (await storeAt(directory)) ?? {};
  expect([state, action]).toEqual(['up', expect.stringMatching(/"Dropbox".*HYDROGEN_DATA_DIR/)]);
});

test('a store without a log is warned of', async () => {
  expect(await storeAt(await temporaryDirectory(), false)).toMatchObject({
    action: expect.stringMatching(/keeps no log/),
  });
});
