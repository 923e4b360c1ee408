// What is taken out of one journal and put into another is the same there.
import { describe, expect, test } from 'vitest';
import { owner } from '../../../src/call.ts';
import type { JournalArchive } from '../../../src/stores/journal/archive.ts';
import type { Journal, NewRun, StepWrite } from '../../../src/stores/journal/types.ts';
import { testCall } from '../../support/call.ts';

interface OpenedJournal {
  readonly journal: Journal;
  readonly archive: JournalArchive;
}

interface JournalArchiveFixture {
  readonly name: string;
  readonly skip?: string;
  from(): Promise<OpenedJournal>;
  to(): Promise<OpenedJournal>;
}

const call = testCall({ deadline: Number.POSITIVE_INFINITY });

const ada = { id: 'ada', name: 'Ada', scopes: ['read'] as const, roles: ['analyst'], claims: { tenant: 1 } };

const newRun = (id: string, more: Partial<NewRun> = {}): NewRun => ({
  ...{ id, caller: owner, workflow: 'w', version: '1.0.0', definition: '{"b":1,"a":2}', sha256: 'abc' },
  input: '{"x":1}',
  ...more,
});

const step = (reference: string, state: StepWrite['state'], more: Partial<StepWrite> = {}): StepWrite => ({
  ...{ reference, name: reference.slice(1), kind: 'set', state, startedAt: 5 },
  ...more,
});

/** A run with a step that was begun twice, a skipped one, and one with a large result. */
async function fill(journal: Journal): Promise<void> {
  await journal.create(newRun('run-a', { idempotencyKey: 'key', caller: ada }), call);
  const claimed = await journal.claim({ owner: 'one', leaseMs: 60_000, exited: [] }, call);
  if (!claimed) throw new Error('nothing to claim');
  const { lease } = claimed;
  await journal.record(lease, [step('/one', 'running')], call);
  await journal.record(
    lease,
    [step('/one', 'running'), step('/two', 'skipped', { result: { output: 'null' } })],
    call,
  );
  const result = { output: '{"ä":"😀"}', context: '{"c":1}', next: '/three' };
  await journal.record(lease, [step('/one', 'completed', { result, note: 'nothing found' })], call);
  const large = { output: JSON.stringify('x'.repeat(5_000_000)) };
  await journal.record(lease, [step('/three', 'completed', { result: large })], call);
  await journal.finish(lease, { state: 'completed', output: '{"done":true}' }, call);
  await journal.create(newRun('run-b'), call);
  await journal.requestCancel('run-b', call);
  await journal.create(newRun('run-c'), call);
}

const answersOf = async ({ journal }: OpenedJournal, id: string) => ({
  run: await journal.get(id, call),
  steps: await journal.steps(id, call),
  journaled: await journal.journaled(id, call),
});

async function copyAll(from: OpenedJournal, to: OpenedJournal): Promise<readonly string[]> {
  const ids = await from.archive.ended(undefined, 10, call);
  for (const id of ids) {
    const run = await from.archive.read(id, call);
    if (run) await to.archive.write(run, call);
  }
  return ids;
}

export function journalArchiveContract({ name, skip = '', from, to }: JournalArchiveFixture): void {
  describe.skipIf(skip !== '')(`the archive of a journal (${name})${skip}`, () => {
    test('runs that have ended are the same there, with their steps, results and attempts', async () => {
      const [first, second] = [await from(), await to()];
      await fill(first.journal);
      expect(await copyAll(first, second)).toEqual(['run-a', 'run-b']);
      // A second time changes nothing.
      await copyAll(first, second);
      for (const id of ['run-a', 'run-b'])
        expect(await answersOf(second, id)).toEqual(await answersOf(first, id));
      expect(await second.archive.read('run-a', call)).toEqual(await first.archive.read('run-a', call));
      expect(await second.journal.recent({ limit: 10 }, call)).toHaveLength(2);
      expect(await second.archive.ended('run-a', 10, call)).toEqual(['run-b']);
    });

    test('the idempotency key still finds its run, and keeps another one with it out', async () => {
      const [first, second] = [await from(), await to()];
      await fill(first.journal);
      await copyAll(first, second);
      const again = await second.journal.create(
        newRun('run-z', { idempotencyKey: 'key', caller: ada }),
        call,
      );
      expect(again).toMatchObject({ created: false, run: { id: 'run-a' } });
      const archived = await first.archive.read('run-a', call);
      if (!archived) throw new Error('no run');
      const other = { ...archived, run: { ...archived.run, id: 'run-y' } };
      await expect(second.archive.write(other, call)).rejects.toMatchObject({ code: 'conflict' });
    });
  });
}
