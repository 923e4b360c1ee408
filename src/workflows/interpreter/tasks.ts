import type { Task, TaskKind } from '../definitions/dsl.ts';
import { fault } from '../faults.ts';
import type { TaskContext } from './execution.ts';
import { evaluateOne, holds, resolve, type TaskData } from './variables.ts';

/** A task's raw output, and its flow directive if it determines one. */
interface Outcome {
  readonly output: unknown;
  readonly next?: string;
}

type Perform = (task: Task, data: TaskData, place: TaskContext) => Promise<Outcome>;

const set: Perform = async (task, data, place) => ({
  output: await resolve(task.set, data.input, place, data),
});

const call: Perform = async (task, data, place) => {
  const args = await resolve(task.with ?? {}, data.input, place, data);
  return { output: await place.execution.call(task.call ?? '', args) };
};

/** The first case whose condition holds, else the case without a condition, else no directive. */
const choose: Perform = async (task, data, place) => {
  let otherwise: string | undefined;
  for (const item of task.switch ?? []) {
    for (const { when, then } of Object.values(item)) {
      if (when === undefined) otherwise ??= then ?? 'continue';
      else if (await holds(when, data.input, place, data))
        return { output: data.input, next: then ?? 'continue' };
    }
  }
  return { output: data.input, ...(otherwise !== undefined && { next: otherwise }) };
};

const sequence: Perform = async (task, data, place) => {
  const { output, ended } = await place.runTasks(task.do ?? [], `${data.reference}/do`, data.input, place);
  return { output, ...(ended && { next: 'end' }) };
};

/** Each iteration takes the output of the previous one; the loop returns the last. */
const loop: Perform = async (task, data, place) => {
  const { each = 'item', at = 'index', in: list = '.' } = task.for ?? {};
  const items = await evaluateOne(list, data.input, place, data);
  if (!Array.isArray(items)) {
    throw fault(
      'expression',
      `for.in must be a list; \`${list}\` is ${items === null ? 'null' : typeof items}.`,
    );
  }
  let value = data.input;
  for (const [index, item] of items.entries()) {
    const inner: TaskContext = { ...place, locals: { ...place.locals, [each]: item, [at]: index } };
    if (task.while !== undefined && !(await holds(task.while, value, inner, data))) break;
    const { output, ended } = await place.runTasks(
      task.do ?? [],
      `${data.reference}/for[${index}]/do`,
      value,
      inner,
    );
    value = output;
    if (ended) return { output: value, next: 'end' };
  }
  return { output: value };
};

export const perform: Readonly<Record<TaskKind, Perform>> = {
  set,
  call,
  switch: choose,
  do: sequence,
  for: loop,
};
