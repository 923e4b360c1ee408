import type { Call, Caller } from '../../call.ts';

export type RunState = 'pending' | 'running' | 'completed' | 'faulted' | 'cancelled';
/** A step is cancelled when the tasks that it runs beside have been decided without it. */
export type StepState = 'running' | 'completed' | 'faulted' | 'skipped' | 'cancelled';

/** An error in the DSL's form (RFC 9457 problem details). */
export interface RunError {
  readonly type: string;
  readonly status: number;
  readonly title?: string;
  readonly detail?: string;
  /** The place of the task that failed, as the reference of its step. */
  readonly instance: string;
}

/** How a run ended. */
export type RunEnd =
  | { readonly state: 'completed'; readonly output: string }
  | { readonly state: 'faulted'; readonly error: RunError }
  | { readonly state: 'cancelled' };

/** A run to be journaled. `definition` and `input` are JSON texts; `definition` preserves the order of keys. */
export interface NewRun {
  readonly id: string;
  readonly caller: Caller;
  readonly workflow: string;
  readonly version: string;
  readonly definition: string;
  /** SHA-256 of `definition`, hexadecimal. */
  readonly sha256: string;
  readonly idempotencyKey?: string;
  readonly input: string;
}

/** Times are milliseconds since the epoch; `input` and `output` are JSON texts. */
export interface RunRecord {
  readonly id: string;
  readonly caller: Caller;
  readonly workflow: string;
  readonly version: string;
  readonly state: RunState;
  /** Grows with every write to the run or its steps. */
  readonly revision: number;
  readonly createdAt: number;
  readonly startedAt?: number;
  readonly finishedAt?: number;
  /** When a suspended run goes on. */
  readonly suspendedUntil?: number;
  readonly input: string;
  readonly output?: string;
  readonly error?: RunError;
}

export interface StepRecord {
  /** The place in the definition, with iterations of loops and repeated visits; unique within its run. */
  readonly reference: string;
  readonly name: string;
  readonly kind: string;
  readonly state: StepState;
  readonly attempts: number;
  readonly startedAt: number;
  readonly finishedAt?: number;
  /** What the answer to its call said of itself. */
  readonly note?: string;
  /** Why it faulted. */
  readonly error?: RunError;
}

/** The results of a step for later ones, as JSON texts. */
export interface StepResult {
  readonly output: string;
  /** The context of the run after an `export`. */
  readonly context?: string;
  /** The flow directive that a `switch` chose. */
  readonly next?: string;
}

/** What an earlier process has journaled of a step. */
export interface JournaledStep {
  /** When it was first started, in milliseconds since the epoch. */
  readonly startedAt: number;
  /** Absent while it has not ended, and when it faulted. */
  readonly result?: StepResult;
  /** Why it faulted. It is journaled as soon as the error is caught, or ends the run. */
  readonly error?: RunError;
  /** When it faulted. */
  readonly faultedAt?: number;
}

/** A step to write: its start, or its end. */
export interface StepWrite {
  readonly reference: string;
  readonly name: string;
  readonly kind: string;
  readonly state: StepState;
  readonly startedAt: number;
  readonly result?: StepResult;
  readonly note?: string;
  readonly error?: RunError;
}

/** The right to execute a run. A process whose lease has passed to another cannot write to the run. */
export interface Lease {
  readonly run: string;
  readonly owner: string;
  /** Grows with every lease of the run. */
  readonly fence: number;
}

export interface ClaimedRun {
  readonly lease: Lease;
  readonly run: RunRecord;
  readonly definition: string;
  /** How often its process has ended without releasing it since a step last completed. */
  readonly crashes: number;
  readonly cancelRequested: boolean;
}

export interface Claim {
  readonly owner: string;
  readonly leaseMs: number;
  /** Owners whose process is known to have ended: their leases count as expired. */
  readonly exited: readonly string[];
}

export interface RenewedLease {
  readonly run: string;
  /** False when another process now has the run. */
  readonly held: boolean;
  readonly cancelRequested: boolean;
}

export interface UnfinishedRuns {
  /** Runs that can be claimed now. */
  readonly pending: number;
  /** Suspended runs whose time has not come. */
  readonly suspended: number;
  /** When the first of these goes on, in milliseconds since the epoch. */
  readonly wakeAt?: number;
  /** One for each running run; `until` in milliseconds since the epoch. */
  readonly leases: readonly { readonly owner: string; readonly until: number }[];
}

/** Which runs; all that is given has to be true of them. */
export interface ChosenRuns {
  /** The id of their caller, or its name. */
  readonly caller?: string;
  readonly workflow?: string;
  /** They ended before it, or, where they have not ended, were made before it; milliseconds since the epoch. */
  readonly before?: number;
}

export interface CountedRuns {
  /** How many have ended. */
  readonly ended: number;
  /** The ids of those that have not, the oldest first; at most a thousand. */
  readonly unfinished: readonly string[];
  /** How many have not, also beyond those that are named. */
  readonly unfinishedCount: number;
  /** The ids of the callers of all these. */
  readonly callers: readonly string[];
}

/** A portion of runs that were erased. */
export interface ErasedRuns {
  /** May be none where there are others behind `next`. */
  readonly ids: readonly string[];
  /** Where the next portion begins; absent where all were looked at. */
  readonly next?: string;
}

/**
 * Runs, their steps and who executes them. Every write of an executing process carries its lease, and is refused with
 * `conflict` when the lease has passed to another process.
 */
export interface Journal {
  /** Journals a pending run, or returns the existing one with the same caller and idempotency key. */
  create(run: NewRun, call: Call): Promise<{ readonly run: RunRecord; readonly created: boolean }>;
  get(id: string, call: Call): Promise<RunRecord | undefined>;
  steps(id: string, call: Call): Promise<readonly StepRecord[]>;
  /** The newest runs first, without their outputs; limited to one caller if `caller` is given. */
  recent(
    query: { readonly caller?: string; readonly limit: number },
    call: Call,
  ): Promise<readonly RunRecord[]>;
  /** How many runs are waiting, and for how long, and who executes the others. */
  unfinished(call: Call): Promise<UnfinishedRuns>;
  /**
   * Takes the oldest run that is pending and not suspended until later, or whose lease has expired or belongs to an owner
   * that has ended.
   */
  claim(claim: Claim, call: Call): Promise<ClaimedRun | undefined>;
  renew(leases: readonly Lease[], leaseMs: number, call: Call): Promise<readonly RenewedLease[]>;
  /**
   * The steps under way and those that ended with a result or an error, by reference: a resumed run goes on with the
   * former, and does not execute the latter again.
   */
  journaled(id: string, call: Call): Promise<ReadonlyMap<string, JournaledStep>>;
  /** @throws HydrogenError `conflict` (lease lost), `too_large` (all steps of the run together). */
  record(
    lease: Lease,
    steps: readonly StepWrite[],
    call: Call,
  ): Promise<{ readonly cancelRequested: boolean }>;
  /** @throws HydrogenError `conflict` (lease lost). */
  finish(lease: Lease, end: RunEnd, call: Call): Promise<void>;
  /**
   * Suspends the run: it is pending again, and from `until` on (milliseconds since the epoch), or at once, taken up by
   * whoever comes first. One that is to be cancelled is taken up at once.
   */
  release(lease: Lease, until: number | undefined, call: Call): Promise<void>;
  /** Cancels a pending run; marks a running one, for its process to see. */
  requestCancel(id: string, call: Call): Promise<RunRecord | undefined>;
  count(chosen: ChosenRuns, call: Call): Promise<CountedRuns>;
  /**
   * Erases some of the chosen runs that have ended, the first to end first, with all that is kept of them: so many, and of so
   * many looked at, that nobody else has to wait for long.
   * @param after `next` of the last portion, so that what was looked at is not looked at again; undefined for the first
   */
  erase(chosen: ChosenRuns, after: string | undefined, call: Call): Promise<ErasedRuns>;
}

/** Results of checking definitions, stored by the hash of the definition's text and of the rules. */
export interface Verdicts {
  get(sha256: string, call: Call): Promise<string | undefined>;
  save(sha256: string, verdict: string, call: Call): Promise<void>;
}
