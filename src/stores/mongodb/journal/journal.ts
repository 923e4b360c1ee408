import type { Journal, Verdicts } from '../../journal/types.ts';
import type { MongoStore } from '../client.ts';
import { collections, journalIndexes } from './documents.ts';
import { count, erase } from './erasure.ts';
import { claim, finish, release, renew } from './leases.ts';
import { createRecords, journaledOf, stepsOf } from './records.ts';
import { create, get, recent, requestCancel, unfinished } from './runs.ts';
import { createVerdicts } from './verdicts.ts';

const repeatable = { repeatable: true };
/** Looking at all runs takes longer than other uses of the server, and so does erasing large ones, ms. */
const wideMs = 60_000;

/** The journal on MongoDB, shared by every node. Single documents are compared and set; no transaction is needed. */
export function createMongoJournal(store: MongoStore): Journal {
  const area = store.area(journalIndexes);
  const records = createRecords();
  return {
    create: (run, call) => area.run(call, (session) => create(session, run), repeatable),
    get: (id, call) => area.run(call, (session) => get(session, id), repeatable),
    steps: (id, call) => area.run(call, (session) => stepsOf(session, id), repeatable),
    recent: (query, call) => area.run(call, (session) => recent(session, query), repeatable),
    unfinished: (call) => area.run(call, unfinished, repeatable),
    // Not repeated: a claim whose answer was lost holds a run until its lease ends, a second one would take another run.
    claim: (wanted, call) => area.run(call, (session) => claim(session, records, wanted)),
    renew: (leases, leaseMs, call) =>
      area.run(call, (session) => renew(session, records, leases, leaseMs), repeatable),
    journaled: (id, call) => area.run(call, (session) => journaledOf(session, id), repeatable),
    record: (lease, steps, call) =>
      area.run(call, (session) => records.record(session, lease, steps), repeatable),
    finish: (lease, end, call) =>
      area.run(call, (session) => finish(session, records, lease, end), repeatable),
    release: (lease, until, call) =>
      area.run(call, (session) => release(session, records, lease, until), repeatable),
    requestCancel: (id, call) => area.run(call, (session) => requestCancel(session, id), repeatable),
    count: (chosen, call) =>
      area.run(call, (session) => count(session, chosen), { ...repeatable, timeoutMs: wideMs }),
    // Not repeated: what an attempt without an answer has erased would not be counted.
    erase: (chosen, after, call) =>
      area.run(call, (session) => erase(session, chosen, after), { timeoutMs: wideMs }),
  };
}

export function createMongoVerdicts(store: MongoStore): Verdicts {
  return createVerdicts(store.area({ [collections.verdicts]: [{ key: { keptAt: 1 } }] }));
}
