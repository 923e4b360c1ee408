import type { FunctionCall, Reusable, Task, TaskList } from '../definitions/dsl.ts';
import type { FoundExpression } from '../definitions/placed-expressions.ts';
import type { Problem } from '../definitions/problem.ts';
import type { Outcome, TaskContext } from '../interpreter/execution.ts';
import type { TaskData } from '../interpreter/variables.ts';

/** A list of tasks in a task. */
export interface InnerList {
  /** The property of the task that holds the list. */
  readonly property: string;
  readonly tasks: TaskList;
  /** The variables that only these tasks can read. */
  readonly variables: readonly string[];
  /** Whether its tasks are performed side by side, so that none can name another one as the next. */
  readonly areBranches?: boolean;
}

/** What a task can refer to by name. */
export interface Names {
  /** The tasks of its list. */
  readonly tasks: readonly string[];
  readonly use: Reusable;
}

/**
 * All about one kind of task: how its definitions are checked, and what it does. A definition that gets here is valid
 * by the DSL's schema. `place` is a task's JSON pointer.
 */
export interface TaskKind<Own extends Task = Task> {
  /**
   * True when its start is journaled before it is performed, since it may kill the process. A task with tasks in it is
   * journaled as begun together with the first of those; the start of others is not journaled.
   */
  readonly isStartJournaled?: boolean;
  /** What of the task cannot be run, if anything. */
  refusal?(task: Own, place: string, names: Names): Problem | undefined;
  /** Its own expressions in their order, without those of its lists and those that tasks of all kinds have. */
  expressions?(task: Own, place: string, variables: readonly string[]): Iterable<FoundExpression>;
  /** The function that it calls, named by the property with the name of the kind, and its arguments in `with`. */
  functionOf?(task: Own): Pick<FunctionCall, 'name' | 'args'>;
  lists?(task: Own): readonly InnerList[];
  /** After a suspension, or a crash, it is performed again; `data.startedAt` stays that of the first time. */
  perform(task: Own, data: TaskData, place: TaskContext): Promise<Outcome>;
}

/** What is wrong with the name of a variable that tasks in a task can read. */
export function variableProblem(name: string, place: string): Problem | undefined {
  return /^[A-Za-z_]\w*$/.test(name)
    ? undefined
    : { place, reason: `"${name}" is not a valid variable name` };
}
