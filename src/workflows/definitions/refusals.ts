import type { Names } from '../tasks/kind.ts';
import { kindOf, listsOf, otherTaskKinds, taskKindNames, taskKinds } from '../tasks/registry.ts';
import { policyProblem } from '../tasks/retry.ts';
import { type Definition, entryOf, milliseconds, type Reusable, type Task, type TaskList } from './dsl.ts';
import { directiveProblem, type Problem, pointerPart, unknownReference, unsupported } from './problem.ts';

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

/** What has a schema and an expression. */
function checkDescribed(value: unknown, place: string, expression: string, what: string): Check {
  const other = checkSection(value, place, ['schema', expression], what);
  const schema = isObject(value) ? value['schema'] : undefined;
  if (other || !isObject(schema)) return other;
  const format = schema['format'] ?? 'json';
  if (typeof format !== 'string' || !/^json(:|$)/.test(format)) {
    return unsupported(`${place}/schema/format`, `the schema format "${format}"`, 'json is');
  }
  return checkSection(schema, `${place}/schema`, ['document', 'format'], 'a schema');
}

const noDuration = 'not a duration such as PT30S or { seconds: 30 }';

function checkTimeout(timeout: Definition['timeout'], place: string, { timeouts }: Reusable): Check {
  if (typeof timeout === 'string') return unknownReference(timeout, place, 'timeouts', timeouts);
  if (timeout === undefined || milliseconds(timeout.after) !== undefined) return undefined;
  return { place: `${place}/after`, reason: noDuration };
}

/** What a definition names for its tasks. */
function* checkUse(use: Reusable): Generator<Problem> {
  const supported = ['errors', 'retries', 'timeouts'];
  const other = Object.entries(use).find(
    ([key, value]) => !supported.includes(key) && (!isObject(value) || Object.keys(value).length > 0),
  );
  if (other) yield unsupported(`/use/${pointerPart(other[0])}`, `"use.${other[0]}"`);
  for (const [name, policy] of Object.entries(use.retries ?? {})) {
    const problem = policyProblem(policy, `/use/retries/${pointerPart(name)}`);
    if (problem) yield problem;
  }
  for (const [name, timeout] of Object.entries(use.timeouts ?? {})) {
    const problem = checkTimeout(timeout, `/use/timeouts/${pointerPart(name)}`, use);
    if (problem) yield problem;
  }
}

/** What is wrong with a task itself. */
function checkTask(task: Task, place: string, names: Names): Check {
  const other = otherTaskKinds.find((kind) => Object.hasOwn(task, kind));
  if (other) {
    const others = `${taskKindNames.slice(0, -1).join(', ')} and ${taskKindNames.at(-1)} are`;
    return unsupported(`${place}/${other}`, `the task "${other}"`, others);
  }
  const kind = kindOf(task);
  return (
    checkDescribed(task.input, `${place}/input`, 'from', "a task's input") ??
    checkDescribed(task.output, `${place}/output`, 'as', "a task's output") ??
    checkDescribed(task.export, `${place}/export`, 'as', "a task's export") ??
    checkTimeout(task.timeout, `${place}/timeout`, names.use) ??
    directiveProblem(task.then, `${place}/then`, names.tasks) ??
    (kind && taskKinds[kind].refusal?.(task, place, names))
  );
}

function* checkTasks(list: TaskList, place: string, use: Reusable, areBranches = false): Generator<Problem> {
  const names: Names = { tasks: areBranches ? [] : list.flatMap((item) => Object.keys(item)), use };
  for (const [index, item] of list.entries()) {
    const [name, task] = entryOf(item);
    const where = `${place}/${index}/${pointerPart(name)}`;
    const problem = checkTask(task, where, names);
    if (problem) {
      yield problem;
      continue;
    }
    for (const { property, tasks, areBranches: beside } of listsOf(task)) {
      yield* checkTasks(tasks, `${where}/${property}`, use, beside);
    }
  }
}

/** What of a definition as a whole cannot be run. */
function checkWhole(definition: Json): Check {
  const { evaluate } = definition;
  const language = isObject(evaluate) ? (evaluate['language'] ?? 'jq') : 'jq';
  if (language !== 'jq')
    return unsupported('/evaluate/language', `the expression language "${language}"`, 'jq is');
  const known = ['document', 'evaluate', 'input', 'output', 'timeout', 'metadata', 'do'];
  return (
    checkSection(definition, '', [...known, 'use'], 'a workflow') ??
    checkDescribed(definition['input'], '/input', 'from', 'the input') ??
    checkDescribed(definition['output'], '/output', 'as', 'the output')
  );
}

/**
 * The unsupported features of a valid definition, by name: of the whole the first one, and the first one of each task.
 * Nothing is silently ignored: anything not listed as supported is refused.
 */
export function* refusals(definition: Json): Generator<Problem> {
  const { use = {}, timeout, do: tasks } = definition as Json & Definition;
  const whole = checkWhole(definition) ?? checkTimeout(timeout, '/timeout', use);
  if (whole) yield whole;
  yield* checkUse(use);
  yield* checkTasks(tasks, '/do', use);
}
