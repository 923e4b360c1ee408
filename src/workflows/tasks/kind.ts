import type { FunctionCall, Task, TaskList } from '../definitions/dsl.ts';
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
  /** What of the task cannot be run, if anything. @param names the tasks of its list */
  refusal?(task: Own, place: string, names: readonly string[]): Problem | undefined;
  /** Its own expressions in their order, without those of its lists and those that tasks of all kinds have. */
  expressions?(task: Own, place: string, variables: readonly string[]): Iterable<FoundExpression>;
  /** The function that it calls, named by the property with the name of the kind, and its arguments in `with`. */
  functionOf?(task: Own): Pick<FunctionCall, 'name' | 'args'>;
  lists?(task: Own): readonly InnerList[];
  /** After a suspension, or a crash, it is performed again; `data.startedAt` stays that of the first time. */
  perform(task: Own, data: TaskData, place: TaskContext): Promise<Outcome>;
}
