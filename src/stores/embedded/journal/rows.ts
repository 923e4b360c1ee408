import type { SQLOutputValue } from 'node:sqlite';
import type { Caller } from '../../../call.ts';
import type {
  JournaledStep,
  RunError,
  RunRecord,
  RunState,
  StepRecord,
  StepResult,
  StepState,
} from '../../journal/types.ts';

const errorOf = (json: SQLOutputValue): RunError => JSON.parse(String(json)) as RunError;

export type Row = Record<string, SQLOutputValue>;

function text(row: Row, column: string): string {
  return String(row[column]);
}

/** The value under `name` when the column is not NULL. */
export function present<K extends string, T>(
  name: K,
  value: SQLOutputValue | undefined,
  read: (value: SQLOutputValue) => T,
) {
  return (value === null || value === undefined ? {} : { [name]: read(value) }) as Partial<Record<K, T>>;
}

export const runColumns =
  'id, caller, scopes, caller_facts, workflow, version, state, revision, created_at, started_at, finished_at, lease_until, input, output, error';

type CallerFacts = Pick<Caller, 'name' | 'roles' | 'claims'>;

function callerOf(row: Row): Caller {
  const scopes = JSON.parse(text(row, 'scopes')) as Caller['scopes'];
  const facts = row['caller_facts'];
  return {
    id: text(row, 'caller'),
    scopes,
    ...(typeof facts === 'string' && (JSON.parse(facts) as CallerFacts)),
  };
}

/** The values of a caller's columns: `caller`, `scopes`, `caller_facts`. */
export function callerColumns({ id, scopes, ...facts }: Caller): [string, string, string | null] {
  return [id, JSON.stringify(scopes), Object.keys(facts).length === 0 ? null : JSON.stringify(facts)];
}

export function runOf(row: Row): RunRecord {
  const until = Number(row['lease_until']);
  return {
    id: text(row, 'id'),
    caller: callerOf(row),
    workflow: text(row, 'workflow'),
    version: text(row, 'version'),
    state: text(row, 'state') as RunState,
    revision: Number(row['revision']),
    createdAt: Number(row['created_at']),
    ...present('startedAt', row['started_at'], Number),
    ...present('finishedAt', row['finished_at'], Number),
    ...(row['state'] === 'pending' && until > 0 && { suspendedUntil: until }),
    input: text(row, 'input'),
    ...present('output', row['output'], String),
    ...present('error', row['error'], errorOf),
  };
}

export const stepColumns = 'reference, name, kind, state, attempts, started_at, finished_at, note, error';

export function stepOf(row: Row): StepRecord {
  return {
    reference: text(row, 'reference'),
    name: text(row, 'name'),
    kind: text(row, 'kind'),
    state: text(row, 'state') as StepState,
    attempts: Number(row['attempts']),
    startedAt: Number(row['started_at']),
    ...present('finishedAt', row['finished_at'], Number),
    ...present('note', row['note'], String),
    ...present('error', row['error'], errorOf),
  };
}

export function resultOf(row: Row): StepResult {
  return {
    output: text(row, 'output'),
    ...present('context', row['context'], String),
    ...present('next', row['next'], String),
  };
}

export function journaledStepOf(row: Row): JournaledStep {
  return {
    startedAt: Number(row['started_at']),
    ...present('result', row['output'], () => resultOf(row)),
    ...present('error', row['error'], errorOf),
    ...(row['error'] !== null && present('faultedAt', row['finished_at'], Number)),
  };
}
