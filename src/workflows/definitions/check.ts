import { LineCounter, parseDocument } from 'yaml';
import { HydrogenError } from '../../errors.ts';
import { keepYamlNumbers } from '../../exact-yaml.ts';
import { stringifyExactJson } from '../../mql/formats.ts';
import { changedNumber } from '../expressions/changed-numbers.ts';
import { parseExpression } from '../expressions/expression.ts';
import { checkProgram } from '../expressions/jq-program.ts';
import { jsonDepth } from '../expressions/json-depth.ts';
import { refusedName } from '../expressions/refused-names.ts';
import { kindOf, listsOf, taskKinds } from '../tasks/registry.ts';
import { type Definition, entryOf, type FunctionCall, type TaskList } from './dsl.ts';
import { expressionsOf } from './expressions-of.ts';
import type { Verdict } from './messages.ts';
import type { PlacedExpression } from './placed-expressions.ts';
import { type Problem, pointerPart, problemText } from './problem.ts';
import { refusals } from './refusals.ts';
import { mainProblem } from './validation.ts';

export interface Checkers {
  /** Throws an error with the SDK's findings. */
  validate(json: string): void;
  /** Why jq cannot compile the program; undefined if it can. @throws HydrogenError when it takes too much. */
  compile(program: string): Promise<string | undefined>;
}

/** The variables that every expression may read, besides those of its loops. */
const variables = ['context', 'input', 'output', 'task', 'workflow', 'runtime'];

/** Beyond these no further expressions are compiled, since each may take long. */
const maxProblems = 20;

/** Limit of the definition as JSON, in characters. */
const maxJson = 1024 * 1024;
const maxDepth = 200;
const tooDeep = `it is nested too deeply (max ${maxDepth} levels)`;

/** Messages of the YAML parser and JSON about aliases, and what they mean for a definition. */
const aliasFaults: readonly (readonly [RegExp, string])[] = [
  [/circular/, 'an alias (`*`) refers to itself; write the values out'],
  [/alias count/i, 'its aliases (`*`) expand to too many values; write out what is needed'],
  [/string length/, 'its aliases (`*`) expand to too much text; write out what is needed'],
];

function oneLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n')[0] ?? '';
}

function read(text: string): { value: unknown; json: string } | { problem: Problem } {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const error = document.errors[0];
  if (error?.message.includes('call stack')) return { problem: { place: '', reason: tooDeep } };
  if (error) {
    const { line, col } = lines.linePos(error.pos[0]);
    return { problem: { place: `line ${line}, column ${col}`, reason: oneLine(error) } };
  }
  const refused: Problem[] = [];
  keepYamlNumbers(document, ({ range }, reason) => {
    const { line, col } = lines.linePos(range?.[0] ?? 0);
    refused.push({ place: `line ${line}, column ${col}`, reason });
  });
  if (refused[0]) return { problem: refused[0] };
  try {
    const value: unknown = document.toJS({ maxAliasCount: 100 });
    const json = stringifyExactJson(value) ?? '';
    if (json.length > maxJson) {
      const reason = `with aliases expanded it has ${json.length} characters; at most ${maxJson} are allowed`;
      return { problem: { place: '', reason } };
    }
    if (jsonDepth(json) > maxDepth) return { problem: { place: '', reason: tooDeep } };
    return { value, json };
  } catch (cause) {
    const message = oneLine(cause);
    if (cause instanceof RangeError && !message.includes('string length')) throw cause;
    const known = aliasFaults.find(([pattern]) => pattern.test(message));
    return { problem: { place: '', reason: known?.[1] ?? message } };
  }
}

async function checkExpression(
  { place, source, variables: locals }: PlacedExpression,
  compile: Checkers['compile'],
): Promise<Problem | undefined> {
  if (source === '') return { place, reason: 'the expression is empty' };
  // jq would stop there, and ignore the rest.
  if (source.includes('\0')) return { place, reason: 'the expression has a NUL character' };
  const found = refusedName(source);
  if (found) return { place, reason: `${found.name} is not available in expressions: ${found.reason}` };
  const number = changedNumber(source);
  if (number !== undefined) {
    const reason = `jq computes with doubles, which cannot hold ${number}: use it in a query, or write {"$numberLong":"${number}"}`;
    return { place, reason };
  }
  const missing = /\$(secrets|authorization)\b/.exec(source);
  if (missing) return { place, reason: `${missing[0]} is not supported` };
  // Paths are compiled as well, since the variable that one starts from may not exist.
  if (parseExpression(source).kind === 'literal') return undefined;
  try {
    const message = await compile(checkProgram(source, [...variables, ...locals]));
    return message === undefined
      ? undefined
      : { place, reason: `the expression does not compile: ${message}` };
  } catch (error) {
    if (!(error instanceof HydrogenError)) throw error;
    return { place, reason: `the expression cannot be compiled: ${error.message}` };
  }
}

async function checkExpressions(definition: Definition, compile: Checkers['compile']): Promise<Problem[]> {
  const problems: Problem[] = [];
  for (const found of expressionsOf(definition)) {
    if ('source' in found) {
      const problem = await checkExpression(found, compile);
      if (problem) problems.push(problem);
    } else {
      problems.push({
        place: found.place,
        reason: `only a whole string can be an expression in the DSL; write \${ "text \\(.value)" }`,
      });
    }
    if (problems.length >= maxProblems) break;
  }
  return problems;
}

function callsOf(list: TaskList, place: string): FunctionCall[] {
  return list.flatMap((item, index) => {
    const [name, task] = entryOf(item);
    const where = `${place}/${index}/${pointerPart(name)}`;
    const kind = kindOf(task);
    const called = kind && taskKinds[kind].functionOf?.(task);
    return [
      ...(called === undefined ? [] : [{ place: where, ...called }]),
      ...listsOf(task).flatMap(({ property, tasks }) => callsOf(tasks, `${where}/${property}`)),
    ];
  });
}

function nameOf(value: unknown): string | undefined {
  const document = (value as { document?: { name?: unknown } } | null)?.document;
  return typeof document?.name === 'string' ? document.name : undefined;
}

/** Reads and checks the text of a definition: the DSL's schema, supported features, every expression. */
export async function checkDefinition(text: string, checkers: Checkers): Promise<Verdict> {
  try {
    return await checkParts(text, checkers);
  } catch (error) {
    // Recursive libraries have no depth limit of their own.
    if (error instanceof RangeError) return { problems: [tooDeep], calls: [] };
    throw error;
  }
}

async function checkParts(text: string, { validate, compile }: Checkers): Promise<Verdict> {
  const document = read(text);
  if ('problem' in document) return { problems: [problemText(document.problem)], calls: [] };
  const { value, json } = document;
  const name = nameOf(value);
  const refused = (...problems: readonly Problem[]): Verdict => ({
    ...(name !== undefined && { name }),
    problems: problems.map(problemText),
    calls: [],
  });
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return refused({ place: '', reason: 'a definition is a mapping with `document` and `do`' });
  }
  try {
    validate(json);
  } catch (error) {
    return refused(mainProblem(error instanceof Error ? error.message : '', value));
  }
  const definition = value as Definition;
  const problems = [
    ...refusals(value as Record<string, unknown>),
    ...(definition.evaluate?.mode === 'loose' ? [] : await checkExpressions(definition, compile)),
  ];
  const calls = callsOf(definition.do, '/do');
  if (problems.length > 0) {
    const isRefused = ({ place }: FunctionCall) =>
      problems.some((problem) => problem.place === `${place}/call`);
    return { ...refused(...problems), calls: calls.filter((call) => !isRefused(call)) };
  }
  return { ...(name !== undefined && { name }), definition: json, calls };
}
