import type { Call } from '../call.ts';
import { throwIfCallEnded } from '../call-end.ts';
import { HydrogenError } from '../errors.ts';
import type { Keys } from '../policy/signing.ts';
import { hasExited } from '../process-identity.ts';
import type { JournalArchive } from '../stores/journal/archive.ts';
import type { Journal } from '../stores/journal/types.ts';
import { moveApiKeys } from './api-keys.ts';
import { createTally, digestOfRun } from './digest.ts';
import type { Checked, MoveOptions, PlanOptions, RunsSide, Way } from './sides.ts';

const pageSize = 1_000;

async function endedRuns(archive: JournalArchive, call: Call): Promise<string[]> {
  const ids: string[] = [];
  for (;;) {
    const page = await archive.ended(ids.at(-1), pageSize, call);
    ids.push(...page);
    if (page.length < pageSize) return ids;
  }
}

/** @throws HydrogenError `conflict` while a server executes runs */
async function assertIdle(journal: Journal, name: string, call: Call): Promise<number> {
  const { pending, suspended, leases } = await journal.unfinished(call);
  const live = leases.filter(({ owner, until }) => until > Date.now() && !hasExited(owner));
  if (live.length > 0) {
    throw new HydrogenError(
      'conflict',
      `A server is executing ${live.length === 1 ? 'a run' : `${live.length} runs`} in ${name}. Stop all servers that use it, and move again; a run of one that was killed is held for half a minute more.`,
    );
  }
  return pending + suspended + leases.length;
}

/** The source's keys sign; what those of the target have signed stays valid. */
async function moveKeys({ from, to }: Way<RunsSide>, call: Call): Promise<Checked> {
  const keys = await from.keys.read(call);
  if (!keys) return { compared: [], differences: [] };
  const theirs: readonly Keys[number][] = (await to.keys.read(call)) ?? [];
  const others = theirs.filter(({ id }) => !keys.some((key) => key.id === id));
  const wanted: Keys = [...keys, ...others];
  const isSame = wanted.length === theirs.length && wanted.every(({ id }, i) => id === theirs[i]?.id);
  if (!isSame) await to.keys.write(wanted, call);
  const now = (await to.keys.read(call)) ?? [];
  const there = keys.filter(({ id, secret }) =>
    now.some((key) => key.id === id && key.secret.equals(secret)),
  );
  return {
    compared: [{ what: 'signing keys', from: { count: keys.length }, to: { count: there.length } }],
    differences: there.length === keys.length ? [] : ['signing keys'],
  };
}

/** One that was used must not be used again with the other store. */
async function moveSpent({ from, to }: Way<RunsSide>, call: Call): Promise<void> {
  for (const { nonce, expires } of await from.spent.unexpired(call)) await to.spent.use(nonce, expires, call);
}

async function copyRun({ from, to }: Way<RunsSide>, id: string, isThere: boolean, call: Call): Promise<void> {
  const run = await from.archive.read(id, call);
  if (!run) return;
  const other = isThere ? await to.archive.read(id, call) : undefined;
  if (other && digestOfRun(other) === digestOfRun(run)) return;
  await to.archive.write(run, call);
}

async function checkRuns(
  { from, to }: Way<RunsSide>,
  ids: readonly string[],
  { step }: MoveOptions,
  call: Call,
): Promise<Checked> {
  const [ours, theirs] = [createTally(), createTally()];
  const steps = { from: 0, to: 0 };
  const differences: string[] = [];
  for (const id of ids) {
    throwIfCallEnded(call);
    const [one, other] = await Promise.all([from.archive.read(id, call), to.archive.read(id, call)]);
    const [digest, otherDigest] = [one && digestOfRun(one), other && digestOfRun(other)];
    if (digest !== undefined) ours.add(digest);
    if (otherDigest !== undefined) theirs.add(otherDigest);
    if (digest === undefined || digest !== otherDigest) differences.push(`run ${id}`);
    steps.from += one?.steps.length ?? 0;
    steps.to += other?.steps.length ?? 0;
    step('comparing runs', 1);
  }
  return {
    compared: [
      { what: 'runs', from: ours.result(), to: theirs.result() },
      { what: 'steps', from: { count: steps.from }, to: { count: steps.to } },
    ],
    differences,
  };
}

export interface MovedRuns extends Checked {
  /** Runs that have not ended stay where they are, since they would be executed twice. */
  readonly unfinished: number;
}

export interface RunsPlan {
  /** The runs to copy: those that have ended. */
  readonly ids: readonly string[];
  /** The ids of all that have ended at the target. */
  readonly there: ReadonlySet<string>;
  readonly unfinished: number;
}

/**
 * Looks at both sides before anything is copied.
 * @throws HydrogenError `conflict` where servers execute runs, or the target has other ones
 */
export async function planRuns(
  { from, to, names }: Way<RunsSide>,
  { merge }: PlanOptions,
  call: Call,
): Promise<RunsPlan> {
  const unfinished = await assertIdle(from.journal, names.from, call);
  await assertIdle(to.journal, names.to, call);
  const [ids, theirs] = await Promise.all([endedRuns(from.archive, call), endedRuns(to.archive, call)]);
  const known = new Set(ids);
  const others = theirs.filter((id) => !known.has(id));
  if (others.length > 0 && !merge) {
    throw new HydrogenError(
      'conflict',
      `There are other runs in ${names.to}: ${others[0]}${others.length > 1 ? ` and ${others.length - 1} more` : ''}, which ${names.from} does not have. Nothing was copied. Move to an empty place, or use --merge, which keeps them.`,
    );
  }
  return { ids, there: new Set(theirs), unfinished };
}

/** Copies the runs that have ended, the keys of both kinds, and the confirmations that were used, and compares both. */
export async function moveRuns(
  way: Way<RunsSide>,
  { ids, there, unfinished }: RunsPlan,
  options: MoveOptions,
  call: Call,
): Promise<MovedRuns> {
  for (const id of ids) {
    throwIfCallEnded(call);
    await copyRun(way, id, there.has(id), call);
    options.step('copying runs', 1);
  }
  await moveSpent(way, call);
  const checked = [
    await checkRuns(way, ids, options, call),
    await moveKeys(way, call),
    await moveApiKeys(way, call),
  ];
  return {
    compared: checked.flatMap(({ compared }) => compared),
    differences: checked.flatMap(({ differences }) => differences),
    unfinished,
  };
}
