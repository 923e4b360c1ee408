import { redacted } from '../../observability/redact.ts';
import type { RunRecord, StepRecord } from '../../stores/journal/types.ts';
import type { Run, RunStep } from '../types.ts';

function time(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}

function step({ startedAt, finishedAt, ...rest }: StepRecord): RunStep {
  return {
    ...redacted(rest),
    startedAt: time(startedAt),
    ...(finishedAt !== undefined && { finishedAt: time(finishedAt) }),
  };
}

/** A run as its caller sees it. Input and output are data; the rest comes from files and errors, and is redacted. */
export function presentRun(run: RunRecord, steps: readonly StepRecord[]): Run {
  const { id, workflow, version, state, input, output, error, createdAt, finishedAt, suspendedUntil } = run;
  return {
    id,
    workflow,
    version,
    state,
    createdAt: time(createdAt),
    ...(finishedAt !== undefined && { finishedAt: time(finishedAt) }),
    // One whose time has come only waits for its turn.
    ...(suspendedUntil !== undefined &&
      suspendedUntil > Date.now() && { suspendedUntil: time(suspendedUntil) }),
    input: JSON.parse(input),
    ...(output !== undefined && { output: JSON.parse(output) }),
    ...(error && { error: redacted(error) }),
    steps: steps.map(step),
  };
}
