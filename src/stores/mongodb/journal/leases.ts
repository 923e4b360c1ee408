import type { Claim, ClaimedRun, Lease, RenewedLease, RunEnd } from '../../journal/types.ts';
import type { StoreSession } from '../client.ts';
import { collections, type RunDocument, runOf } from './documents.ts';
import { heldBy, lostLease, type Records } from './records.ts';
import { loadText, storeTexts } from './texts.ts';

// Who executes a run. Each of these is one compare-and-set of the run's document, by owner, fence and state.
//
// Leases are measured by the server's clock, as `facts` knows it, since those of the nodes may differ by more than a lease;
// an error there could cost a step that is executed twice, never one that is recorded twice, which the fence prevents. The
// moment until which a run is suspended is one of the world's time, and is compared with the clock of whoever looks.

const runs = ({ db }: StoreSession) => db.collection<RunDocument>(collections.runs);

/** How long the answer to a claim is waited for when its call is over, ms. */
const answerMs = 5_000;

export async function claim(
  session: StoreSession,
  records: Records,
  { owner, leaseMs, exited }: Claim,
): Promise<ClaimedRun | undefined> {
  const now = Date.now();
  const serverNow = (await session.facts()).now();
  const { signal, ...options } = session.options();
  // Not the call's own signal, at whose end the driver would drop the connection, and with it the answer.
  const bounds = { ...options, signal: AbortSignal.timeout((options.maxTimeMS ?? 0) + answerMs) };
  const found = await runs(session).findOneAndUpdate(
    {
      $or: [
        { state: 'pending', leaseUntil: { $lte: now } },
        { state: 'running', leaseUntil: { $lte: serverNow } },
        ...(exited.length > 0 ? [{ state: 'running', leaseOwner: { $in: [...exited] } } as const] : []),
      ],
    },
    {
      $set: { state: 'running', leaseOwner: owner, leaseUntil: serverNow + leaseMs },
      $inc: { fence: 1, revision: 1, crashes: 1 },
      // Only the first claim finds none.
      $min: { startedAt: now },
    },
    {
      ...bounds,
      returnDocument: 'after',
      sort: { createdAt: 1, _id: 1 },
      projection: { sha256: 0, unique: 0 },
    },
  );
  if (!found) return undefined;
  const lease: Lease = { run: found._id, owner, fence: found.fence };
  if (signal.aborted) {
    // Nobody waits for it any more: without this, the run would stand still until the lease ends.
    await give(session, lease, 0, {});
    return undefined;
  }
  records.begin(lease, found);
  return {
    lease,
    run: await runOf(found, (text) => loadText(session, text)),
    definition: await loadText(session, found.definition),
    // The lease that begins now is counted already.
    crashes: found.crashes - 1,
    cancelRequested: found.cancelRequested,
  };
}

export async function renew(
  session: StoreSession,
  records: Records,
  leases: readonly Lease[],
  leaseMs: number,
): Promise<RenewedLease[]> {
  const until = (await session.facts()).now() + leaseMs;
  return Promise.all(
    leases.map(async (lease) => {
      const found = await runs(session).findOneAndUpdate(
        heldBy(lease),
        // An earlier one may arrive later.
        { $max: { leaseUntil: until } },
        { ...session.options(), returnDocument: 'after', projection: { cancelRequested: 1 } },
      );
      if (!found) records.end(lease);
      return { run: lease.run, held: found !== null, cancelRequested: found?.cancelRequested ?? false };
    }),
  );
}

/**
 * Whether the lease has ended because this very thing was done before, and only the answer was lost: nobody else can
 * change a run under this fence but by cancelling it once it is pending.
 */
async function isDone(
  session: StoreSession,
  { run, fence }: Lease,
  states: readonly RunDocument['state'][],
): Promise<boolean> {
  const found = await runs(session).findOne(
    { _id: run },
    { ...session.options(), projection: { fence: 1, state: 1 } },
  );
  return found?.fence === fence && states.includes(found.state);
}

export async function finish(
  session: StoreSession,
  records: Records,
  lease: Lease,
  end: RunEnd,
): Promise<void> {
  const output =
    end.state === 'completed'
      ? (await storeTexts(session, lease.run, { output: end.output })).output
      : undefined;
  const { matchedCount } = await runs(session).updateOne(
    heldBy(lease),
    {
      $set: {
        state: end.state,
        ...(output !== undefined && { output }),
        ...(end.state === 'faulted' && { error: JSON.stringify(end.error) }),
        finishedAt: Date.now(),
        leaseOwner: null,
        leaseUntil: 0,
      },
      $inc: { revision: 1, crashes: -1 },
    },
    session.options(),
  );
  records.end(lease);
  if (matchedCount === 0 && !(await isDone(session, lease, [end.state]))) throw lostLease(lease.run);
}

/** Makes the run pending again, if its lease holds and this is true of it. */
async function give(
  session: StoreSession,
  lease: Lease,
  leaseUntil: number,
  condition: Partial<Pick<RunDocument, 'cancelRequested'>>,
): Promise<boolean> {
  const { matchedCount } = await runs(session).updateOne(
    { ...heldBy(lease), ...condition },
    { $set: { state: 'pending', leaseOwner: null, leaseUntil }, $inc: { revision: 1, crashes: -1 } },
    // A call that is over has no time left for it.
    session.options().signal.aborted ? { signal: AbortSignal.timeout(answerMs) } : session.options(),
  );
  return matchedCount === 1;
}

/** The lease of a pending run has no owner; until it ends, nobody can claim the run. */
export async function release(
  session: StoreSession,
  records: Records,
  lease: Lease,
  until = 0,
): Promise<void> {
  // A wish to cancel is never taken back, so that the second covers what came between.
  const isGiven =
    (await give(session, lease, until, { cancelRequested: false })) ||
    (await give(session, lease, 0, { cancelRequested: true }));
  records.end(lease);
  if (!isGiven && !(await isDone(session, lease, ['pending', 'cancelled']))) throw lostLease(lease.run);
}
