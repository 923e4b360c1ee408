import type { Filter } from 'mongodb';
import type { ChosenRuns, CountedRuns, ErasedRuns, RunState } from '../../journal/types.ts';
import type { StoreSession } from '../client.ts';
import {
  callerOf,
  collections,
  type RecordDocument,
  type ResultEntry,
  type RunDocument,
  type StoredText,
} from './documents.ts';
import { type PartOfText, partsOfRun, partsOfText } from './texts.ts';

// A run lies in several documents. What is erased is written down first (`run_erasures`), then the run's own document goes,
// from which moment on nobody sees it, then its records and texts. Where that is interrupted, whoever erases next completes
// it. All of it may be done twice, also by two nodes at once.

/** A run that is being erased. */
interface ErasureDocument {
  readonly _id: string;
  /** Texts in parts whose names do not begin with that of the run. */
  readonly keys: readonly string[];
}

/** Runs of one use of the server. */
const maxRuns = 50;
const maxNamed = 1_000;

const ended: readonly RunState[] = ['completed', 'faulted', 'cancelled'];
const unfinished: readonly RunState[] = ['pending', 'running'];

/** As in the index of state and end: by `_id` a server may look at every run at each portion to find that none is old enough. */
const byEnd = { finishedAt: 1 } as const;

const runs = ({ db }: StoreSession) => db.collection<RunDocument>(collections.runs);
const records = ({ db }: StoreSession) => db.collection<RecordDocument>(collections.records);
const texts = ({ db }: StoreSession) => db.collection<PartOfText>(collections.texts);
const erasures = ({ db }: StoreSession) => db.collection<ErasureDocument>(collections.erasures);

/** All records of a run, also those that do not count. */
const recordsOf = (run: string) => ({ _id: { $gte: `${run}/`, $lt: `${run}0` } });

type Found = Pick<RunDocument, '_id' | 'caller' | 'scopes' | 'callerFacts' | 'finishedAt'>;
const projection = { caller: 1, scopes: 1, callerFacts: 1, finishedAt: 1 } as const;

/** The chosen runs of some states, and some that only look as if their caller had that name. */
function filterOf({ caller, workflow }: ChosenRuns, states: readonly RunState[]): Filter<RunDocument> {
  const quoted = JSON.stringify(caller ?? '').replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
  return {
    state: { $in: [...states] },
    ...(workflow !== undefined && { workflow }),
    ...(caller !== undefined && { $or: [{ caller }, { callerFacts: { $regex: `"name":${quoted}` } }] }),
  };
}

/**
 * Those that have ended, in the order of `byEnd`. Runs of which it is not known when they ended, as some from archives, come
 * first, and count from when they were made; they are asked for by themselves, so that the index serves both.
 * @param after what ended before it is left out, ms since the epoch
 */
function endedOf(chosen: ChosenRuns, after?: number): Filter<RunDocument>[] {
  const of = filterOf(chosen, ended);
  const { before } = chosen;
  const without: Filter<RunDocument> = {
    ...of,
    finishedAt: { $eq: null } as unknown as number,
    ...(before !== undefined && { createdAt: { $lt: before } }),
  };
  const times = {
    $gte: after ?? Number.MIN_SAFE_INTEGER,
    ...(before !== undefined && { $lt: before }),
  };
  return [...(after === undefined ? [without] : []), { ...of, finishedAt: times }];
}

/** Those of the filters that are really of the caller. */
async function* chosenOf(
  session: StoreSession,
  { caller }: ChosenRuns,
  filters: readonly Filter<RunDocument>[],
  sort: Readonly<Record<string, 1>>,
): AsyncGenerator<Found> {
  for (const filter of filters) {
    const cursor = runs(session).find<Found>(filter, { ...session.options(), projection, sort });
    for await (const found of cursor) {
      const { id, name } = callerOf(found);
      if (caller === undefined || id === caller || name === caller) yield found;
    }
  }
}

export async function count(session: StoreSession, chosen: ChosenRuns): Promise<CountedRuns> {
  const callers = new Set<string>();
  let counted = 0;
  for await (const { caller } of chosenOf(session, chosen, endedOf(chosen), byEnd)) {
    counted++;
    callers.add(caller);
  }
  const { before } = chosen;
  const waiting = {
    ...filterOf(chosen, unfinished),
    ...(before !== undefined && { createdAt: { $lt: before } }),
  };
  const ids: string[] = [];
  let unfinishedCount = 0;
  for await (const { _id, caller } of chosenOf(session, chosen, [waiting], { createdAt: 1, _id: 1 })) {
    unfinishedCount++;
    callers.add(caller);
    if (ids.length < maxNamed) ids.push(_id);
  }
  return { ended: counted, unfinished: ids, unfinishedCount, callers: [...callers] };
}

const keyIn = (text: StoredText | undefined): string[] =>
  typeof text === 'object' && text !== null ? [text.key] : [];

const keysIn = (result: ResultEntry): string[] =>
  result ? [...keyIn(result.output), ...keyIn(result.context)] : [];

/** The names of all texts of a run that lie in parts. */
async function keysOf(session: StoreSession, run: string): Promise<string[]> {
  const found = await runs(session).findOne({ _id: run }, session.options());
  const keys = [found?.definition, found?.input, found?.output].flatMap(keyIn);
  const cursor = records(session).find(recordsOf(run), {
    ...session.options(),
    projection: { 'results.output.key': 1, 'results.context.key': 1 },
  });
  for await (const { results } of cursor) keys.push(...results.flatMap(keysIn));
  return keys;
}

/** Erases what is written down. */
async function complete(session: StoreSession, { _id: run, keys }: ErasureDocument): Promise<void> {
  await runs(session).deleteOne({ _id: run, state: { $in: [...ended] } }, session.options());
  await records(session).deleteMany(recordsOf(run), session.options());
  await texts(session).deleteMany(partsOfRun(run), session.options());
  for (const key of keys) await texts(session).deleteMany(partsOfText(key), session.options());
  await erasures(session).deleteOne({ _id: run }, session.options());
}

async function eraseRun(session: StoreSession, run: string): Promise<void> {
  const keys = (await keysOf(session, run)).filter((key) => !key.startsWith(`${run}.`));
  await erasures(session).replaceOne({ _id: run }, { keys }, { ...session.options(), upsert: true });
  await complete(session, { _id: run, keys });
}

/**
 * What was interrupted is completed, whoever began it. The next portion begins with those that ended in the same millisecond as
 * the last one here, which is gone itself; an empty position says that runs may be left of which it is not known when they ended.
 */
export async function erase(
  session: StoreSession,
  chosen: ChosenRuns,
  after: string | undefined,
): Promise<ErasedRuns> {
  const begun = await erasures(session)
    .find({}, { ...session.options(), limit: maxRuns })
    .toArray();
  for (const one of begun) await complete(session, one);
  const ids: string[] = [];
  let last: number | undefined;
  const from = after ? Number(after) : undefined;
  for await (const { _id, finishedAt } of chosenOf(session, chosen, endedOf(chosen, from), byEnd)) {
    ids.push(_id);
    last = finishedAt;
    if (ids.length === maxRuns) break;
  }
  for (const id of ids) await eraseRun(session, id);
  return { ids, ...(ids.length === maxRuns && { next: String(last ?? '') }) };
}

/** A run that is written again is not erased any more. */
export async function forgetErasure(session: StoreSession, run: string): Promise<void> {
  await erasures(session).deleteOne({ _id: run }, session.options());
}
