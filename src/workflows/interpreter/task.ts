import type { StepResult, StepWrite } from '../../stores/journal/types.ts';
import { type Task, timeoutOf } from '../definitions/dsl.ts';
import { fault } from '../faults.ts';
import { kindOf, type TaskKindName, taskKinds } from '../tasks/registry.ts';
import type { Done, Execution, Outcome, Suspension, TaskContext } from './execution.ts';
import { failedAt, failureIn, journaledFailure } from './failure.ts';
import { within } from './scope.ts';
import { holds, type TaskData, transform, validated } from './variables.ts';

/** Repeated visits of a task, through a `then` that jumps back, get references of their own. */
function visit(path: string, { progress }: TaskContext): string {
  const visits = (progress.visits.get(path) ?? 0) + 1;
  progress.visits.set(path, visits);
  return visits === 1 ? path : `${path}#${visits}`;
}

function json(value: unknown, what: string, { limits }: Execution): string {
  const text = JSON.stringify(value ?? null);
  const bytes = Buffer.byteLength(text);
  if (bytes > limits.maxResultBytes) {
    throw fault(
      'runtime',
      `${what} has ${bytes} bytes; at most ${limits.maxResultBytes} are kept. Select what later steps need with output.as, or ask for less.`,
    );
  }
  return text;
}

function replay(result: StepResult, { progress }: TaskContext): Done {
  if (result.context !== undefined) progress.context = JSON.parse(result.context);
  return { output: JSON.parse(result.output), next: result.next ?? 'continue' };
}

/** Counts towards the step limit, which ends infinite loops. */
function count({ execution, progress }: TaskContext): void {
  progress.count.steps++;
  if (progress.count.steps > execution.limits.maxSteps) {
    throw fault(
      'runtime',
      `The run exceeded ${execution.limits.maxSteps} steps and was stopped. Does a "then" loop forever?`,
    );
  }
}

/** Performs the work of a task, within its time. */
async function work(
  task: Task,
  kind: TaskKindName,
  data: TaskData,
  place: TaskContext,
  begun: () => Promise<void>,
): Promise<Outcome> {
  const { lists, perform } = taskKinds[kind];
  const { progress, execution } = place;
  for (;;) {
    if (!lists) execution.signal.throwIfAborted();
    const outcome = await perform(task, data, place);
    // A task with tasks in it waits where those do.
    if (!('suspendedUntil' in outcome) || lists) return outcome;
    await begun();
    const isDue = await progress.strands.pause(outcome.suspendedUntil, execution.signal);
    if (!isDue) return outcome;
  }
}

function workInTime(
  task: Task,
  kind: TaskKindName,
  data: TaskData,
  place: TaskContext,
  begun: () => Promise<void>,
): Promise<Outcome> {
  const limitMs = timeoutOf(task.timeout, place.execution.definition.use);
  if (limitMs === undefined) return work(task, kind, data, place, begun);
  const late = fault(
    'timeout',
    `The task took longer than its timeout of ${limitMs / 1000} s and was stopped.`,
  );
  const end = { at: data.startedAt + limitMs, error: failureIn(late, data.reference) };
  return within(place, end, (inner) => work(task, kind, data, inner, begun));
}

async function execute(
  task: Task,
  kind: TaskKindName,
  data: TaskData,
  step: Omit<StepWrite, 'state'>,
  place: TaskContext,
): Promise<Done | Suspension> {
  const { execution, progress } = place;
  const isBegun = execution.journaled.has(step.reference);
  const started: StepWrite = { ...step, state: 'running' };
  const { isStartJournaled, lists } = taskKinds[kind];
  if (isStartJournaled) await execution.record([...progress.started.splice(0), started]);
  else if (lists && !isBegun) progress.started.push(started);
  let isJournaled = isBegun || isStartJournaled;
  const outcome = await workInTime(task, kind, data, place, async () => {
    if (!isJournaled) await execution.record([...progress.started.splice(0), started]);
    isJournaled = true;
  });
  if ('suspendedUntil' in outcome) return outcome;
  const raw = { ...data, output: outcome.output };
  const shaped = await transform(task.output?.as, outcome.output, place, raw);
  const output = await validated(task.output, shaped, 'the output of the task', place);
  const filtered = { ...data, output };
  const exported = task.export?.as !== undefined;
  if (exported) {
    const context = await transform(task.export?.as, output, place, filtered);
    progress.context = await validated(task.export, context, 'the context', place);
  }
  const next = outcome.next ?? task.then ?? 'continue';
  const result: StepResult = {
    output: json(output, 'The output of the task', execution),
    ...(exported && { context: json(progress.context, 'The context', execution) }),
    ...(next !== 'continue' && { next }),
  };
  const { note } = outcome;
  const completed: StepWrite = { ...step, state: 'completed', result, ...(note !== undefined && { note }) };
  await execution.record([...progress.started.splice(0), completed]);
  return { output: output ?? null, next };
}

/**
 * One task: condition, input, work, output, export, journal. A task that an earlier process completed is not executed
 * again; its journaled result is reused.
 * @throws the task's error, tagged with the task's reference
 */
export async function runTask(
  name: string,
  task: Task,
  path: string,
  input: unknown,
  place: TaskContext,
): Promise<Done | Suspension> {
  const { execution, progress } = place;
  const reference = visit(path, place);
  const known = execution.journaled.get(reference);
  if (known?.result) return replay(known.result, place);
  if (known?.error) throw journaledFailure(known.error, known.faultedAt ?? known.startedAt);
  if (!known) execution.signal.throwIfAborted();
  const kind = kindOf(task);
  const startedAt = known?.startedAt ?? Date.now();
  const step = { reference, name, kind: kind ?? 'unknown', startedAt };
  const data: TaskData = { name, reference, definition: task, startedAt, input, rawInput: input };
  try {
    execution.signal.throwIfAborted();
    if (!kind) throw fault('configuration', `The task "${name}" is of an unsupported kind.`);
    count(place);
    if (task.if !== undefined && !(await holds(task.if, input, place, data))) {
      const result: StepResult = { output: json(input, 'The input of the task', execution) };
      await execution.record([...progress.started.splice(0), { ...step, state: 'skipped', result }]);
      return { output: input, next: 'continue' };
    }
    const rawInput = await validated(task.input, input, 'the input of the task', place);
    const filtered = await transform(task.input?.from, rawInput, place, { ...data, rawInput });
    return await execute(task, kind, { ...data, rawInput, input: filtered }, step, place);
  } catch (error) {
    throw failedAt(error, step, execution);
  }
}
