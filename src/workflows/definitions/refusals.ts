import { similarNames } from '../../similar-names.ts';
import { type Duration, kindOf, milliseconds, otherTaskKinds } from './dsl.ts';
import { type Problem, pointerPart } from './problem.ts';

type Json = Readonly<Record<string, unknown>>;

/** The first problem found, if any. */
type Check = Problem | undefined;

const unsupportedCalls = ['http', 'grpc', 'openapi', 'asyncapi', 'mcp', 'a2a'];
const directives = ['continue', 'exit', 'end'];
const variable = /^[A-Za-z_]\w*$/;

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function unsupported(place: string, what: string, hint = ''): Problem {
  return { place, reason: `${what} is not supported${hint && `: ${hint}`}` };
}

/** A property that would affect execution but is not supported. */
function checkSection(value: unknown, place: string, allowed: readonly string[], what: string): Check {
  if (!isObject(value)) return undefined;
  const other = Object.keys(value).find((key) => !allowed.includes(key));
  return other === undefined
    ? undefined
    : unsupported(`${place}/${pointerPart(other)}`, `"${other}" in ${what}`);
}

function checkDirective(then: unknown, place: string, names: readonly string[]): Check {
  if (typeof then !== 'string' || directives.includes(then) || names.includes(then)) return undefined;
  const suggestions = similarNames(then, names);
  const hint =
    suggestions.length > 0 ? `; did you mean ${suggestions.map((name) => `"${name}"`).join(', ')}?` : '';
  return { place, reason: `this list has no task "${then}" to continue with${hint}` };
}

function checkFor(task: Json, place: string): Check {
  const loop = isObject(task['for']) ? task['for'] : {};
  for (const key of ['each', 'at'] as const) {
    const name = loop[key];
    if (typeof name === 'string' && !variable.test(name)) {
      return { place: `${place}/for/${key}`, reason: `"${name}" is not a valid variable name` };
    }
  }
  return checkTasks(task['do'], `${place}/do`);
}

function checkCall(task: Json, place: string): Check {
  const name = task['call'];
  return typeof name === 'string' && unsupportedCalls.includes(name)
    ? unsupported(`${place}/call`, `call: ${name}`, "a workflow calls this server's read tools by name")
    : undefined;
}

function checkSwitch(task: Json, place: string, names: readonly string[]): Check {
  for (const [index, item] of (Array.isArray(task['switch']) ? task['switch'] : []).entries()) {
    for (const [name, branch] of Object.entries(isObject(item) ? item : {})) {
      const then = isObject(branch) ? branch['then'] : undefined;
      const problem = checkDirective(then, `${place}/switch/${index}/${pointerPart(name)}/then`, names);
      if (problem) return problem;
    }
  }
  return undefined;
}

function checkTask(task: Json, place: string, names: readonly string[]): Check {
  const other = otherTaskKinds.find((kind) => Object.hasOwn(task, kind));
  if (other)
    return unsupported(`${place}/${other}`, `the task "${other}"`, 'do, set, switch, for and call are');
  if (Object.hasOwn(task, 'timeout')) {
    return unsupported(`${place}/timeout`, 'a task timeout', 'give the workflow a timeout');
  }
  const kind = kindOf(task);
  return (
    checkSection(task['input'], `${place}/input`, ['from'], "a task's input") ??
    checkSection(task['output'], `${place}/output`, ['as'], "a task's output") ??
    checkSection(task['export'], `${place}/export`, ['as'], "a task's export") ??
    checkDirective(task['then'], `${place}/then`, names) ??
    (kind === 'do' ? checkTasks(task['do'], `${place}/do`) : undefined) ??
    (kind === 'for' ? checkFor(task, place) : undefined) ??
    (kind === 'switch' ? checkSwitch(task, place, names) : undefined) ??
    (kind === 'call' ? checkCall(task, place) : undefined)
  );
}

function checkTasks(list: unknown, place: string): Check {
  const items = (Array.isArray(list) ? list : []).filter(isObject);
  const names = items.flatMap((item) => Object.keys(item));
  for (const [index, item] of items.entries()) {
    for (const [name, task] of Object.entries(item)) {
      const problem = isObject(task)
        ? checkTask(task, `${place}/${index}/${pointerPart(name)}`, names)
        : undefined;
      if (problem) return problem;
    }
  }
  return undefined;
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

/**
 * The first unsupported feature of a valid definition, by name. Nothing is silently ignored: anything not listed as
 * supported is refused.
 */
export function refusal(definition: Json): Problem | undefined {
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
    checkSection(definition['output'], '/output', ['as'], 'the output') ??
    checkTasks(definition['do'], '/do')
  );
}
