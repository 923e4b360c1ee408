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

const standardErrors = 'https://serverlessworkflow.io/spec/1.0.0/errors/';
/** As the conformance kit and some examples of the DSL write the standard types. */
const otherNames = /^https:\/\/serverlessworkflow\.io(\.io)?\/(dsl\/errors\/types|spec\/[\d.]+\/errors)\//;

/** Whether two types of errors are the same; the standard ones have several names. */
export function isSameErrorType(one: string, other: string): boolean {
  const [first, second] = [one, other].map((type) => type.replace(otherNames, standardErrors));
  return first === second;
}

/** An error in one line. */
export const errorLine = ({ type, title = type, instance, detail }: RunError): string =>
  `${title} at ${instance}${detail === undefined ? '' : `: ${detail}`}`;

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

/** An error of a definition's own, or one that was caught and goes on as it is. */
export class DefinedError extends Error {
  readonly described: Omit<RunError, 'instance'>;

  constructor(described: Omit<RunError, 'instance'>) {
    super(described.detail ?? described.title ?? described.type);
    this.described = described;
  }
}

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
  if (error instanceof DefinedError) return { ...error.described, instance };
  const known = error instanceof HydrogenError;
  const kind = known ? kindOf(error) : 'runtime';
  return {
    type: `${standardErrors}${kind}`,
    ...kinds[kind],
    detail: known ? error.message : 'The task failed unexpectedly; see the server log.',
    instance,
  };
}
