import type { IndexDescription } from 'mongodb';
import type { Caller } from '../../../call.ts';
import type { RunError, RunRecord, RunState, StepState } from '../../journal/types.ts';

/** A text in its place, or in parts of its own where the document would become too large (`texts.ts`). */
export type StoredText = string | { readonly key: string; readonly parts: number };

/** A run. What is absent is not there as null either, but for the owner of the lease. */
export interface RunDocument {
  readonly _id: string;
  readonly caller: string;
  readonly scopes: Caller['scopes'];
  /** JSON of the rest that is known of the caller: any name may stand in it. */
  readonly callerFacts?: string;
  readonly workflow: string;
  readonly version: string;
  readonly definition: StoredText;
  readonly sha256: string;
  /** A digest of caller and idempotency key; of a run without one, its id: a unique index needs no exception then. */
  readonly unique: string;
  /** As it was given, for taking the run to another store. */
  readonly idempotencyKey?: string;
  readonly input: StoredText;
  readonly output?: StoredText;
  /** JSON. */
  readonly error?: string;
  readonly state: RunState;
  readonly revision: number;
  readonly createdAt: number;
  readonly startedAt?: number;
  readonly finishedAt?: number;
  readonly leaseOwner: string | null;
  /** Of a running run, by the server's clock; of a pending one, the moment from which it may be claimed; else 0. */
  readonly leaseUntil: number;
  readonly fence: number;
  /** Counts a lease that nobody has given back yet as a crash, so that claiming need not look at the state before. */
  readonly crashes: number;
  readonly cancelRequested: boolean;
  /** How many of the run's records count (`records.ts`). */
  readonly seq: number;
  /** Grows with every attempt to make one count. */
  readonly turn: number;
  readonly stepBytes: number;
}

/** A step as one record tells of it. */
export interface StepEntry {
  readonly reference: string;
  readonly name: string;
  readonly kind: string;
  readonly state: StepState;
  readonly startedAt: number;
  readonly finishedAt?: number;
  readonly note?: string;
  readonly error?: RunError;
}

/** The result that belongs to the entry at the same place; null where there is none. */
export type ResultEntry = {
  readonly output: StoredText;
  readonly context?: StoredText;
  readonly next?: string;
} | null;

/** What was recorded together. `_id` is the run and the number of the record. */
export interface RecordDocument {
  readonly _id: string;
  readonly fence: number;
  readonly turn: number;
  readonly steps: readonly StepEntry[];
  readonly results: readonly ResultEntry[];
}

export const collections = {
  runs: 'runs',
  records: 'run_records',
  texts: 'run_texts',
  erasures: 'run_erasures',
  verdicts: 'verdicts',
} as const;

export const journalIndexes: Readonly<Record<string, readonly IndexDescription[]>> = {
  [collections.runs]: [
    { key: { unique: 1 }, unique: true },
    // Claims and what is unfinished; ended runs lie elsewhere in it.
    { key: { state: 1, createdAt: 1, _id: 1 } },
    { key: { state: 1, leaseUntil: 1 } },
    // Those that ended long ago.
    { key: { state: 1, finishedAt: 1 } },
    { key: { createdAt: -1, _id: -1 } },
    { key: { caller: 1, createdAt: -1, _id: -1 } },
  ],
};

/** A run's document as it is read for a record: without what is only for executing it. */
export type ShownRun = Omit<RunDocument, 'definition' | 'sha256' | 'unique' | 'idempotencyKey'>;

export const shown = { definition: 0, sha256: 0, unique: 0, idempotencyKey: 0 } as const;

type CallerFields = Pick<RunDocument, 'caller' | 'scopes' | 'callerFacts'>;

export function callerOf({ caller: id, scopes, callerFacts }: CallerFields): Caller {
  const facts = callerFacts === undefined ? {} : (JSON.parse(callerFacts) as Omit<Caller, 'id' | 'scopes'>);
  return { id, scopes, ...facts };
}

export function callerFields({ id, scopes, ...facts }: Caller): CallerFields {
  return {
    caller: id,
    scopes,
    ...(Object.keys(facts).length > 0 && { callerFacts: JSON.stringify(facts) }),
  };
}

/** The run with its texts, which may lie elsewhere. */
export async function runOf(run: ShownRun, load: (text: StoredText) => Promise<string>): Promise<RunRecord> {
  const { startedAt, finishedAt, output, error, leaseUntil } = run;
  return {
    id: run._id,
    caller: callerOf(run),
    workflow: run.workflow,
    version: run.version,
    state: run.state,
    revision: run.revision,
    createdAt: run.createdAt,
    ...(startedAt !== undefined && { startedAt }),
    ...(finishedAt !== undefined && { finishedAt }),
    ...(run.state === 'pending' && leaseUntil > 0 && { suspendedUntil: leaseUntil }),
    input: await load(run.input),
    ...(output !== undefined && { output: await load(output) }),
    ...(error !== undefined && { error: JSON.parse(error) as RunError }),
  };
}
