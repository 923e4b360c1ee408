import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { owner } from '../../src/call.ts';
import { createLog } from '../../src/observability/log.ts';
import { createEmbeddedJournal, createEmbeddedVerdicts } from '../../src/stores/embedded/journal/journal.ts';
import type { Journal } from '../../src/stores/journal/types.ts';
import { newRunId } from '../../src/workflows/runs/run-id.ts';
import { createWorkflows } from '../../src/workflows/workflows.ts';
import { testCall } from '../support/call.ts';
import {
  definition,
  functionsOf,
  openWorld,
  patientCall,
  type Setting,
  type World,
  world,
} from './support.ts';

const call = testCall({ deadline: Number.POSITIVE_INFINITY });

const renewedTasks = definition(`
- a: { call: before }
- b: { wait: PT0.05S }
- c: { call: after }
`);
const document = { dsl: '1.0.3', namespace: 'test', name: 'w', version: '1.0.0' };

/** Journals a run as a process leaves it that suspends it: of one task, before this was begun. */
async function suspended(
  journal: Journal,
  until: number,
  task: unknown = { set: { x: 1 } },
): Promise<string> {
  const { run } = await journal.create(
    {
      id: newRunId(),
      caller: owner,
      workflow: 'w',
      version: '1.0.0',
      definition: JSON.stringify({ document, do: [{ a: task }] }),
      sha256: 'abc',
      input: '{}',
    },
    call,
  );
  const claimed = await journal.claim({ owner: 'another', leaseMs: 60_000, exited: [] }, call);
  if (claimed?.run.id !== run.id) throw new Error('another run was claimed');
  await journal.release(claimed.lease, until, call);
  return run.id;
}

async function opened(setting: Setting = {}): Promise<World & { readonly journal: Journal }> {
  const one = await world(setting);
  return { ...one, journal: createEmbeddedJournal(one.storeFile) };
}

test('a suspended run goes on by itself on time, by its alarm alone', async () => {
  const { workflows, journal } = await opened({ runs: { heartbeatMs: 600_000 } });
  const until = Date.now() + 500;
  const id = await suspended(journal, until);
  workflows.recover();
  const run = await workflows.wait(id, 60_000, patientCall());
  expect(run).toMatchObject({ state: 'completed', output: { x: 1 } });
  expect(run).not.toHaveProperty('suspendedUntil');
  expect(Date.parse(run.finishedAt ?? '')).toBeGreaterThanOrEqual(until);
});

test('a run whose time has come counts as waiting until a process executes it', async () => {
  const { workflows, journal } = await opened();
  await suspended(journal, Date.now() - 1);
  expect(await workflows.status(call)).toMatchObject({ running: 0, waiting: 1 });
});

test('a quiet process that is asked after a run whose process was killed executes it', async () => {
  const { workflows, journal } = await opened({ runs: { heartbeatMs: 600_000 } });
  workflows.recover();
  // The first check finds nothing, and the next is due in ten minutes.
  await expect.poll(() => journal.unfinished(call)).toMatchObject({ pending: 0 });
  await setTimeout(300);
  const id = await suspended(journal, Date.now() - 1);
  expect(await workflows.wait(id, 60_000, patientCall())).toMatchObject({ state: 'completed' });
});

test('the first of two processes that wakes executes a run, once', async () => {
  const calls: string[] = [];
  const functions = (name: string) => ({
    work: () => {
      calls.push(name);
      return { name };
    },
  });
  const first = await opened({ functions: functions('first') });
  const second = await world({ directory: first.directory, functions: functions('second') });
  const id = await suspended(first.journal, Date.now() + 400, { call: 'work' });
  first.workflows.recover();
  second.workflows.recover();
  const run = await second.workflows.wait(id, 60_000, patientCall());
  expect(run).toMatchObject({ state: 'completed', output: { name: calls[0] } });
  expect(calls).toHaveLength(1);
});

test('a run whose time came while no process was there goes on at the next start', async () => {
  const { workflows, journal } = await opened();
  const id = await suspended(journal, Date.now() - 60_000);
  workflows.recover();
  expect(await workflows.wait(id, 60_000, patientCall())).toMatchObject({ state: 'completed' });
});

test('a run whose time has come, but not its turn, no longer says until when it waits', async () => {
  const { workflows, journal } = await opened();
  const id = await suspended(journal, Date.now() - 1);
  const run = await workflows.get(id, call);
  expect(run.state).toBe('pending');
  expect(run).not.toHaveProperty('suspendedUntil');
});

test('suspended runs neither count as running nor keep others from being executed', async () => {
  const { workflows, journal } = await opened({ runs: { maxConcurrent: 1 } });
  await suspended(journal, Date.now() + 60_000);
  await suspended(journal, Date.now() + 60_000);
  const next = await suspended(journal, Date.now());
  workflows.recover();
  expect(await workflows.wait(next, 60_000, patientCall())).toMatchObject({ state: 'completed' });
  expect(await workflows.status(call)).toMatchObject({ running: 0, waiting: 2 });
});

test('who waits for a suspended run is answered at once when it goes on too late for that', async () => {
  const { workflows, journal } = await opened();
  const id = await suspended(journal, Date.now() + 3_600_000);
  const begun = Date.now();
  const run = await workflows.wait(id, 100_000, testCall({ deadline: begun + 110_000 }));
  expect(run).toMatchObject({ state: 'pending', suspendedUntil: expect.stringMatching(/Z$/), steps: [] });
  expect(Date.now() - begun).toBeLessThan(50_000);
});

test('a suspended run that is cancelled never goes on', async () => {
  const calls: unknown[] = [];
  const { workflows, journal } = await opened({ functions: { work: (args) => calls.push(args) } });
  const id = await suspended(journal, Date.now() + 500, { call: 'work' });
  const ended = await workflows.cancel(id, call);
  expect(ended.state).toBe('cancelled');
  workflows.recover();
  await setTimeout(1_000);
  expect(await workflows.get(id, call)).toEqual(ended);
  expect(calls).toEqual([]);
});

test('a time that no timer can count to is slept through', async () => {
  const { workflows, journal } = await opened();
  await suspended(journal, Date.now() + 2 ** 31 + 60_000);
  const warned: unknown[] = [];
  const onWarning = (warning: Error) => warned.push(warning);
  process.on('warning', onWarning);
  workflows.recover();
  await setTimeout(200);
  process.off('warning', onWarning);
  expect(warned).toEqual([]);
  expect(await workflows.status(call)).toMatchObject({ running: 0, waiting: 1 });
});

test('while runs sleep the store is left alone, so that its threads can end', async () => {
  const { storeFile, journal, directory } = await opened();
  await suspended(journal, Date.now() + 3_600_000);
  let searches = 0;
  const workflows = createWorkflows({
    journal: {
      ...journal,
      unfinished: (own) => {
        searches++;
        return journal.unfinished(own);
      },
    },
    verdicts: createEmbeddedVerdicts(storeFile),
    folders: [directory],
    functions: functionsOf({}),
    log: createLog('silent'),
    runs: { heartbeatMs: 20 },
  });
  workflows.recover();
  await setTimeout(600);
  await workflows.close();
  // 30 heartbeats; one that falls into a search has it repeated.
  expect(searches).toBeLessThan(4);
});

test('a process that is closed while runs sleep leaves them to the next', async () => {
  const first = await openWorld({ directory: (await world({})).directory });
  const id = await suspended(createEmbeddedJournal(first.storeFile), Date.now() + 600);
  first.workflows.recover();
  await setTimeout(100);
  await first.close();
  const second = await world({ directory: first.directory });
  second.workflows.recover();
  expect(await second.workflows.wait(id, 60_000, patientCall())).toMatchObject({ state: 'completed' });
});

test('a run that has slept while its lease was being renewed is not taken for lost', async () => {
  const { storeFile, directory } = await world({ files: { 'w.yaml': renewedTasks } });
  const journal = createEmbeddedJournal(storeFile);
  const [renewing, awake, renewed] = [0, 1, 2].map(() => Promise.withResolvers<void>());
  const stopped: boolean[] = [];
  const workflows = createWorkflows({
    journal: {
      ...journal,
      async renew(leases, leaseMs, own) {
        renewing?.resolve();
        await awake?.promise;
        const answer = await journal.renew(leases, leaseMs, own);
        queueMicrotask(() => setImmediate(() => renewed?.resolve()));
        return answer;
      },
    },
    verdicts: createEmbeddedVerdicts(storeFile),
    folders: [join(directory, 'workflows')],
    functions: functionsOf({
      before: () => renewing?.promise,
      after: async (_args, { signal }) => {
        awake?.resolve();
        await renewed?.promise;
        stopped.push(signal.aborted);
      },
    }),
    log: createLog('silent'),
    runs: { heartbeatMs: 50 },
  });
  onTestFinished(() => workflows.close());
  const { id } = await workflows.start({ workflow: 'w', input: {} }, patientCall());
  expect(await workflows.wait(id, 60_000, patientCall())).toMatchObject({ state: 'completed' });
  expect(stopped).toEqual([false]);
});

test('a process looks for runs of others only after the leases of its own were renewed', async () => {
  const { storeFile, directory } = await world({ files: { 'w.yaml': definition('- a: { call: work }') } });
  const journal = createEmbeddedJournal(storeFile);
  // As while a large store is written anew: nobody's lease is renewed for longer than it lasts.
  const held = Promise.withResolvers<void>();
  const [second, fourth] = [Promise.withResolvers<number>(), Promise.withResolvers<number>()];
  let [searches, renewals] = [0, 0];
  const workflows = createWorkflows({
    journal: {
      ...journal,
      unfinished(own) {
        searches++;
        return journal.unfinished(own);
      },
      async renew(...args) {
        renewals++;
        if (renewals === 2) second.resolve(searches);
        if (renewals === 4) fourth.resolve(searches);
        await held.promise;
        return journal.renew(...args);
      },
    },
    verdicts: createEmbeddedVerdicts(storeFile),
    folders: [join(directory, 'workflows')],
    functions: functionsOf({ work: () => held.promise }),
    log: createLog('silent'),
    runs: { heartbeatMs: 50 },
  });
  onTestFinished(() => workflows.close());
  const { id } = await workflows.start({ workflow: 'w', input: {} }, patientCall());
  const before = await second.promise;
  expect(await fourth.promise).toBe(before);
  held.resolve();
  expect(await workflows.wait(id, 60_000, patientCall())).toMatchObject({ state: 'completed' });
});
