import {
  type ArchivedRun,
  type ArchivedStep,
  type JournalArchive,
  sameKey,
  stepBytesOf,
} from '../../journal/archive.ts';
import type { MongoStore, StoreSession } from '../client.ts';
import { codeOf } from '../errors.ts';
import {
  callerFields,
  collections,
  journalIndexes,
  type RecordDocument,
  type ResultEntry,
  type RunDocument,
  runOf,
  type StepEntry,
} from './documents.ts';
import { forgetErasure } from './erasure.ts';
import { countingRecords, recordId, resultOf, resultsOf, stepsOf } from './records.ts';
import { uniqueOf } from './runs.ts';
import { loadText, storeTexts } from './texts.ts';

const runs = ({ db }: StoreSession) => db.collection<RunDocument>(collections.runs);
const records = ({ db }: StoreSession) => db.collection<RecordDocument>(collections.records);

/** Steps that are written as one record. Their texts lie apart where they are large. */
const stepsOfRecord = 200;

async function withResults(session: StoreSession, id: string): Promise<ArchivedStep[]> {
  const last = new Map<string, ResultEntry>();
  for await (const { steps, results } of countingRecords(session, id, {})) {
    for (const [at, { reference }] of steps.entries()) last.set(reference, results[at] ?? null);
  }
  const steps: ArchivedStep[] = [];
  for (const step of await stepsOf(session, id)) {
    const result = last.get(step.reference);
    steps.push({ ...step, ...(result && { result: await resultOf(session, result) }) });
  }
  return steps;
}

/** A step as a log tells of it: one beginning for each attempt, then its end. */
function entriesOf({
  attempts,
  result,
  ...step
}: ArchivedStep): { step: StepEntry; result?: typeof result }[] {
  const { finishedAt: _, note: __, error: ___, ...begun } = step;
  const end = { step, ...(result && { result }) };
  const begins = attempts > 1 ? attempts - (step.state === 'running' ? 1 : 0) : 0;
  return [...Array.from({ length: begins }, () => ({ step: { ...begun, state: 'running' as const } })), end];
}

/** Writes all steps as records, which count once the run's document says so; how many they are. */
async function writeRecords(session: StoreSession, { run, steps }: ArchivedRun): Promise<number> {
  const entries = steps.flatMap(entriesOf);
  let seq = 0;
  for (let from = 0; from < entries.length; from += stepsOfRecord) {
    const some = entries.slice(from, from + stepsOfRecord);
    const results = await resultsOf(
      session,
      run.id,
      some.map(({ result }) => (result ? { result } : {})),
    );
    await records(session).replaceOne(
      { _id: recordId(run.id, ++seq) },
      { fence: 0, turn: 0, steps: some.map(({ step }) => step), results },
      { ...session.options(), upsert: true },
    );
  }
  return seq;
}

async function write(session: StoreSession, archived: ArchivedRun): Promise<void> {
  const { run, definition, sha256, idempotencyKey, steps } = archived;
  await forgetErasure(session, run.id);
  const seq = await writeRecords(session, archived);
  const { output } = run;
  const texts = {
    ...(await storeTexts(session, run.id, { definition, input: run.input })),
    ...(output !== undefined && (await storeTexts(session, run.id, { output }))),
  };
  const document: Omit<RunDocument, '_id'> = {
    ...callerFields(run.caller),
    workflow: run.workflow,
    version: run.version,
    sha256,
    unique: uniqueOf({
      id: run.id,
      caller: run.caller,
      ...(idempotencyKey !== undefined && { idempotencyKey }),
    }),
    ...(idempotencyKey !== undefined && { idempotencyKey }),
    ...texts,
    ...(run.error && { error: JSON.stringify(run.error) }),
    state: run.state,
    revision: run.revision,
    createdAt: run.createdAt,
    ...(run.startedAt !== undefined && { startedAt: run.startedAt }),
    ...(run.finishedAt !== undefined && { finishedAt: run.finishedAt }),
    leaseOwner: null,
    leaseUntil: 0,
    fence: 0,
    crashes: 0,
    cancelRequested: run.state === 'cancelled',
    seq,
    turn: 0,
    stepBytes: stepBytesOf(steps),
  };
  try {
    await runs(session).replaceOne({ _id: run.id }, document, { ...session.options(), upsert: true });
  } catch (error) {
    throw codeOf(error) === 11000 ? sameKey(run.id) : error;
  }
}

/** The ended runs on MongoDB as they are. A run counts from the moment in which its document is there, with all steps. */
export function createMongoJournalArchive(store: Pick<MongoStore, 'area'>): JournalArchive {
  const area = store.area(journalIndexes);
  // A run may be large.
  const repeatable = { repeatable: true, timeoutMs: 60_000 };
  return {
    ended: (after, limit, call) =>
      area.run(
        call,
        async (session) => {
          const filter = {
            state: { $nin: ['pending', 'running'] satisfies RunDocument['state'][] },
            ...(after !== undefined && { _id: { $gt: after } }),
          };
          const found = await runs(session)
            .find(filter, { ...session.options(), projection: { _id: 1 }, sort: { _id: 1 }, limit })
            .toArray();
          return found.map(({ _id }) => _id);
        },
        repeatable,
      ),
    read: (id, call) =>
      area.run(
        call,
        async (session) => {
          const found = await runs(session).findOne({ _id: id }, session.options());
          if (!found) return undefined;
          const { sha256, idempotencyKey } = found;
          return {
            run: await runOf(found, (text) => loadText(session, text)),
            definition: await loadText(session, found.definition),
            sha256,
            ...(idempotencyKey !== undefined && { idempotencyKey }),
            steps: await withResults(session, id),
          };
        },
        repeatable,
      ),
    write: (archived, call) => area.run(call, (session) => write(session, archived), repeatable),
  };
}
