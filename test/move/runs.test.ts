// What nodes agree on goes with the runs: keys, and confirmations that were used.
import { expect, onTestFinished, test } from 'vitest';
import { moveRuns, planRuns } from '../../src/move/runs.ts';
import type { RunsSide } from '../../src/move/sides.ts';
import { createSigner } from '../../src/policy/signing.ts';
import { createKeyFileArchive, openDataDirectory } from '../../src/stores/data-directory.ts';
import { createEmbeddedApiKeys } from '../../src/stores/embedded/api-keys/api-keys.ts';
import { createEmbeddedConfirmations } from '../../src/stores/embedded/confirmations/confirmations.ts';
import {
  createEmbeddedJournal,
  createEmbeddedJournalArchive,
} from '../../src/stores/embedded/journal/journal.ts';
import { createEmbeddedStore } from '../../src/stores/embedded/store.ts';
import { temporaryDirectory, testCall } from '../support/call.ts';

const call = testCall({ deadline: Number.POSITIVE_INFINITY });
const names = { from: 'the first', to: 'the second' };

async function opened(): Promise<RunsSide & { readonly directory: string }> {
  const directory = await temporaryDirectory();
  const file = createEmbeddedStore(directory, 1);
  onTestFinished(() => file.close());
  return {
    directory,
    journal: createEmbeddedJournal(file),
    archive: createEmbeddedJournalArchive(file),
    keys: createKeyFileArchive(directory),
    apiKeys: createEmbeddedApiKeys(file),
    spent: createEmbeddedConfirmations(file),
  };
}

async function moving(from: RunsSide, to: RunsSide, merge = false) {
  const way = { from, to, names };
  return moveRuns(way, await planRuns(way, { merge }, call), { step() {} }, call);
}

test('what either side has signed is valid at the target, and the source goes on signing there', async () => {
  const [first, second] = [await opened(), await opened()];
  const tokens = [];
  for (const { directory } of [first, second])
    tokens.push(createSigner(await openDataDirectory(directory)).sign('cursor', directory));
  expect((await moving(first, second)).differences).toEqual([]);
  const signer = createSigner(await openDataDirectory(second.directory));
  expect(tokens.map((token) => signer.verify('cursor', token))).toEqual([first.directory, second.directory]);
  expect(signer.sign('cursor', first.directory)).toBe(tokens[0]);
  // A second time changes nothing.
  const keys = await second.keys.read(call);
  await moving(first, second);
  expect(await second.keys.read(call)).toEqual(keys);
});

test('where the source has signed nothing yet, the target keeps its keys', async () => {
  const [first, second] = [await opened(), await opened()];
  const keys = await openDataDirectory(second.directory);
  await moving({ ...first, keys: { ...first.keys, read: async () => undefined } }, second);
  expect(await second.keys.read(call)).toEqual(keys);
});

test('API keys go along, and one that was revoked on either side is so at the target', async () => {
  const [first, second] = [await opened(), await opened()];
  const key = (id: string, createdAt: number) => ({
    id,
    name: id,
    hash: '00',
    scopes: ['read'] as const,
    createdAt,
  });
  for (const [id, createdAt] of [
    ['good', 1],
    ['here', 2],
    ['there', 3],
  ] as const)
    await first.apiKeys.add(key(id, createdAt), call);
  await first.apiKeys.revoke('here', 10, call);
  await second.apiKeys.add(key('there', 3), call);
  await second.apiKeys.revoke('there', 11, call);
  await second.apiKeys.add(key('own', 4), call);
  expect((await moving(first, second)).differences).toEqual([]);
  expect(await second.apiKeys.list(call)).toEqual([
    key('good', 1),
    { ...key('here', 2), revokedAt: 10 },
    { ...key('there', 3), revokedAt: 11 },
    key('own', 4),
  ]);
});

test('a confirmation that was used is used at the target, too', async () => {
  const [first, second] = [await opened(), await opened()];
  const later = Date.now() + 60_000;
  await first.spent.use('used', later, call);
  await first.spent.use('expired', Date.now() - 1, call);
  await moving(first, second);
  expect(await second.spent.unexpired(call)).toEqual([{ nonce: 'used', expires: later }]);
  expect(await second.spent.use('used', later, call)).toBe(false);
});

test('other runs at the target are refused by their id, and kept with --merge', async () => {
  const [first, second] = [await opened(), await opened()];
  const run = { id: 'run-other', caller: call.caller, workflow: 'w', version: '1.0.0', input: '{}' };
  await second.journal.create({ ...run, definition: '{}', sha256: 'a' }, call);
  await second.journal.requestCancel('run-other', call);
  await expect(moving(first, second)).rejects.toThrow(/other runs in the second: run-other, which the first/);
  expect((await moving(first, second, true)).differences).toEqual([]);
  expect(await second.archive.ended(undefined, 10, call)).toEqual(['run-other']);
});
