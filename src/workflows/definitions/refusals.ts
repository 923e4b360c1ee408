import { kindOf, listsOf, otherTaskKinds, taskKindNames, taskKinds } from '../tasks/registry.ts';
import { type Duration, entryOf, milliseconds, type Task, type TaskList } from './dsl.ts';
import { directiveProblem, type Problem, pointerPart, unsupported } from './problem.ts';

type Json = Readonly<Record<string, unknown>>;

/** The first problem found, if any. */
type Check = Problem | undefined;

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A property that would affect execution but is not supported. */
function checkSection(value: unknown, place: string, allowed: readonly string[], what: string): Check {
  if (!isObject(value)) return undefined;
  const other = Object.keys(value).find((key) => !allowed.includes(key));
  return other === undefined
    ? undefined
    : unsupported(`${place}/${pointerPart(other)}`, `"${other}" in ${what}`);
}

/** What is wrong with a task itself. */
function checkTask(task: Task, place: string, names: readonly string[]): Check {
  const other = otherTaskKinds.find((kind) => Object.hasOwn(task, kind));
  if (other) {
    const others = `${taskKindNames.slice(0, -1).join(', ')} and ${taskKindNames.at(-1)} are`;
    return unsupported(`${place}/${other}`, `the task "${other}"`, others);
  }
  if (Object.hasOwn(task, 'timeout')) {
    return unsupported(`${place}/timeout`, 'a task timeout', 'give the workflow a timeout');
  }
  const kind = kindOf(task);
  return (
    checkSection(task.input, `${place}/input`, ['from'], "a task's input") ??
    checkSection(task.output, `${place}/output`, ['as'], "a task's output") ??
    checkSection(task.export, `${place}/export`, ['as'], "a task's export") ??
    directiveProblem(task.then, `${place}/then`, names) ??
    (kind && taskKinds[kind].refusal?.(task, place, names))
  );
}

function* checkTasks(list: TaskList, place: string): Generator<Problem> {
  const names = list.flatMap((item) => Object.keys(item));
  for (const [index, item] of list.entries()) {
    const [name, task] = entryOf(item);
    const where = `${place}/${index}/${pointerPart(name)}`;
    const problem = checkTask(task, where, names);
    if (problem) yield problem;
    else for (const { property, tasks } of listsOf(task)) yield* checkTasks(tasks, `${where}/${property}`);
  }
}

function checkSchema(input: unknown): Check {
  const schema = isObject(input) ? input['schema'] : undefined;
  if (!isObject(schema)) return undefined;
  const format = schema['format'] ?? 'json';
  if (typeof format !== 'string' || !/^json(:|$)/.test(format)) {
    return unsupported('/input/schema/format', `the schema format "${format}"`, 'json is');
  }
  return checkSection(schema, '/input/schema', ['document', 'format'], 'a schema');
}

/** What of a definition as a whole cannot be run. */
function checkWhole(definition: Json): Check {
  const { evaluate, timeout } = definition;
  const language = isObject(evaluate) ? (evaluate['language'] ?? 'jq') : 'jq';
  if (language !== 'jq')
    return unsupported('/evaluate/language', `the expression language "${language}"`, 'jq is');
  if (typeof timeout === 'string') return unsupported('/timeout', 'a named timeout', 'write it out');
  const after = isObject(timeout) ? timeout['after'] : undefined;
  if (after !== undefined && milliseconds(after as Duration) === undefined) {
    return { place: '/timeout/after', reason: 'not a duration such as PT30S or { seconds: 30 }' };
  }
  const known = ['document', 'evaluate', 'input', 'output', 'timeout', 'metadata', 'do'];
  const used = isObject(definition['use'])
    ? Object.entries(definition['use']).find(([, value]) => !isObject(value) || Object.keys(value).length > 0)
    : undefined;
  return (
    (used ? unsupported(`/use/${pointerPart(used[0])}`, `"use.${used[0]}"`) : undefined) ??
    checkSection(definition, '', [...known, 'use'], 'a workflow') ??
    checkSchema(definition['input']) ??
    checkSection(definition['input'], '/input', ['schema', 'from'], 'the input') ??
    checkSection(definition['output'], '/output', ['as'], 'the output')
  );
}

/**
 * The unsupported features of a valid definition, by name: of the whole the first one, and the first one of each task.
 * Nothing is silently ignored: anything not listed as supported is refused.
 */
export function* refusals(definition: Json): Generator<Problem> {
  const whole = checkWhole(definition);
  if (whole) yield whole;
  yield* checkTasks(definition['do'] as TaskList, '/do');
}
