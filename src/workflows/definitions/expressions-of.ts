import { kindOf, listsOf, taskKinds } from '../tasks/registry.ts';
import { type Definition, entryOf, type Task, type TaskList } from './dsl.ts';
import { bare, type FoundExpression } from './placed-expressions.ts';
import { pointerPart } from './problem.ts';

function* inTask(task: Task, place: string, variables: readonly string[]): Generator<FoundExpression> {
  yield* bare(task.if, `${place}/if`, variables);
  yield* bare(task.input?.from, `${place}/input/from`, variables);
  const kind = kindOf(task);
  if (kind) yield* taskKinds[kind].expressions?.(task, place, variables) ?? [];
  for (const inner of listsOf(task)) {
    yield* inList(inner.tasks, `${place}/${inner.property}`, [...variables, ...inner.variables]);
  }
  yield* bare(task.output?.as, `${place}/output/as`, variables);
  yield* bare(task.export?.as, `${place}/export/as`, variables);
}

function* inList(list: TaskList, place: string, variables: readonly string[]): Generator<FoundExpression> {
  for (const [index, item] of list.entries()) {
    const [name, task] = entryOf(item);
    yield* inTask(task, `${place}/${index}/${pointerPart(name)}`, variables);
  }
}

/** Every expression of a valid definition, in order. */
export function* expressionsOf(definition: Definition): Generator<FoundExpression> {
  yield* bare(definition.input?.from, '/input/from', []);
  yield* inList(definition.do, '/do', []);
  yield* bare(definition.output?.as, '/output/as', []);
}
