import { isDeepStrictEqual } from 'node:util';
import { HydrogenError } from '../../../errors.ts';
import type { JournaledStep, Lease, StepRecord, StepResult, StepWrite } from '../../journal/types.ts';
import type { StoreSession } from '../client.ts';
import { codeOf } from '../errors.ts';
import {
  collections,
  type RecordDocument,
  type ResultEntry,
  type RunDocument,
  type StepEntry,
  type StoredText,
} from './documents.ts';
import { loadText, storeTexts } from './texts.ts';

// What a run's steps have come to, as a log: each call of `record` is one document, numbered from 1, and the steps are
// what the records say one after the other.
//
// The run's document says how many of them count (`seq`), and only the holder of its lease can raise that number. A
// record is written first, as number `seq + 1`, where nobody sees it, and counts from the moment in which one
// compare-and-set of the run's document, by owner, fence, state, `seq` and `turn`, raises `seq`. No transaction is needed:
//
// - A process that dies between the two writes leaves a record that does not count. The next holder replaces it.
// - A process whose lease has passed on can write a record, too, but its compare-and-set finds another fence. What it
//   has written has a lower fence than the new holder's; the new holder replaces it, and never the other way round,
//   since a record is only replaced by one with a higher fence, or of the same with a higher turn. A record that counts
//   is therefore never changed: every number that counts was written by a holder before the fence could pass on.
// - Where an answer was lost, nobody knows whether the record counts. Before anything else is recorded, `resume` raises
//   `turn`, so that a compare-and-set that is still on its way cannot succeed any more, and tells how many count. If the
//   same steps are recorded again, and had counted, that is all: they are not counted twice.

/** Total size of the results of a run's steps, in bytes: a loop that collects without end stops here. */
const maxStepBytes = 64 * 1024 * 1024;
/** How often a record begins anew because another write of the same lease came between. */
const maxAttempts = 3;

/** What this process knows of a run that it executes. */
interface Held {
  readonly seq: number;
  readonly turn: number;
  readonly stepBytes: number;
}

/** The record that was last attempted: its answer may have been lost on the way, or come too late for its call. */
interface Attempted {
  readonly seq: number;
  readonly steps: readonly StepWrite[];
}

const runs = ({ db }: StoreSession) => db.collection<RunDocument>(collections.runs);
const records = ({ db }: StoreSession) => db.collection<RecordDocument>(collections.records);

/** Padded, so that they sort: a run has at most some ten thousand steps. */
export const recordId = (run: string, seq: number): string => `${run}/${String(seq).padStart(8, '0')}`;

/** The condition under which a lease still holds. */
export const heldBy = ({ run, owner, fence }: Lease) =>
  ({ _id: run, leaseOwner: owner, fence, state: 'running' }) as const;

export function lostLease(run: string): HydrogenError {
  return new HydrogenError(
    'conflict',
    `Another process has taken over run ${run}; the last work of this one was not recorded.`,
  );
}

const bytesOf = (steps: readonly StepWrite[]): number =>
  steps.reduce((sum, { result }) => sum + (result?.output.length ?? 0) + (result?.context?.length ?? 0), 0);

function entryOf({ result: _, note, error, ...step }: StepWrite): StepEntry {
  return {
    ...step,
    ...(step.state !== 'running' && { finishedAt: Date.now() }),
    ...(note !== undefined && { note }),
    ...(error && { error }),
  };
}

export async function resultsOf(
  session: StoreSession,
  run: string,
  steps: readonly Pick<StepWrite, 'result'>[],
): Promise<ResultEntry[]> {
  const texts: Record<string, string> = {};
  for (const [at, { result }] of steps.entries()) {
    if (result) texts[`output ${at}`] = result.output;
    if (result?.context !== undefined) texts[`context ${at}`] = result.context;
  }
  const stored = await storeTexts(session, run, texts);
  return steps.map(({ result }, at) => {
    const output = stored[`output ${at}`];
    const context = stored[`context ${at}`];
    if (!result || output === undefined) return null;
    return {
      output,
      ...(context !== undefined && { context }),
      ...(result.next !== undefined && { next: result.next }),
    };
  });
}

/** Writes a record that does not count yet. @returns false when a later holder has written one in its place */
async function write(session: StoreSession, record: RecordDocument): Promise<boolean> {
  try {
    await records(session).insertOne(record, session.options());
    return true;
  } catch (error) {
    if (codeOf(error) !== 11000) throw error;
  }
  const { _id, fence, turn, ...rest } = record;
  const { matchedCount } = await records(session).updateOne(
    { _id, $or: [{ fence: { $lt: fence } }, { fence, turn: { $lt: turn } }] },
    { $set: { fence, turn, ...rest } },
    session.options(),
  );
  return matchedCount === 1;
}

/** Executes what is asked for one lease in the order in which it was asked. */
function createTurns(): <T>(key: string, work: () => Promise<T>) => Promise<T> {
  const last = new Map<string, Promise<unknown>>();
  return async (key, work) => {
    const before = last.get(key);
    const mine = (before ?? Promise.resolve()).then(work, work);
    const settled = mine.catch(() => {});
    last.set(key, settled);
    try {
      return await mine;
    } finally {
      if (last.get(key) === settled) last.delete(key);
    }
  };
}

export interface Records {
  /** What a claim tells of the run. */
  begin(lease: Lease, held: Held): void;
  /** The lease has ended. */
  end(lease: Lease): void;
  record(
    session: StoreSession,
    lease: Lease,
    steps: readonly StepWrite[],
  ): Promise<{ readonly cancelRequested: boolean }>;
}

export function createRecords(): Records {
  const known = new Map<string, Held>();
  const lasts = new Map<string, Attempted>();
  const inTurn = createTurns();
  const keyOf = ({ run, fence }: Lease): string => `${run} ${fence}`;

  function end(lease: Lease): void {
    known.delete(keyOf(lease));
    lasts.delete(keyOf(lease));
  }

  /** Finds out what counts, and makes sure that nothing on its way will. */
  async function resume(
    session: StoreSession,
    lease: Lease,
  ): Promise<Held & { readonly cancelRequested: boolean }> {
    const found = await runs(session).findOneAndUpdate(
      heldBy(lease),
      { $inc: { turn: 1 } },
      {
        ...session.options(),
        returnDocument: 'after',
        projection: { seq: 1, turn: 1, stepBytes: 1, cancelRequested: 1 },
      },
    );
    if (found) return found;
    end(lease);
    throw lostLease(lease.run);
  }

  /** One attempt; undefined when another write of the same lease came between. */
  async function attempt(
    session: StoreSession,
    lease: Lease,
    steps: readonly StepWrite[],
  ): Promise<{ readonly cancelRequested: boolean } | undefined> {
    const key = keyOf(lease);
    const last = lasts.get(key);
    const isRepeated = last !== undefined && isDeepStrictEqual(last.steps, steps);
    let held = known.get(key);
    if (!held || isRepeated) {
      const resumed = await resume(session, lease);
      known.set(key, resumed);
      if (isRepeated && resumed.seq === last.seq) return { cancelRequested: resumed.cancelRequested };
      held = resumed;
    }
    const { seq, turn, stepBytes } = held;
    const bytes = bytesOf(steps);
    if (stepBytes + bytes > maxStepBytes) {
      throw new HydrogenError(
        'too_large',
        `The results of the run's steps exceed ${maxStepBytes / 2 ** 20} MiB in all. Keep only what later steps need with output.as.`,
      );
    }
    // From here on an error leaves open what became of it.
    known.delete(key);
    lasts.set(key, { seq: seq + 1, steps });
    const results = await resultsOf(session, lease.run, steps);
    const isWritten = await write(session, {
      _id: recordId(lease.run, seq + 1),
      fence: lease.fence,
      turn,
      steps: steps.map(entryOf),
      results,
    });
    const counted = isWritten && (await count(session, lease, held, bytes, steps));
    if (!counted) return undefined;
    known.set(key, { seq: seq + 1, turn: turn + 1, stepBytes: stepBytes + bytes });
    return counted;
  }

  /** The compare-and-set by which the record counts. */
  async function count(
    session: StoreSession,
    lease: Lease,
    { seq, turn }: Held,
    bytes: number,
    steps: readonly StepWrite[],
  ): Promise<{ readonly cancelRequested: boolean } | undefined> {
    const isCompleted = steps.some(({ state }) => state === 'completed');
    const counted = await runs(session).findOneAndUpdate(
      { ...heldBy(lease), seq, turn },
      {
        $inc: { seq: 1, turn: 1, revision: 1, stepBytes: bytes },
        // The lease itself, which is not given back yet.
        ...(isCompleted && { $set: { crashes: 1 } }),
      },
      { ...session.options(), returnDocument: 'after', projection: { cancelRequested: 1 } },
    );
    return counted ? { cancelRequested: counted.cancelRequested } : undefined;
  }

  return {
    begin(lease, { seq, turn, stepBytes }) {
      known.set(keyOf(lease), { seq, turn, stepBytes });
    },
    end,
    record: (session, lease, steps) =>
      inTurn(keyOf(lease), async () => {
        for (let i = 0; i < maxAttempts; i++) {
          const recorded = await attempt(session, lease, steps);
          if (recorded) return recorded;
        }
        throw lostLease(lease.run);
      }),
  };
}

/** The records of a run that count, in their order. */
export async function* countingRecords(
  session: StoreSession,
  run: string,
  projection: Readonly<Record<string, 0 | 1>>,
): AsyncGenerator<RecordDocument> {
  const found = await runs(session).findOne({ _id: run }, { ...session.options(), projection: { seq: 1 } });
  if (!found || found.seq === 0) return;
  const cursor = records(session).find(
    { _id: { $gte: recordId(run, 1), $lte: recordId(run, found.seq) } },
    { ...session.options(), projection, sort: { _id: 1 } },
  );
  for await (const record of cursor) yield record;
}

/** The steps of a run, in the order in which they first began. */
export async function stepsOf(session: StoreSession, run: string): Promise<StepRecord[]> {
  const steps = new Map<string, StepRecord>();
  for await (const record of countingRecords(session, run, { results: 0 })) {
    for (const entry of record.steps) {
      const earlier = steps.get(entry.reference);
      const attempts = earlier ? earlier.attempts + (entry.state === 'running' ? 1 : 0) : 1;
      steps.set(entry.reference, { ...entry, attempts, startedAt: earlier?.startedAt ?? entry.startedAt });
    }
  }
  return [...steps.values()];
}

interface StoredStep extends Pick<StepEntry, 'startedAt' | 'finishedAt' | 'state' | 'error'> {
  readonly result: ResultEntry;
}

/** The steps under way, and those that ended with a result or an error. */
export async function journaledOf(session: StoreSession, run: string): Promise<Map<string, JournaledStep>> {
  const steps = new Map<string, StoredStep>();
  for await (const record of countingRecords(session, run, {})) {
    for (const [at, entry] of record.steps.entries()) {
      const startedAt = steps.get(entry.reference)?.startedAt ?? entry.startedAt;
      steps.set(entry.reference, { ...entry, result: record.results[at] ?? null, startedAt });
    }
  }
  const journaled = new Map<string, JournaledStep>();
  for (const [reference, { state, startedAt, finishedAt, result, error }] of steps) {
    if (state === 'running') journaled.set(reference, { startedAt });
    else if (result) journaled.set(reference, { startedAt, result: await resultOf(session, result) });
    else if (error) {
      journaled.set(reference, {
        startedAt,
        error,
        ...(finishedAt !== undefined && { faultedAt: finishedAt }),
      });
    }
  }
  return journaled;
}

export async function resultOf(
  session: StoreSession,
  { output, context, next }: NonNullable<ResultEntry>,
): Promise<StepResult> {
  const load = (text: StoredText): Promise<string> => loadText(session, text);
  return {
    output: await load(output),
    ...(context !== undefined && { context: await load(context) }),
    ...(next !== undefined && { next }),
  };
}
