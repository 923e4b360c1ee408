import { redacted } from '../../observability/redact.ts';
import type { RunError } from '../../stores/journal/types.ts';
import { durationOf, type RetryPolicy, type Reusable, type Task, type TaskList } from '../definitions/dsl.ts';
import { bare } from '../definitions/placed-expressions.ts';
import { unknownReference } from '../definitions/problem.ts';
import { fault, isSameErrorType } from '../faults.ts';
import type { Outcome, TaskContext } from '../interpreter/execution.ts';
import { type Failure, failureIn, failureOf, failureWith } from '../interpreter/failure.ts';
import { within } from '../interpreter/scope.ts';
import { holds, type TaskData } from '../interpreter/variables.ts';
import { type TaskKind, variableProblem } from './kind.ts';
import { pauseMs, policyProblem } from './retry.ts';

interface Conditions {
  readonly when?: string;
  readonly exceptWhen?: string;
}

interface Catch extends Conditions {
  readonly errors?: { readonly with?: Partial<RunError> };
  readonly as?: string;
  /** A string is the name of a policy in `use`. */
  readonly retry?: string | RetryPolicy;
  readonly do?: TaskList;
}

interface TryTask extends Task {
  readonly try: TaskList;
  readonly catch: Catch;
}

const variableOf = ({ as = 'error' }: Catch): string => as;

function policyOf({ retry }: Catch, use: Reusable = {}): RetryPolicy | undefined {
  return typeof retry === 'string' ? use.retries?.[retry] : retry;
}

/** Whether an error has all that the filter names. */
function isNamed(error: RunError, { errors }: Catch): boolean {
  return Object.entries(errors?.with ?? {}).every(([key, value]) =>
    key === 'type' ? isSameErrorType(error.type, String(value)) : error[key as keyof RunError] === value,
  );
}

async function applies(
  { when, exceptWhen }: Conditions,
  data: TaskData,
  place: TaskContext,
): Promise<boolean> {
  if (when !== undefined && !(await holds(when, data.input, place, data))) return false;
  return exceptWhen === undefined || !(await holds(exceptWhen, data.input, place, data));
}

/** When the tasks are to be tried again, in milliseconds since the epoch; undefined when they are not. */
async function nextAttempt(
  policy: RetryPolicy | undefined,
  { at }: Failure,
  attempt: number,
  data: TaskData,
  place: TaskContext,
): Promise<number | undefined> {
  if (!policy || attempt > (policy.limit?.attempt?.count ?? Number.POSITIVE_INFINITY)) return undefined;
  if (!(await applies(policy, data, place))) return undefined;
  const next = at + pauseMs(policy, attempt, `${place.execution.id} ${data.reference}`);
  const limit = policy.limit?.duration;
  return limit !== undefined && next > data.startedAt + durationOf(limit) ? undefined : next;
}

/** One attempt, which may have a time limit of its own. It is resumed with the time that it has left. */
function attemptOnce(
  task: TryTask,
  policy: RetryPolicy | undefined,
  begunAt: number,
  data: TaskData,
  place: TaskContext,
): Promise<Outcome> {
  const reference = `${data.reference}/try`;
  const run = (inner: TaskContext): Promise<Outcome> =>
    place.runTasks(task.try, reference, data.input, inner);
  const limit = policy?.limit?.attempt?.duration;
  if (limit === undefined) return run(place);
  const limitMs = durationOf(limit);
  const late = fault('timeout', `The attempt took longer than ${limitMs / 1000} s and was stopped.`);
  return within(place, { at: begunAt + limitMs, error: failureIn(late, reference) }, run);
}

/**
 * What follows a failure: another attempt at a time, in milliseconds since the epoch, or the end of the task; undefined
 * when it is not caught.
 * @throws the failure when all attempts were in vain
 */
async function afterFailure(
  failure: Failure,
  policy: RetryPolicy | undefined,
  retries: number,
  { catch: caught }: TryTask,
  data: TaskData,
  place: TaskContext,
): Promise<{ readonly retryAt: number } | Outcome | undefined> {
  if (!isNamed(failure.error, caught)) return undefined;
  const locals = { ...place.locals, [variableOf(caught)]: redacted(failure.error) };
  const inner: TaskContext = { ...place, locals };
  if (!(await applies(caught, data, inner))) return undefined;
  const { execution, progress } = place;
  if (failure.steps.length > 0) await execution.record([...progress.started.splice(0), ...failure.steps]);
  const retryAt = await nextAttempt(policy, failure, retries, data, inner);
  if (retryAt !== undefined) return { retryAt };
  if (caught.do) return place.runTasks(caught.do, `${data.reference}/catch/do`, data.input, inner);
  if (policy) throw failureWith({ ...failure, steps: [] }, []);
  return { output: data.input };
}

/**
 * Performs tasks, again where the policy says so, and others when that does not help. A caught error is journaled with the
 * steps that failed, so that a resumed run finds itself where it was.
 */
export const attempt: TaskKind<TryTask> = {
  refusal({ catch: caught }, place, { use }) {
    const at = `${place}/catch`;
    const policy = policyOf(caught, use);
    return (
      variableProblem(variableOf(caught), `${at}/as`) ??
      (typeof caught.retry === 'string'
        ? unknownReference(caught.retry, `${at}/retry`, 'retries', use.retries)
        : policy && policyProblem(policy, `${at}/retry`))
    );
  },
  *expressions({ catch: caught }, place, variables) {
    const inner = [...variables, variableOf(caught)];
    const { retry } = caught;
    for (const key of ['when', 'exceptWhen'] as const)
      yield* bare(caught[key], `${place}/catch/${key}`, inner);
    if (typeof retry !== 'object') return;
    for (const key of ['when', 'exceptWhen'] as const)
      yield* bare(retry[key], `${place}/catch/retry/${key}`, inner);
  },
  lists: ({ try: tasks, catch: caught }) => [
    { property: 'try', tasks, variables: [] },
    ...(caught.do ? [{ property: 'catch/do', tasks: caught.do, variables: [variableOf(caught)] }] : []),
  ],
  async perform(task, data, place) {
    const { execution, progress } = place;
    const policy = policyOf(task.catch, execution.definition.use);
    let begunAt = data.startedAt;
    for (let retries = 1; ; retries++) {
      const end = await attemptOnce(task, policy, begunAt, data, place).catch(async (error: unknown) => {
        // What stops this task is not to be caught in it, nor is the end of a run that goes on and on.
        const isOver = execution.signal.aborted || progress.count.steps > execution.limits.maxSteps;
        if (isOver) throw error;
        const next = await afterFailure(failureOf(error), policy, retries, task, data, place);
        if (!next) throw error;
        return next;
      });
      if (!('retryAt' in end)) return end;
      begunAt = end.retryAt;
      if (!(await progress.strands.pause(begunAt, execution.signal))) return { suspendedUntil: begunAt };
    }
  },
};
