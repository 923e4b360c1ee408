import { HydrogenError } from '../../errors.ts';
import { version } from '../../version.ts';
import type { Described } from '../definitions/dsl.ts';
import type { Variables } from '../expressions/evaluator.ts';
import { bareExpression, parseExpression, type RuntimeExpression } from '../expressions/expression.ts';
import { parseTemplate, parseTransform, type Template } from '../expressions/template.ts';
import type { Execution, TaskContext } from './execution.ts';

/** The task-level data that expressions may read. */
export interface TaskData {
  readonly name: string;
  readonly reference: string;
  readonly definition: unknown;
  readonly startedAt: number;
  readonly input: unknown;
  readonly rawInput: unknown;
  readonly output?: unknown;
}

function moment(milliseconds: number): unknown {
  return {
    iso8601: new Date(milliseconds).toISOString(),
    epoch: { seconds: Math.floor(milliseconds / 1000), milliseconds },
  };
}

function workflowDescriptor({ id, definition, input, startedAt }: Execution): unknown {
  return { id, definition, input, startedAt: moment(startedAt) };
}

function taskDescriptor(task: TaskData): unknown {
  const { name, reference, definition, rawInput, output, startedAt } = task;
  return {
    name,
    reference,
    definition,
    input: rawInput,
    output: output ?? null,
    startedAt: moment(startedAt),
  };
}

/** The DSL's runtime expression arguments and loop variables. Descriptors are built on demand. */
function variablesOf({ execution, progress, locals }: TaskContext, task?: TaskData): Variables {
  return {
    context: progress.context,
    input: task?.input ?? null,
    output: task?.output ?? null,
    workflow: () => workflowDescriptor(execution),
    task: () => (task ? taskDescriptor(task) : null),
    runtime: { name: 'hydrogen-mcp', version },
    ...locals,
  };
}

async function fill(
  template: Template,
  data: unknown,
  place: TaskContext,
  task?: TaskData,
): Promise<unknown> {
  if (template.expressions.length === 0) return template.fill([]);
  const { execution } = place;
  const variables = variablesOf(place, task);
  return template.fill(await execution.evaluate(template.expressions, data, variables, execution.signal));
}

async function evaluate(
  expression: RuntimeExpression,
  data: unknown,
  place: TaskContext,
  task?: TaskData,
): Promise<unknown> {
  const { execution } = place;
  const [value] = await execution.evaluate([expression], data, variablesOf(place, task), execution.signal);
  return value;
}

/** In loose mode any string may be an expression; if it fails, the string itself is used. */
async function fillLoosely(
  value: unknown,
  data: unknown,
  place: TaskContext,
  task: TaskData,
): Promise<unknown> {
  if (typeof value === 'string') {
    const expression = parseExpression(bareExpression(value));
    try {
      return await evaluate(expression, data, place, task);
    } catch (error) {
      if (error instanceof HydrogenError && error.code === 'bad_input') return value;
      throw error;
    }
  }
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) {
    const items: unknown[] = [];
    for (const item of value) items.push(await fillLoosely(item, data, place, task));
    return items;
  }
  const entries: [string, unknown][] = [];
  for (const [key, item] of Object.entries(value))
    entries.push([key, await fillLoosely(item, data, place, task)]);
  return Object.fromEntries(entries);
}

/** The value of `set` or `with`. */
export function resolve(value: unknown, data: unknown, place: TaskContext, task: TaskData): Promise<unknown> {
  return place.execution.definition.evaluate?.mode === 'loose'
    ? fillLoosely(value, data, place, task)
    : fill(parseTemplate(value), data, place, task);
}

/** A value with the defaults of the schema, if there is one. @throws HydrogenError `bad_input` when it is not valid */
export async function validated(
  { schema }: Described = {},
  value: unknown,
  what: string,
  { execution }: TaskContext,
): Promise<unknown> {
  if (schema?.document === undefined) return value;
  return execution.validate(schema.document, value ?? null, what, execution.signal);
}

/** Applies `from` or `as` to `data`, which is returned as it is when there is none. */
export async function transform(
  value: unknown,
  data: unknown,
  place: TaskContext,
  task?: TaskData,
): Promise<unknown> {
  return value === undefined ? data : fill(parseTransform(value), data, place, task);
}

/** The value of a single expression, with or without `${ }`. */
export async function evaluateOne(
  text: string,
  data: unknown,
  place: TaskContext,
  task?: TaskData,
): Promise<unknown> {
  return evaluate(parseExpression(bareExpression(text)), data, place, task);
}

/** As in jq, everything but `null` and `false` is true. */
export async function holds(
  text: string,
  data: unknown,
  place: TaskContext,
  task?: TaskData,
): Promise<boolean> {
  const value = await evaluateOne(text, data, place, task);
  return value !== null && value !== false;
}
