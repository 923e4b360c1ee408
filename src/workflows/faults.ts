import { type ErrorReason, HydrogenError } from '../errors.ts';
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
type FaultKind = keyof typeof kinds;

/** The DSL's error type for a failed function call. */
const kindOfCode: Partial<Record<HydrogenError['code'], FaultKind>> = {
  bad_input: 'validation',
  not_found: 'validation',
  not_supported: 'validation',
  not_allowed: 'authorization',
  timeout: 'timeout',
  unavailable: 'communication',
  too_many: 'communication',
};

/** The faults of the interpreter itself. */
const reasonOf = {
  configuration: 'configuration_fault',
  expression: 'expression_fault',
  runtime: 'runtime_fault',
  timeout: 'late',
} as const satisfies Partial<Record<FaultKind, ErrorReason>>;

const kindOfReason: Partial<Record<ErrorReason, FaultKind>> = {
  configuration_fault: 'configuration',
  expression_fault: 'expression',
  runtime_fault: 'runtime',
};

/** An error that faults a run, of one of the DSL's standard types. */
export function fault(kind: keyof typeof reasonOf, detail: string): HydrogenError {
  return new HydrogenError(kind === 'timeout' ? 'timeout' : 'bad_input', detail, { reason: reasonOf[kind] });
}

/** Whether an error already is such a fault. */
export function isFault({ reason }: HydrogenError): boolean {
  return reason !== undefined && kindOfReason[reason] !== undefined;
}

export function expressionFault(detail: string): HydrogenError {
  return fault('expression', detail);
}

function kindOf({ code, reason }: HydrogenError): FaultKind {
  return (reason && kindOfReason[reason]) ?? kindOfCode[code] ?? 'runtime';
}

/** The error in the DSL's model; internal errors are not shown. */
export function runErrorOf(error: unknown, instance: string): RunError {
  const known = error instanceof HydrogenError;
  const kind = known ? kindOf(error) : 'runtime';
  return {
    type: `https://serverlessworkflow.io/spec/1.0.0/errors/${kind}`,
    ...kinds[kind],
    detail: known ? error.message : 'The task failed unexpectedly; see the server log.',
    instance,
  };
}
