import { createHash } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { NewRun, RunRecord, UnfinishedRuns } from '../../journal/types.ts';
import type { StoreSession } from '../client.ts';
import { codeOf } from '../errors.ts';
import { callerFields, collections, type RunDocument, runOf, type ShownRun, shown } from './documents.ts';
import { loadText, storeTexts } from './texts.ts';

const runs = ({ db }: StoreSession) => db.collection<RunDocument>(collections.runs);

/** A run's texts are read by this. */
const loading = (session: StoreSession) => (text: RunDocument['input']) => loadText(session, text);

export const uniqueOf = ({
  id,
  caller,
  idempotencyKey,
}: Pick<NewRun, 'id' | 'caller' | 'idempotencyKey'>): string =>
  idempotencyKey === undefined
    ? id
    : createHash('sha256')
        .update(JSON.stringify([caller.id, idempotencyKey]))
        .digest('base64url');

/** Repeated with the same id, it finds what it had written. */
export async function create(
  session: StoreSession,
  run: NewRun,
): Promise<{ readonly run: RunRecord; readonly created: boolean }> {
  const unique = uniqueOf(run);
  const same = async (): Promise<{ run: RunRecord; created: boolean } | undefined> => {
    const found = await runs(session).findOne<ShownRun>(
      { unique },
      { ...session.options(), projection: shown },
    );
    return found ? { run: await runOf(found, loading(session)), created: found._id === run.id } : undefined;
  };
  const known = run.idempotencyKey === undefined ? undefined : await same();
  if (known) return known;
  const { definition, input } = await storeTexts(session, run.id, {
    definition: run.definition,
    input: run.input,
  });
  const document: RunDocument = {
    _id: run.id,
    ...callerFields(run.caller),
    workflow: run.workflow,
    version: run.version,
    definition,
    sha256: run.sha256,
    unique,
    ...(run.idempotencyKey !== undefined && { idempotencyKey: run.idempotencyKey }),
    input,
    state: 'pending',
    revision: 0,
    createdAt: Date.now(),
    leaseOwner: null,
    leaseUntil: 0,
    fence: 0,
    crashes: 0,
    cancelRequested: false,
    seq: 0,
    turn: 0,
    stepBytes: 0,
  };
  try {
    await runs(session).insertOne(document, session.options());
  } catch (error) {
    if (codeOf(error) !== 11000) throw error;
    // Another call with the same key was faster, or an earlier attempt of this one. A majority may not have it yet.
    for (;;) {
      const existing = await same();
      if (existing) return existing;
      session.options().signal.throwIfAborted();
      await delay(20);
    }
  }
  return { run: await runOf(document, async () => run.input), created: true };
}

export async function get(session: StoreSession, id: string): Promise<RunRecord | undefined> {
  const found = await runs(session).findOne<ShownRun>(
    { _id: id },
    { ...session.options(), projection: shown },
  );
  return found ? runOf(found, loading(session)) : undefined;
}

export async function recent(
  session: StoreSession,
  { caller, limit }: { readonly caller?: string; readonly limit: number },
): Promise<RunRecord[]> {
  const found = await runs(session)
    .find<ShownRun>(caller === undefined ? {} : { caller }, {
      ...session.options(),
      // Outputs may be large, and lists do not show them.
      projection: { ...shown, output: 0 },
      sort: { createdAt: -1, _id: -1 },
      limit,
    })
    .toArray();
  const records: RunRecord[] = [];
  for (const run of found) records.push(await runOf(run, loading(session)));
  return records;
}

export async function unfinished(session: StoreSession): Promise<UnfinishedRuns> {
  const now = Date.now();
  const facts = await session.facts();
  const options = session.options();
  const ready = { state: 'pending', leaseUntil: { $lte: now } } as const;
  const later = { state: 'pending', leaseUntil: { $gt: now } } as const;
  const [pending, suspended, next, running] = await Promise.all([
    runs(session).countDocuments(ready, options),
    runs(session).countDocuments(later, options),
    runs(session).findOne(later, { ...options, projection: { leaseUntil: 1 }, sort: { leaseUntil: 1 } }),
    runs(session)
      .find({ state: 'running' }, { ...options, projection: { leaseOwner: 1, leaseUntil: 1 } })
      .toArray(),
  ]);
  // Leases are told by the clock of whoever asks.
  const ahead = facts.now() - Date.now();
  return {
    pending,
    suspended,
    ...(next && { wakeAt: next.leaseUntil }),
    leases: running.map(({ leaseOwner, leaseUntil }) => ({
      owner: leaseOwner ?? '',
      until: leaseUntil - ahead,
    })),
  };
}

export async function requestCancel(session: StoreSession, id: string): Promise<RunRecord | undefined> {
  const after = { ...session.options(), returnDocument: 'after', projection: shown } as const;
  // Between the two it may be claimed or given back; then it is looked at once more.
  for (;;) {
    const run =
      (await runs(session).findOneAndUpdate(
        { _id: id, state: 'pending' },
        {
          $set: { state: 'cancelled', cancelRequested: true, finishedAt: Date.now(), leaseUntil: 0 },
          $inc: { revision: 1 },
        },
        after,
      )) ??
      (await runs(session).findOneAndUpdate(
        { _id: id, state: 'running' },
        { $set: { cancelRequested: true }, $inc: { revision: 1 } },
        after,
      ));
    if (run) return runOf(run, loading(session));
    session.options().signal.throwIfAborted();
    const found = await get(session, id);
    if (found?.state !== 'pending' && found?.state !== 'running') return found;
  }
}
