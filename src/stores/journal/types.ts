import type { Call, Caller } from '../../call.ts';

export type RunState = 'pending' | 'running' | 'completed' | 'faulted' | 'cancelled';
export type StepState = 'running' | 'completed' | 'faulted' | 'skipped';

/** An error in the form of the DSL (RFC 9457 problem details). */
export interface RunError {
  readonly type: string;
  readonly status: number;
  readonly title: string;
  readonly detail: string;
  /** The place of the task that failed, as the reference of its step. */
  readonly instance: string;
}

/** How a run ended. */
export type RunEnd =
  | { readonly state: 'completed'; readonly output: string }
  | { readonly state: 'faulted'; readonly error: RunError }
  | { readonly state: 'cancelled' };

/** A run to be journaled. `definition` and `input` are JSON texts; `definition` keeps the order of keys. */
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
  readonly input: string;
  readonly output?: string;
  readonly error?: RunError;
}

export interface StepRecord {
  /** The place in the definition, with iterations of loops and repeated visits; unique in its run. */
  readonly reference: string;
  readonly name: string;
  readonly kind: string;
  readonly state: StepState;
  readonly attempts: number;
  readonly startedAt: number;
  readonly finishedAt?: number;
}

/** What a step leaves for the steps after it, as JSON texts. */
export interface StepResult {
  readonly output: string;
  /** The context of the run after an `export`. */
  readonly context?: string;
  /** The flow directive that a `switch` chose. */
  readonly next?: string;
}

/** A step to write: its start, or its end. */
export interface StepWrite {
  readonly reference: string;
  readonly name: string;
  readonly kind: string;
  readonly state: StepState;
  readonly startedAt: number;
  readonly result?: StepResult;
}

/** The right to execute a run. A process whose lease was given to another cannot write to the run. */
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
  /** How often its process ended without a word since a step last completed. */
  readonly crashes: number;
  readonly cancelRequested: boolean;
}

export interface Claim {
  readonly owner: string;
  readonly leaseMs: number;
  /** Owners whose process is known to have ended: their leases count as run out. */
  readonly gone: readonly string[];
}

export interface RenewedLease {
  readonly run: string;
  /** False when another process has the run now. */
  readonly held: boolean;
  readonly cancelRequested: boolean;
}

export interface UnfinishedRuns {
  readonly pending: number;
  /** One for each running run; `until` in milliseconds since the epoch. */
  readonly leases: readonly { readonly owner: string; readonly until: number }[];
}

/**
 * Runs, their steps and who executes them. Every write of an executing process carries its lease and is
 * refused with `conflict` when the lease has passed to another process.
 */
export interface Journal {
  /** Journals a pending run, or returns the one of the same caller and idempotency key. */
  create(run: NewRun, call: Call): Promise<{ readonly run: RunRecord; readonly created: boolean }>;
  get(id: string, call: Call): Promise<RunRecord | undefined>;
  steps(id: string, call: Call): Promise<readonly StepRecord[]>;
  /** The newest runs first, without their outputs; of one caller when `caller` is given. */
  recent(
    query: { readonly caller?: string; readonly limit: number },
    call: Call,
  ): Promise<readonly RunRecord[]>;
  /** How many runs wait, and by whom the others are executed. */
  unfinished(call: Call): Promise<UnfinishedRuns>;
  /** Takes the oldest run that waits, or whose lease ran out or belongs to an owner that is gone. */
  claim(claim: Claim, call: Call): Promise<ClaimedRun | undefined>;
  renew(leases: readonly Lease[], leaseMs: number, call: Call): Promise<readonly RenewedLease[]>;
  /** Steps that ended with a result, by reference: what a resumed run does not execute again. */
  results(id: string, call: Call): Promise<ReadonlyMap<string, StepResult>>;
  /** @throws HydrogenError `conflict` (lease lost), `too_large` (the run's steps in all). */
  record(
    lease: Lease,
    steps: readonly StepWrite[],
    call: Call,
  ): Promise<{ readonly cancelRequested: boolean }>;
  /** @throws HydrogenError `conflict` (lease lost). */
  finish(lease: Lease, end: RunEnd, call: Call): Promise<void>;
  /** Suspends the run: it is pending again, and taken up by whoever comes first. */
  release(lease: Lease, call: Call): Promise<void>;
  /** A pending run is cancelled; a running one is marked, for its process to see. */
  requestCancel(id: string, call: Call): Promise<RunRecord | undefined>;
}

/** What checking a definition gave, kept by the hash of its text and of the rules. */
export interface Verdicts {
  get(sha256: string, call: Call): Promise<string | undefined>;
  keep(sha256: string, verdict: string, call: Call): Promise<void>;
}
