// What every journal of runs does, in the words of its callers.
import { setTimeout } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { owner } from '../../../src/call.ts';
import type { JournalArchive } from '../../../src/stores/journal/archive.ts';
import type {
  ChosenRuns,
  Journal,
  NewRun,
  RunRecord,
  StepWrite,
  Verdicts,
} from '../../../src/stores/journal/types.ts';
import { testCall } from '../../support/call.ts';

const call = testCall({ deadline: Number.POSITIVE_INFINITY });

function newRun(id: string, more: Partial<NewRun> = {}): NewRun {
  const run = {
    id,
    caller: owner,
    workflow: 'w',
    version: '1.0.0',
    definition: '{}',
    sha256: 'abc',
    input: '{"x":1}',
  };
  return { ...run, ...more };
}

function step(reference: string, state: StepWrite['state'], output?: string): StepWrite {
  const base = { reference, name: reference.slice(1), kind: 'set', state, startedAt: 1 };
  return output === undefined ? base : { ...base, result: { output } };
}

const claim = (name: string, leaseMs = 60_000, exited: string[] = []) => ({ owner: name, leaseMs, exited });

/** How to open a journal, empty. */
interface JournalFixture {
  readonly name: string;
  open(): Promise<{
    readonly journal: Journal;
    readonly verdicts: Verdicts;
    readonly archive: JournalArchive;
  }>;
}

export function journalContract({ name, open }: JournalFixture): void {
  describe(`a journal (${name})`, () => {
    test('a run is journaled with its caller, and read back', async () => {
      const { journal } = await open();
      const { run, created } = await journal.create(newRun('run-a'), call);
      expect(created).toBe(true);
      expect(run).toMatchObject({
        id: 'run-a',
        caller: owner,
        state: 'pending',
        revision: 0,
        input: '{"x":1}',
      });
      expect(await journal.get('run-a', call)).toEqual(run);
    });

    test('runs are executed in the order in which they came, each by one process', async () => {
      const { journal } = await open();
      await journal.create(newRun('run-a'), call);
      await journal.create(newRun('run-b'), call);
      expect((await journal.claim(claim('one'), call))?.run.id).toBe('run-a');
      expect((await journal.claim(claim('two'), call))?.run.id).toBe('run-b');
      expect(await journal.claim(claim('three'), call)).toBeUndefined();
    });

    test('a process that lost its lease cannot write any more', async () => {
      const { journal } = await open();
      await journal.create(newRun('run-a'), call);
      const first = await journal.claim(claim('one', 1), call);
      await setTimeout(10);
      const second = await journal.claim(claim('two'), call);
      expect(second?.lease.fence).toBe((first?.lease.fence ?? 0) + 1);
      expect(second?.crashes).toBe(1);
      if (!first || !second) throw new Error('not claimed');
      const late = [step('/a', 'completed', '1')];
      await expect(journal.record(first.lease, late, call)).rejects.toMatchObject({ code: 'conflict' });
      await expect(
        journal.finish(first.lease, { state: 'completed', output: '1' }, call),
      ).rejects.toMatchObject({
        code: 'conflict',
      });
      await expect(journal.release(first.lease, undefined, call)).rejects.toMatchObject({ code: 'conflict' });
      expect(await journal.steps('run-a', call)).toEqual([]);
      await journal.record(second.lease, late, call);
      expect(await journal.steps('run-a', call)).toHaveLength(1);
    });

    test('even the same process cannot write with an older lease', async () => {
      const { journal } = await open();
      await journal.create(newRun('run-a'), call);
      const first = await journal.claim(claim('one', 1), call);
      await setTimeout(10);
      await journal.claim(claim('one'), call);
      if (!first) throw new Error('not claimed');
      await expect(journal.record(first.lease, [], call)).rejects.toMatchObject({ code: 'conflict' });
    });

    test('a renewed lease is kept, and the owner learns of a wish to cancel', async () => {
      const { journal } = await open();
      await journal.create(newRun('run-a'), call);
      const claimed = await journal.claim(claim('one', 1), call);
      if (!claimed) throw new Error('not claimed');
      expect(await journal.renew([claimed.lease], 60_000, call)).toEqual([
        { run: 'run-a', held: true, cancelRequested: false },
      ]);
      expect(await journal.claim(claim('two'), call)).toBeUndefined();
      expect((await journal.requestCancel('run-a', call))?.state).toBe('running');
      expect(await journal.renew([claimed.lease], 60_000, call)).toEqual([
        { run: 'run-a', held: true, cancelRequested: true },
      ]);
    });

    test('the runs of an owner that has exited are taken at once', async () => {
      const { journal } = await open();
      await journal.create(newRun('run-a'), call);
      await journal.claim(claim('one'), call);
      expect((await journal.unfinished(call)).leases).toMatchObject([{ owner: 'one' }]);
      expect(await journal.claim(claim('two', 60_000, ['other']), call)).toBeUndefined();
      expect((await journal.claim(claim('two', 60_000, ['one']), call))?.run.id).toBe('run-a');
    });

    test('a step that completes starts the count of crashes anew; one that is given back is no crash', async () => {
      const { journal } = await open();
      await journal.create(newRun('run-a'), call);
      await journal.claim(claim('one'), call);
      await journal.claim(claim('two', 60_000, ['one']), call);
      const third = await journal.claim(claim('three', 60_000, ['two']), call);
      if (!third) throw new Error('not claimed');
      expect(third.crashes).toBe(2);
      await journal.record(third.lease, [step('/a', 'completed', '1')], call);
      await journal.release(third.lease, undefined, call);
      expect((await journal.claim(claim('four'), call))?.crashes).toBe(0);
    });

    /** A journal whose one run, `run-a`, is suspended until then. */
    async function withSuspended(until: number): Promise<{ journal: Journal; run: RunRecord }> {
      const { journal } = await open();
      await journal.create(newRun('run-a'), call);
      const claimed = await journal.claim(claim('one'), call);
      if (!claimed) throw new Error('not claimed');
      await journal.release(claimed.lease, until, call);
      return { journal, run: claimed.run };
    }

    test('a run that is suspended until later is not claimed before', async () => {
      const until = Date.now() + 60_000;
      const { journal } = await withSuspended(until);
      expect(await journal.get('run-a', call)).toMatchObject({ state: 'pending', suspendedUntil: until });
      const found = { pending: 0, suspended: 1, wakeAt: until, leases: [] };
      expect(await journal.unfinished(call)).toEqual(found);
      expect(await journal.claim(claim('two', 60_000, ['one']), call)).toBeUndefined();
    });

    test('a suspended run is claimed once its time has come, and that is no crash', async () => {
      const until = Date.now() + 50;
      const { journal, run } = await withSuspended(until);
      while (Date.now() < until) await setTimeout(10);
      expect(await journal.unfinished(call)).toEqual({ pending: 1, suspended: 0, leases: [] });
      const second = await journal.claim(claim('two'), call);
      expect(second).toMatchObject({ crashes: 0, run: { startedAt: run.startedAt } });
      expect(second?.run).not.toHaveProperty('suspendedUntil');
    });

    test('the first of the runs that are suspended says when to wake', async () => {
      const { journal } = await open();
      const begun = Date.now();
      for (const [id, until] of [
        ['run-a', begun + 90_000],
        ['run-b', begun + 60_000],
        ['run-c', undefined],
      ] as const) {
        await journal.create(newRun(id), call);
        const claimed = await journal.claim(claim('one'), call);
        if (!claimed) throw new Error('not claimed');
        await journal.release(claimed.lease, until, call);
      }
      const found = { pending: 1, suspended: 2, wakeAt: begun + 60_000 };
      expect(await journal.unfinished(call)).toMatchObject(found);
      expect((await journal.claim(claim('one'), call))?.run.id).toBe('run-c');
    });

    test('a suspended run that is cancelled has ended', async () => {
      const { journal } = await open();
      await journal.create(newRun('run-a'), call);
      const claimed = await journal.claim(claim('one'), call);
      if (!claimed) throw new Error('not claimed');
      await journal.release(claimed.lease, Date.now() + 60_000, call);
      const ended = await journal.requestCancel('run-a', call);
      expect(ended).toMatchObject({ state: 'cancelled', finishedAt: expect.any(Number) });
      expect(ended).not.toHaveProperty('suspendedUntil');
      expect(await journal.unfinished(call)).toEqual({ pending: 0, suspended: 0, leases: [] });
    });

    test('a run that was cancelled just before it is suspended is claimed at once, to end it', async () => {
      const { journal } = await open();
      await journal.create(newRun('run-a'), call);
      const claimed = await journal.claim(claim('one'), call);
      if (!claimed) throw new Error('not claimed');
      await journal.requestCancel('run-a', call);
      await journal.release(claimed.lease, Date.now() + 60_000, call);
      expect(await journal.claim(claim('two'), call)).toMatchObject({ cancelRequested: true });
    });

    test('a step that is started again counts its attempts and keeps its first start; only ended steps have results', async () => {
      const { journal } = await open();
      await journal.create(newRun('run-a'), call);
      const claimed = await journal.claim(claim('one'), call);
      if (!claimed) throw new Error('not claimed');
      await journal.record(claimed.lease, [step('/a', 'running')], call);
      await journal.record(claimed.lease, [{ ...step('/a', 'running'), startedAt: 2 }], call);
      await journal.record(claimed.lease, [step('/a', 'completed', '{"y":2}'), step('/b', 'running')], call);
      expect(await journal.steps('run-a', call)).toMatchObject([
        { reference: '/a', attempts: 2, state: 'completed', finishedAt: expect.any(Number) },
        { reference: '/b', attempts: 1, state: 'running' },
      ]);
      expect(await journal.journaled('run-a', call)).toEqual(
        new Map([
          ['/a', { startedAt: 1, result: { output: '{"y":2}' } }],
          ['/b', { startedAt: 1 }],
        ]),
      );
    });

    test('a pending run that is cancelled has ended; an ended run stays as it is', async () => {
      const { journal } = await open();
      await journal.create(newRun('run-a'), call);
      expect(await journal.requestCancel('run-a', call)).toMatchObject({
        state: 'cancelled',
        finishedAt: expect.any(Number),
      });
      expect(await journal.claim(claim('one'), call)).toBeUndefined();
      const before = await journal.get('run-a', call);
      expect(await journal.requestCancel('run-a', call)).toEqual(before);
    });

    test('the steps of a run together have a limit', async () => {
      const { journal } = await open();
      await journal.create(newRun('run-a'), call);
      const claimed = await journal.claim(claim('one'), call);
      if (!claimed) throw new Error('not claimed');
      const large = 'x'.repeat(33 * 1024 * 1024);
      await journal.record(claimed.lease, [step('/a', 'completed', large)], call);
      await expect(
        journal.record(claimed.lease, [step('/b', 'completed', large)], call),
      ).rejects.toMatchObject({
        code: 'too_large',
        message: expect.stringMatching(/exceed 64 MiB in all/),
      });
    });

    test('of many calls with the same key at once, one makes a run and all are given it', async () => {
      const { journal } = await open();
      const made = await Promise.all(
        Array.from({ length: 20 }, (_, i) =>
          journal.create(newRun(`run-${i}`, { idempotencyKey: 'once' }), call),
        ),
      );
      expect(made.filter(({ created }) => created)).toHaveLength(1);
      expect(new Set(made.map(({ run }) => run.id)).size).toBe(1);
      expect(await journal.recent({ limit: 30 }, call)).toHaveLength(1);
    });

    test('a key counts for its caller alone', async () => {
      const { journal } = await open();
      const other = { id: 'other', scopes: ['read'] as const };
      await journal.create(newRun('run-a', { idempotencyKey: 'once' }), call);
      const made = await journal.create(newRun('run-b', { idempotencyKey: 'once', caller: other }), call);
      expect(made).toMatchObject({ created: true, run: { id: 'run-b', caller: other } });
    });

    test('a run keeps what is known of its caller', async () => {
      const { journal } = await open();
      const caller = {
        id: 'https://id.example|ada',
        name: 'Ada',
        scopes: ['read', 'run'] as const,
        roles: ['analyst'],
        claims: { tenant: 'north', 'a.b': ['$x', 1] },
      };
      await journal.create(newRun('run-a', { caller }), call);
      expect((await journal.claim(claim('one'), call))?.run.caller).toEqual(caller);
      expect((await journal.recent({ limit: 1 }, call))[0]?.caller).toEqual(caller);
    });

    test('runs that many claim at once are given to one each', async () => {
      const { journal } = await open();
      for (let i = 0; i < 10; i++) await journal.create(newRun(`run-${i}`), call);
      const claimed = await Promise.all(
        Array.from({ length: 20 }, (_, i) => journal.claim(claim(`owner ${i}`), call)),
      );
      const runs = claimed.flatMap((one) => one?.run.id ?? []);
      expect(runs.sort()).toEqual(Array.from({ length: 10 }, (_, i) => `run-${i}`));
    });

    test('a list shows the newest runs first, of one caller if asked, and no outputs', async () => {
      const { journal } = await open();
      await journal.create(newRun('run-a'), call);
      const claimed = await journal.claim(claim('one'), call);
      if (!claimed) throw new Error('not claimed');
      await journal.finish(claimed.lease, { state: 'completed', output: '{"y":1}' }, call);
      await setTimeout(2);
      await journal.create(newRun('run-b', { caller: { id: 'other', scopes: [] } }), call);
      const all = await journal.recent({ limit: 10 }, call);
      expect(all.map(({ id }) => id)).toEqual(['run-b', 'run-a']);
      expect(all[1]).not.toHaveProperty('output');
      const own = await journal.recent({ limit: 10, caller: owner.id }, call);
      expect(own.map(({ id }) => id)).toEqual(['run-a']);
      expect(await journal.recent({ limit: 1 }, call)).toHaveLength(1);
    });

    test('how a run ended is read back, and its lease is over', async () => {
      const { journal } = await open();
      for (const id of ['run-a', 'run-b']) await journal.create(newRun(id), call);
      const [first, second] = [
        await journal.claim(claim('one'), call),
        await journal.claim(claim('one'), call),
      ];
      if (!first || !second) throw new Error('not claimed');
      await journal.finish(first.lease, { state: 'completed', output: '{"y":1}' }, call);
      const error = { type: 't', status: 500, title: 'T', detail: 'd', instance: '/a' };
      await journal.finish(second.lease, { state: 'faulted', error }, call);
      const ended = { finishedAt: expect.any(Number) };
      expect(await journal.get('run-a', call)).toMatchObject({
        ...ended,
        state: 'completed',
        output: '{"y":1}',
      });
      expect(await journal.get('run-b', call)).toMatchObject({ ...ended, state: 'faulted', error });
      expect(await journal.unfinished(call)).toEqual({ pending: 0, suspended: 0, leases: [] });
      expect(await journal.claim(claim('two', 1, ['one']), call)).toBeUndefined();
    });

    test('steps that failed are shown and executed again; what was skipped is not', async () => {
      const { journal } = await open();
      await journal.create(newRun('run-a'), call);
      const claimed = await journal.claim(claim('one'), call);
      if (!claimed) throw new Error('not claimed');
      const skipped = { ...step('/b', 'skipped', '1'), result: { output: '1', context: '2', next: 'end' } };
      await journal.record(claimed.lease, [step('/a', 'faulted'), skipped], call);
      const states = (await journal.steps('run-a', call)).map(({ state }) => state);
      expect(states).toEqual(['faulted', 'skipped']);
      expect(await journal.journaled('run-a', call)).toEqual(
        new Map([['/b', { startedAt: 1, result: { output: '1', context: '2', next: 'end' } }]]),
      );
    });

    test('a run, and steps, that are not there', async () => {
      const { journal } = await open();
      expect(await journal.get('run-a', call)).toBeUndefined();
      expect(await journal.steps('run-a', call)).toEqual([]);
      expect(await journal.journaled('run-a', call)).toEqual(new Map());
      expect(await journal.requestCancel('run-a', call)).toBeUndefined();
    });

    test('every write to a run, and nothing else, makes its revision grow', async () => {
      const { journal } = await open();
      await journal.create(newRun('run-a'), call);
      const revision = async (): Promise<number | undefined> => (await journal.get('run-a', call))?.revision;
      const seen = [await revision()];
      const claimed = await journal.claim(claim('one'), call);
      if (!claimed) throw new Error('not claimed');
      seen.push(await revision());
      await journal.renew([claimed.lease], 60_000, call);
      seen.push(await revision());
      await journal.record(claimed.lease, [step('/a', 'completed', '1')], call);
      seen.push(await revision());
      await journal.requestCancel('run-a', call);
      seen.push(await revision());
      await journal.finish(claimed.lease, { state: 'cancelled' }, call);
      seen.push(await revision());
      expect(seen).toEqual([0, 1, 1, 2, 3, 4]);
    });

    /** A run that has ended, with a step. */
    async function ended(journal: Journal, id: string, more: Partial<NewRun> = {}): Promise<void> {
      await journal.create(newRun(id, more), call);
      const claimed = await journal.claim(claim('one'), call);
      if (!claimed) throw new Error('not claimed');
      await journal.record(claimed.lease, [step('/a', 'completed', '"said"')], call);
      await journal.finish(claimed.lease, { state: 'completed', output: '"all"' }, call);
    }

    const ann = { id: 'key:1', name: 'Ann "A." [x]', scopes: ['read'] as const };

    test('a run that was erased is gone with its steps, and its idempotency key is free again', async () => {
      const { journal } = await open();
      await ended(journal, 'run-a', { idempotencyKey: 'key' });
      expect(await journal.erase({ before: Date.now() + 1_000 }, undefined, call)).toEqual({
        ids: ['run-a'],
      });
      expect(await journal.get('run-a', call)).toBeUndefined();
      expect(await journal.steps('run-a', call)).toEqual([]);
      expect((await journal.journaled('run-a', call)).size).toBe(0);
      const again = await journal.create(newRun('run-b', { idempotencyKey: 'key' }), call);
      expect(again.created).toBe(true);
      // Also under the id that it had.
      await journal.requestCancel('run-b', call);
      await ended(journal, 'run-a');
      expect(await journal.steps('run-a', call)).toHaveLength(1);
    });

    test('runs are chosen by their caller, by id or by name, by workflow and by when they ended', async () => {
      const { journal } = await open();
      await ended(journal, 'run-a', { caller: ann });
      await ended(journal, 'run-b', { caller: { ...ann, id: 'key:2' }, workflow: 'v' });
      const claims = { name: ann.name };
      await ended(journal, 'run-c', { caller: { id: 'key:3', name: 'Bob', scopes: ['read'], claims } });
      const of = async (chosen: ChosenRuns) => (await journal.count(chosen, call)).ended;
      expect(await of({})).toBe(3);
      expect(await of({ caller: 'key:1' })).toBe(1);
      expect(await of({ caller: ann.name })).toBe(2);
      expect(await of({ caller: ann.name, workflow: 'v' })).toBe(1);
      expect(await of({ before: Date.now() - 60_000 })).toBe(0);
      expect(await of({ before: Date.now() + 1_000 })).toBe(3);
      const { callers } = await journal.count({ caller: ann.name }, call);
      expect([...callers].sort()).toEqual(['key:1', 'key:2']);
      expect(await journal.erase({ caller: ann.name, workflow: 'v' }, undefined, call)).toEqual({
        ids: ['run-b'],
      });
      expect(await of({})).toBe(2);
    });

    test('a run that has not ended is named, and never erased', async () => {
      const { journal } = await open();
      await journal.create(newRun('run-a'), call);
      await journal.claim(claim('one'), call);
      await journal.create(newRun('run-b'), call);
      const { unfinished } = await journal.count({ before: Date.now() + 1_000 }, call);
      expect(unfinished).toEqual(['run-a', 'run-b']);
      expect(await journal.erase({ before: Date.now() + 1_000 }, undefined, call)).toEqual({ ids: [] });
      expect(await journal.get('run-a', call)).toMatchObject({ state: 'running' });
    });

    test('many runs are erased in portions, also by two at once', async () => {
      const { journal } = await open();
      for (let i = 0; i < 120; i++) {
        await journal.create(newRun(`run-${i}`), call);
        await journal.requestCancel(`run-${i}`, call);
      }
      async function eraseAll(): Promise<void> {
        for (let after: string | undefined, isFirst = true; isFirst || after !== undefined; isFirst = false) {
          after = (await journal.erase({}, after, call)).next;
        }
      }
      expect((await journal.erase({}, undefined, call)).ids.length).toBeLessThan(120);
      await Promise.all([eraseAll(), eraseAll()]);
      expect((await journal.count({}, call)).ended).toBe(0);
    });

    test('a portion goes on where the last one was, and does not look again at what was left there', async () => {
      const { journal } = await open();
      for (let i = 0; i < 5; i++) await ended(journal, `of-owner-${i}`);
      // So that they end in another millisecond.
      await setTimeout(5);
      for (let i = 0; i < 55; i++) {
        await journal.create(newRun(`of-ann-${i}`, { caller: ann }), call);
        await journal.requestCancel(`of-ann-${i}`, call);
      }
      const { ids, next } = await journal.erase({ caller: ann.name }, undefined, call);
      expect(ids.every((id) => id.startsWith('of-ann'))).toBe(true);
      const rest = await journal.erase({}, next, call);
      expect(rest.next).toBeUndefined();
      expect([...ids, ...rest.ids].sort()).toEqual(
        Array.from({ length: 55 }, (_, i) => `of-ann-${i}`).sort(),
      );
      expect((await journal.count({}, call)).ended).toBe(5);
    });

    test('of a run from an archive without the time of its end, that counts at which it was made', async () => {
      const { journal, archive } = await open();
      await ended(journal, 'run-a');
      for (const [id, createdAt] of [
        ['run-b', 1_000],
        ['run-c', 3_000],
      ] as const) {
        const run = { id, caller: owner, ...{ workflow: 'w', version: '1' }, createdAt, input: '1' };
        const of = { definition: '{}', sha256: 'abc', steps: [] };
        await archive.write({ ...of, run: { ...run, state: 'cancelled', revision: 1 } }, call);
      }
      const before = { before: 2_000 };
      expect((await journal.count(before, call)).ended).toBe(1);
      expect(await journal.erase(before, undefined, call)).toEqual({ ids: ['run-b'] });
      const { ids } = await journal.erase({}, undefined, call);
      expect([...ids].sort()).toEqual(['run-a', 'run-c']);
    });

    test('those that have not ended are counted, also where they are too many to be named', async () => {
      const { journal } = await open();
      for (let i = 0; i < 1_002; i++) await journal.create(newRun(`run-${i}`), call);
      const { unfinished, unfinishedCount } = await journal.count({}, call);
      expect(unfinished).toHaveLength(1_000);
      expect(unfinishedCount).toBe(1_002);
    });

    test('only the last five hundred or so verdicts are kept', async () => {
      const { verdicts } = await open();
      for (let i = 0; i < 510; i++) await verdicts.save(`sha-${i}`, '{}', call);
      expect(await verdicts.get('sha-0', call)).toBeUndefined();
      expect(await verdicts.get('sha-509', call)).toBe('{}');
    });

    test('a verdict on a definition is kept', async () => {
      const { verdicts } = await open();
      expect(await verdicts.get('abc', call)).toBeUndefined();
      await verdicts.save('abc', '{"calls":[]}', call);
      expect(await verdicts.get('abc', call)).toBe('{"calls":[]}');
    });
  });
}
