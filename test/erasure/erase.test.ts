import { expect, onTestFinished, test } from 'vitest';
import { owner } from '../../src/call.ts';
import { createErasure } from '../../src/erasure/erase.ts';
import { HydrogenError } from '../../src/errors.ts';
import { createEmbeddedAuditLog } from '../../src/stores/embedded/audit/audit.ts';
import { createEmbeddedJournal } from '../../src/stores/embedded/journal/journal.ts';
import { createEmbeddedStore } from '../../src/stores/embedded/store.ts';
import { temporaryDirectory, testCall } from '../support/call.ts';

test('what a caller is found by stays as long as its exports cannot be erased', async () => {
  const file = createEmbeddedStore(await temporaryDirectory(), 1);
  onTestFinished(() => file.close());
  const journal = createEmbeddedJournal(file);
  const of = { workflow: 'w', version: '1.0.0', definition: '{}', sha256: 'a', input: '{}' };
  await journal.create({ ...of, id: 'run-1', caller: { ...owner, id: 'a1', name: 'Ann' } }, testCall());
  await journal.requestCancel('run-1', testCall());
  let isAway = true;
  const erasure = createErasure({
    ...{ journal, audit: createEmbeddedAuditLog(file) },
    exports: {
      count: async () => 0,
      async erase() {
        if (isAway) throw new HydrogenError('unavailable', 'The folder is away.');
        return 2;
      },
    },
    cache: { count: async () => 0, clear: async () => 0 },
    apiKeys: { list: async () => [] },
  });
  const erased = async () => {
    const outcomes = await erasure.erase({ caller: 'Ann' }, ['runs', 'exports'], testCall());
    return Object.fromEntries(outcomes.map(({ what, count }) => [what, count]));
  };
  expect(await erased()).toEqual({ runs: 0, exports: 0 });
  isAway = false;
  expect(await erased()).toEqual({ runs: 1, exports: 2 });
});

test('what was erased until the call was cancelled is told, for the record', async () => {
  const file = createEmbeddedStore(await temporaryDirectory(), 1);
  onTestFinished(() => file.close());
  const journal = createEmbeddedJournal(file);
  const of = { workflow: 'w', version: '1.0.0', definition: '{}', sha256: 'a', input: '{}' };
  for (let i = 0; i < 60; i++) {
    await journal.create({ ...of, id: `run-${i}`, caller: owner }, testCall());
    await journal.requestCancel(`run-${i}`, testCall());
  }
  const cancelling = new AbortController();
  const erasure = createErasure({
    ...{ journal, audit: createEmbeddedAuditLog(file) },
    exports: { count: async () => 0, erase: async () => 0 },
    cache: { count: async () => 0, clear: async () => 0 },
    apiKeys: { list: async () => [] },
  });
  const erased: unknown[] = [];
  const call = testCall({ signal: cancelling.signal });
  const work = erasure.erase({ workflow: 'w' }, ['runs'], call, (what, count) => {
    erased.push([what, count]);
    cancelling.abort();
  });
  await expect(work).rejects.toThrow(/cancelled/);
  expect(erased).toEqual([['runs', 50]]);
  expect((await journal.count({}, testCall())).ended).toBe(10);
});
