import { HydrogenError } from '../errors.ts';
import type { RunError } from '../stores/journal/types.ts';

/** The standard error types of the DSL, with their status. */
const kinds = {
  configuration: { status: 400, title: 'Configuration error' },
  validation: { status: 400, title: 'Validation error' },
  expression: { status: 400, title: 'Expression error' },
  authorization: { status: 403, title: 'Authorization error' },
  timeout: { status: 408, title: 'Timeout' },
  communication: { status: 500, title: 'Communication error' },
  runtime: { status: 500, title: 'Runtime error' },
} as const;
export type FaultKind = keyof typeof kinds;

/** How the failure of a called function is named in the DSL. */
const kindOfCode: Partial<Record<HydrogenError['code'], FaultKind>> = {
  bad_input: 'validation',
  not_found: 'validation',
  not_supported: 'validation',
  not_allowed: 'authorization',
  timeout: 'timeout',
  unavailable: 'communication',
};

const faultKinds = new WeakMap<HydrogenError, FaultKind>();

/** An error that faults a run, of one of the DSL's standard types. */
export function fault(kind: FaultKind, detail: string): HydrogenError {
  const error = new HydrogenError(kind === 'timeout' ? 'timeout' : 'bad_input', detail);
  faultKinds.set(error, kind);
  return error;
}

export function isFault(error: HydrogenError): boolean {
  return faultKinds.has(error);
}

export function expressionFault(detail: string): HydrogenError {
  return fault('expression', detail);
}

/** The error in the DSL's model; what was not meant for a reader is not shown. */
export function runErrorOf(error: unknown, instance: string): RunError {
  const known = error instanceof HydrogenError;
  const kind = known ? (faultKinds.get(error) ?? kindOfCode[error.code] ?? 'runtime') : 'runtime';
  return {
    type: `https://serverlessworkflow.io/spec/1.0.0/errors/${kind}`,
    ...kinds[kind],
    detail: known ? error.message : 'The task failed unexpectedly; the log of the server says more.',
    instance,
  };
}
