import type { Task } from '../definitions/dsl.ts';
import { choose, loop, sequence } from './flow.ts';
import { fork } from './fork.ts';
import type { InnerList, TaskKind } from './kind.ts';
import { raise } from './raise.ts';
import { attempt } from './try.ts';
import { call, set } from './values.ts';
import { wait } from './wait.ts';

const kinds = { do: sequence, set, switch: choose, for: loop, fork, try: attempt, raise, call, wait };

/** The supported kinds of tasks, by the property that makes a task one of its kind. */
export const taskKinds: Readonly<Record<TaskKindName, TaskKind>> = kinds;
export type TaskKindName = keyof typeof kinds;

export const taskKindNames = Object.keys(kinds) as readonly TaskKindName[];

/** Tasks of the DSL, version 1.0.3. */
const dslKinds = 'call do emit for fork listen raise run set switch try wait'.split(' ');

/** Tasks of the DSL that are not supported. */
export const otherTaskKinds = dslKinds.filter((kind) => !Object.hasOwn(kinds, kind));

/** The kind of a task. A `for` also has a `do`, which comes first in the registry. */
export function kindOf(task: object): TaskKindName | undefined {
  return taskKindNames.findLast((kind) => Object.hasOwn(task, kind));
}

/** The lists of tasks in a task. */
export function listsOf(task: Task): readonly InnerList[] {
  const kind = kindOf(task);
  return (kind && taskKinds[kind].lists?.(task)) ?? [];
}
