import type { Task, TaskList } from '../definitions/dsl.ts';
import { bare } from '../definitions/placed-expressions.ts';
import { directiveProblem, pointerPart } from '../definitions/problem.ts';
import { fault } from '../faults.ts';
import type { TaskContext } from '../interpreter/execution.ts';
import { evaluateOne, holds } from '../interpreter/variables.ts';
import { type TaskKind, variableProblem } from './kind.ts';

// The tasks that decide which tasks come next.

interface DoTask extends Task {
  readonly do: TaskList;
}

export const sequence: TaskKind<DoTask> = {
  lists: (task) => [{ property: 'do', tasks: task.do, variables: [] }],
  perform: (task, data, place) => place.runTasks(task.do, `${data.reference}/do`, data.input, place),
};

interface SwitchTask extends Task {
  readonly switch: readonly Readonly<Record<string, { readonly when?: string; readonly then?: string }>>[];
}

/** The cases of a switch, in order, with their places. */
function* casesOf(task: SwitchTask, place: string) {
  for (const [index, item] of task.switch.entries()) {
    for (const [name, { when, then }] of Object.entries(item)) {
      yield { when, then, place: `${place}/switch/${index}/${pointerPart(name)}` };
    }
  }
}

/** The first case whose condition holds, else the case without a condition, else no directive. */
export const choose: TaskKind<SwitchTask> = {
  refusal(task, place, { tasks: names }) {
    for (const { then, place: at } of casesOf(task, place)) {
      const problem = directiveProblem(then, `${at}/then`, names);
      if (problem) return problem;
    }
    return undefined;
  },
  *expressions(task, place, variables) {
    for (const { when, place: at } of casesOf(task, place)) yield* bare(when, `${at}/when`, variables);
  },
  async perform(task, data, place) {
    let otherwise: string | undefined;
    for (const { when, then } of casesOf(task, data.reference)) {
      if (when === undefined) otherwise ??= then ?? 'continue';
      else if (await holds(when, data.input, place, data)) {
        return { output: data.input, next: then ?? 'continue' };
      }
    }
    return { output: data.input, ...(otherwise !== undefined && { next: otherwise }) };
  },
};

interface ForTask extends Task {
  readonly for: { readonly each?: string; readonly in: string; readonly at?: string };
  readonly while?: string;
  readonly do: TaskList;
}

function variablesOf({ for: { each = 'item', at = 'index' } }: ForTask): [each: string, at: string] {
  return [each, at];
}

/** Each iteration takes the output of the previous one; the loop returns the last. */
export const loop: TaskKind<ForTask> = {
  refusal(task, place) {
    const [each, at] = variablesOf(task);
    return variableProblem(each, `${place}/for/each`) ?? variableProblem(at, `${place}/for/at`);
  },
  *expressions(task, place, variables) {
    yield* bare(task.for.in, `${place}/for/in`, variables);
    yield* bare(task.while, `${place}/while`, [...variables, ...variablesOf(task)]);
  },
  lists: (task) => [{ property: 'do', tasks: task.do, variables: variablesOf(task) }],
  async perform(task, data, place) {
    const list = task.for.in;
    const [each, at] = variablesOf(task);
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
      const reference = `${data.reference}/for[${index}]/do`;
      const outcome = await place.runTasks(task.do, reference, value, inner);
      if ('suspendedUntil' in outcome || outcome.next === 'end') return outcome;
      value = outcome.output;
    }
    return { output: value };
  },
};
