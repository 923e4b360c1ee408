import { kindOf, listsOf, taskKinds } from '../tasks/registry.ts';
import { type Definition, entryOf, type Task, type TaskList } from './dsl.ts';
import { bare, type FoundExpression, inTemplate } from './placed-expressions.ts';
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

/** The variables that tasks in tasks can read, anywhere. */
function localsOf(list: TaskList): string[] {
  return list.flatMap((item) =>
    listsOf(entryOf(item)[1]).flatMap(({ tasks, variables }) => [...variables, ...localsOf(tasks)]),
  );
}

/** What is named once is used with the variables of wherever it is used. */
function* inUse({ use = {}, do: tasks }: Definition): Generator<FoundExpression> {
  const variables = [...new Set(['error', ...localsOf(tasks)])];
  for (const [name, error] of Object.entries(use.errors ?? {})) {
    yield* inTemplate(error, `/use/errors/${pointerPart(name)}`, variables);
  }
  for (const [name, { when, exceptWhen }] of Object.entries(use.retries ?? {})) {
    yield* bare(when, `/use/retries/${pointerPart(name)}/when`, variables);
    yield* bare(exceptWhen, `/use/retries/${pointerPart(name)}/exceptWhen`, variables);
  }
}

/** Every expression of a valid definition, in order. */
export function* expressionsOf(definition: Definition): Generator<FoundExpression> {
  yield* bare(definition.input?.from, '/input/from', []);
  yield* inUse(definition);
  yield* inList(definition.do, '/do', []);
  yield* bare(definition.output?.as, '/output/as', []);
}
