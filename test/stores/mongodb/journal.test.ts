import { setTimeout } from 'node:timers/promises';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { owner } from '../../../src/call.ts';
import { HydrogenError } from '../../../src/errors.ts';
import type { Journal, Lease, NewRun, StepWrite } from '../../../src/stores/journal/types.ts';
import type { MongoStoreSettings } from '../../../src/stores/mongodb/client.ts';
import { lazyMongoJournal } from '../../../src/stores/mongodb/journal/lazy.ts';
import { testCall } from '../../support/call.ts';
import { mongoServer } from '../../support/mongo-server.ts';
import { isInstalled, skipReason } from '../../support/mongo-servers.ts';
import { repetitions } from '../../support/repetitions.ts';

const name = 'mongo-java-server';
const call = testCall({ deadline: Number.POSITIVE_INFINITY });

function newRun(id: string, more: Partial<NewRun> = {}): NewRun {
  const run = { id, caller: owner, workflow: 'w', version: '1.0.0', definition: '{}', sha256: 'abc' };
  return { ...run, input: '{}', ...more };
}

function step(reference: string, output?: string): StepWrite {
  const state = output === undefined ? 'running' : 'completed';
  const base = { reference, name: reference.slice(1), kind: 'set', state, startedAt: 1 } as const;
  return output === undefined ? base : { ...base, result: { output } };
}

async function claimed(journal: Journal, me = 'one', leaseMs = 60_000): Promise<Lease> {
  const found = await journal.claim({ owner: me, leaseMs, exited: [] }, call);
  if (!found) throw new Error('nothing to claim');
  return found.lease;
}

/** A network that loses what is sent, or the answer to it, when told to. */
function lossy() {
  const lose = { next: undefined as 'request' | 'answer' | undefined };
  const policy: MongoStoreSettings['policy'] = async (bounded, work) => {
    const { next } = lose;
    lose.next = undefined;
    if (next === 'request') throw new HydrogenError('unavailable', 'lost');
    const result = await work(bounded);
    if (next === 'answer') throw new HydrogenError('unavailable', 'lost');
    return result;
  };
  return { lose, policy };
}

describe.skipIf(!isInstalled(name))(`a journal on MongoDB${skipReason(name)}`, () => {
  const server = mongoServer(name);
  let places = 0;
  const place = (): string => `journal-${places++}`;
  const open = (database: string, settings: Partial<MongoStoreSettings> = {}) => {
    const store = server.store({ database, ...settings });
    return { ...lazyMongoJournal(store), store };
  };

  /** Documents of a collection. */
  const left = (store: ReturnType<typeof open>['store'], collection: string): Promise<number> =>
    store.area({}).run(call, ({ db, options }) => db.collection(collection).countDocuments({}, options()));

  test('of a run that was erased nothing is left, nor of texts that its attempts left unused', async () => {
    const { journal, store } = open(place());
    const text = JSON.stringify('x'.repeat(5_000_000));
    await journal.create(newRun('run-a', { input: text }), call);
    const lease = await claimed(journal);
    await journal.record(lease, [step('/one', text)], call);
    await journal.finish(lease, { state: 'completed', output: text }, call);
    // Of an earlier version, whose texts have names of their own, and one that nothing names.
    await store.area({}).run(call, async ({ db, options }) => {
      const parts = db.collection<{ _id: string }>('run_texts');
      await parts.insertMany([{ _id: 'old/0000' }, { _id: 'run-a.lost/0000' }], options());
      const runs = db.collection<{ _id: string }>('runs');
      await runs.updateOne({ _id: 'run-a' }, { $set: { definition: { key: 'old', parts: 1 } } }, options());
    });
    expect(await left(store, 'run_texts')).toBe(5);
    expect(await journal.erase({}, undefined, call)).toEqual({ ids: ['run-a'] });
    for (const name of ['runs', 'run_records', 'run_texts', 'run_erasures'])
      expect([name, await left(store, name)]).toEqual([name, 0]);
  });

  test('an erasure that was interrupted at any place is completed by the next', async () => {
    const { journal, store } = open(place());
    for (const id of ['run-a', 'run-b']) {
      await journal.create(newRun(id), call);
      const lease = await claimed(journal);
      await journal.record(lease, [step('/one', '"x"')], call);
      await journal.finish(lease, { state: 'completed', output: '1' }, call);
    }
    await store.area({}).run(call, async ({ db, options }) => {
      // One process ended before the run itself was gone, the other behind that.
      const erasures = db.collection<{ _id: string; keys: string[] }>('run_erasures');
      await erasures.insertMany(
        [
          { _id: 'run-a', keys: [] },
          { _id: 'run-b', keys: [] },
        ],
        options(),
      );
      await db.collection<{ _id: string }>('runs').deleteOne({ _id: 'run-b' }, options());
    });
    expect(await journal.erase({ before: 0 }, undefined, call)).toEqual({ ids: [] });
    for (const name of ['runs', 'run_records', 'run_erasures'])
      expect([name, await left(store, name)]).toEqual([name, 0]);
  });

  test('a record that a process wrote just before it was killed, and that did not count yet, is replaced', async () => {
    const { journal, store } = open(place());
    await journal.create(newRun('run-a'), call);
    await claimed(journal, 'one', 1);
    // What it leaves behind between its two writes.
    await store.area({}).run(call, ({ db, options }) =>
      db.collection<{ _id: string }>('run_records').insertOne(
        {
          _id: 'run-a/00000001',
          fence: 1,
          turn: 0,
          steps: [{ ...step('/a'), state: 'completed' }],
          results: [{ output: '"of the dead"' }],
        } as { _id: string },
        options(),
      ),
    );
    await setTimeout(10);
    const second = await claimed(journal, 'two');
    expect(await journal.journaled('run-a', call)).toEqual(new Map());
    await journal.record(second, [step('/a', '"of the living"')], call);
    expect((await journal.journaled('run-a', call)).get('/a')?.result?.output).toBe('"of the living"');
  });

  test('a process that is late does not change what the next holder has recorded', async () => {
    const database = place();
    const [first, second] = [open(database).journal, open(database).journal];
    await first.create(newRun('run-a'), call);
    const old = await claimed(first, 'one', 1);
    await first.record(old, [step('/a', '1')], call);
    await setTimeout(10);
    await second.record(await claimed(second, 'two'), [step('/b', '"new"')], call);
    const late = first.record(old, [step('/b', '"old"')], call);
    await expect(late).rejects.toMatchObject({ code: 'conflict' });
    const journaled = await second.journaled('run-a', call);
    expect([...journaled.values()].map(({ result }) => result?.output)).toEqual(['1', '"new"']);
  });

  test.each(['request', 'answer'] as const)(
    'steps whose %s was lost are recorded once when they are recorded again',
    async (next) => {
      const { policy, lose } = lossy();
      const { journal } = open(place(), { policy });
      await journal.create(newRun('run-a'), call);
      const lease = await claimed(journal);
      lose.next = next;
      await expect(journal.record(lease, [step('/a')], call)).rejects.toMatchObject({ code: 'unavailable' });
      await journal.record(lease, [step('/a')], call);
      await journal.record(lease, [step('/a', '1')], call);
      expect(await journal.steps('run-a', call)).toMatchObject([{ reference: '/a', attempts: 1 }]);
      expect((await journal.get('run-a', call))?.revision).toBe(3);
    },
  );

  test('after steps whose answer was lost, others are recorded behind them', async () => {
    const { policy, lose } = lossy();
    const { journal } = open(place(), { policy });
    await journal.create(newRun('run-a'), call);
    const lease = await claimed(journal);
    lose.next = 'answer';
    await journal.record(lease, [step('/a', '1')], call).catch(() => {});
    await journal.record(lease, [step('/b', '2')], call);
    expect((await journal.steps('run-a', call)).map(({ reference }) => reference)).toEqual(['/a', '/b']);
  });

  test('what ended or suspended a run may be said again when the answer was lost', async () => {
    const { policy, lose } = lossy();
    const { journal } = open(place(), { policy });
    await journal.create(newRun('run-a'), call);
    const lost = { code: 'unavailable' };
    const first = await claimed(journal);
    lose.next = 'answer';
    await expect(journal.release(first, undefined, call)).rejects.toMatchObject(lost);
    await journal.release(first, undefined, call);
    const second = await claimed(journal);
    lose.next = 'answer';
    await expect(journal.finish(second, { state: 'completed', output: '1' }, call)).rejects.toMatchObject(
      lost,
    );
    await journal.finish(second, { state: 'completed', output: '1' }, call);
    expect(await journal.get('run-a', call)).toMatchObject({ state: 'completed', output: '1' });
  });

  test('a run that was journaled and whose answer was lost is found by its id', async () => {
    const { policy, lose } = lossy();
    const { journal } = open(place(), { policy });
    lose.next = 'answer';
    await journal.create(newRun('run-a'), call).catch(() => {});
    expect(await journal.create(newRun('run-a'), call)).toMatchObject({
      created: true,
      run: { id: 'run-a' },
    });
  });

  test('a claim that nobody waits for any more is given back', async () => {
    const control = new AbortController();
    const { journal } = open(place(), {
      observe: (command) => {
        if (command === 'findAndModify') control.abort();
      },
    });
    await journal.create(newRun('run-a'), call);
    const abandoned = testCall({ signal: control.signal, deadline: Number.POSITIVE_INFINITY });
    const claiming = journal.claim({ owner: 'one', leaseMs: 60_000, exited: [] }, abandoned);
    await expect(claiming).rejects.toMatchObject({ code: 'cancelled' });
    let again = await journal.claim({ owner: 'two', leaseMs: 60_000, exited: [] }, call);
    for (let i = 0; i < 50 && !again; i++) {
      await setTimeout(20);
      again = await journal.claim({ owner: 'two', leaseMs: 60_000, exited: [] }, call);
    }
    expect(again?.crashes).toBe(0);
  });

  test('a node whose clock is an hour ahead does not take the runs of others, and tells leases by its own', async () => {
    const database = place();
    const [first, second] = [open(database).journal, open(database).journal];
    await first.create(newRun('run-a'), call);
    const lease = await claimed(first, 'one', 30_000);
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 60 * 60 * 1_000 });
    onTestFinished(() => void vi.useRealTimers());
    expect(await second.claim({ owner: 'two', leaseMs: 30_000, exited: [] }, call)).toBeUndefined();
    const [known] = (await second.unfinished(call)).leases;
    const left = (known?.until ?? 0) - Date.now();
    expect([left > 20_000, left <= 30_000]).toEqual([true, true]);
    expect(await second.renew([lease], 30_000, call)).toMatchObject([{ held: true }]);
  });

  test('texts beyond the 16 MiB of a document are kept whole', async () => {
    const { journal } = open(place());
    const large = JSON.stringify(`ä${'x'.repeat(17 * 1024 * 1024)}€`);
    await journal.create(newRun('run-a', { input: large }), call);
    const lease = await claimed(journal);
    await journal.finish(lease, { state: 'completed', output: large }, call);
    const run = await journal.get('run-a', call);
    expect([run?.input === large, run?.output === large]).toEqual([true, true]);
  });

  /** What the executing processes were told: the result of each step, and how often a run ended. */
  interface Told {
    readonly results: Map<string, string[]>;
    readonly ends: Map<string, number>;
  }

  const references = ['/a', '/b', '/c', '/d'];

  /** Repeats a write until it is known to have been made; false when the lease is lost. */
  async function persisted(write: () => Promise<unknown>): Promise<boolean> {
    for (;;) {
      try {
        await write();
        return true;
      } catch (error) {
        if (!(error instanceof HydrogenError) || error.code === 'internal') throw error;
        if (error.code === 'conflict') return false;
      }
    }
  }

  /** Executes runs with leases that are too short, so that they pass on in the middle of everything. */
  async function execute(journal: Journal, me: string, told: Told, isOver: () => boolean): Promise<void> {
    for (let turn = 0; !isOver(); turn++) {
      const claimable = { owner: `${me} ${turn}`, leaseMs: 30, exited: [] };
      const found = await journal.claim(claimable, call).catch(() => undefined);
      if (!found) await setTimeout(5);
      else await executeOne(journal, found.lease, `${me}:${turn}`, told);
    }
  }

  async function executeOne(journal: Journal, lease: Lease, me: string, told: Told): Promise<void> {
    let known = new Map<string, unknown>();
    await persisted(async () => {
      known = new Map(await journal.journaled(lease.run, call));
    });
    for (const reference of references) {
      if ((known.get(reference) as { result?: unknown } | undefined)?.result) continue;
      const output = JSON.stringify(`${me} ${reference}`);
      if (!(await persisted(() => journal.record(lease, [step(reference)], call)))) return;
      if (!(await persisted(() => journal.record(lease, [step(reference, output)], call)))) return;
      const key = `${lease.run}${reference}`;
      told.results.set(key, [...(told.results.get(key) ?? []), output]);
    }
    const end = { state: 'completed', output: '1' } as const;
    if (await persisted(() => journal.finish(lease, end, call))) {
      told.ends.set(lease.run, (told.ends.get(lease.run) ?? 0) + 1);
    }
  }

  test('leases that pass on in the middle and a network that loses one in five never record a step twice', async () => {
    const database = place();
    const count = repetitions(12, 60);
    const runs = Array.from({ length: count }, (_, i) => `run-${i}`);
    const { journal } = open(database);
    for (const id of runs) await journal.create(newRun(id), call);
    const told: Told = { results: new Map(), ends: new Map() };
    const open4 = Array.from({ length: 4 }, () => {
      const { policy, lose } = lossy();
      return open(database, {
        async policy(bounded, work, options) {
          await setTimeout(Math.random() * 8);
          const chance = Math.random();
          if (chance < 0.2) lose.next = chance < 0.1 ? 'request' : 'answer';
          return (await policy?.(bounded, work, options)) as Awaited<ReturnType<typeof work>>;
        },
      });
    });
    const until = Date.now() + 90_000;
    const isOver = (): boolean => told.ends.size === count || Date.now() > until;
    await Promise.all(open4.map((one, i) => execute(one.journal, `node ${i}`, told, isOver)));
    expect([...told.ends.values()]).toEqual(Array(count).fill(1));
    expect([...told.results.values()].filter((results) => results.length > 1)).toEqual([]);
    for (const id of runs) {
      const journaled = await journal.journaled(id, call);
      expect([...journaled.keys()].sort()).toEqual(references);
      for (const [reference, { result }] of journaled) {
        const [acknowledged] = told.results.get(`${id}${reference}`) ?? [];
        if (acknowledged !== undefined) expect(result?.output).toBe(acknowledged);
      }
    }
  }, 120_000);
});
