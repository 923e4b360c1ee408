import { z } from 'zod';
import type { Call } from '../../call.ts';
import type { Config } from '../../config.ts';
import { type DispatchRequest, dispatch } from '../../dispatch.ts';
import { badInput, HydrogenError } from '../../errors.ts';
import { similarNames } from '../../similar-names.ts';
import { meantArguments } from './argument-forms.ts';
import { type Answer, type Services, type Tool, tokenArgument } from './define.ts';
import { servicesFor } from './narrowed.ts';

/** Invalid arguments that an error lists. */
const maxIssues = 10;
/** Characters of an argument name in an error. */
const maxNameLength = 200;

const kinds: Readonly<Record<string, string>> = {
  record: 'an object',
  object: 'an object',
  array: 'a list',
  int: 'a whole number',
  number: 'a number',
  string: 'text',
  boolean: 'true or false',
};

/** The type received instead, where naming it helps. */
function actualType(input: unknown): string {
  if (typeof input === 'string') return ', not text';
  return Array.isArray(input) ? ', not a list' : '';
}

/** The bound on a number or on a length. */
function describeSize(issue: z.core.$ZodIssueTooSmall | z.core.$ZodIssueTooBig): string {
  const [word, bound] = issue.code === 'too_small' ? ['at least', issue.minimum] : ['at most', issue.maximum];
  if (issue.origin === 'array') return `must have ${word} ${bound} ${bound === 1 ? 'item' : 'items'}`;
  if (issue.origin === 'string') return `must have ${word} ${bound} characters`;
  return `must be ${word} ${bound}`;
}

function describeUnknown(place: string, given: string, names: readonly string[]): string {
  const key = given.slice(0, maxNameLength);
  const suggestions = place === '' ? similarNames(key, names)[0] : undefined;
  const hint = suggestions ? `did you mean "${suggestions}"?` : `the arguments are ${names.join(', ')}.`;
  return `unknown argument "${place ? `${place}.` : ''}${key}": ${hint}`;
}

/** What is wrong with the names of the arguments for a tool, whatever their values are. */
export function argumentNameFaults({ input }: Pick<Tool, 'input'>, given: readonly string[]): string[] {
  const names = Object.keys(input.shape);
  const { required = [] } = z.toJSONSchema(input, { io: 'input', unrepresentable: 'any' });
  const unknown = given.filter((name) => !names.includes(name));
  const missing = required.filter((name) => !given.includes(name));
  return [
    ...unknown.map((name) => describeUnknown('', name, names).replace(/\.$/, '')),
    ...missing.map((name) => `argument "${name}" is missing`),
  ];
}

/** For a client that remembers the two calls of an earlier setting. */
function describeToken({ confirmBy, confirmWrites }: Config): string {
  const who =
    confirmWrites === 'never'
      ? 'confirms nothing (setting confirmWrites is "never")'
      : `asks its user itself (setting confirmBy is "${confirmBy}")`;
  return `argument "${tokenArgument}" is not taken, since this server ${who}: leave it out.`;
}

function describeIssue(issue: z.core.$ZodIssue, names: readonly string[], stale: string | undefined): string {
  const place = issue.path.map(String).join('.');
  const isToken = issue.code === 'unrecognized_keys' && issue.keys[0] === tokenArgument && place === '';
  if (isToken && stale !== undefined) return stale;
  if (issue.code === 'unrecognized_keys') return describeUnknown(place, issue.keys[0] ?? '', names);
  const typed = issue.code === 'invalid_type' || issue.code === 'custom';
  if (typed && issue.input === undefined) return `argument "${place}" is missing.`;
  if (issue.code === 'invalid_type') {
    const hint = issue.expected === 'string' ? '' : actualType(issue.input);
    return `argument "${place}" must be ${kinds[issue.expected] ?? issue.expected}${hint}.`;
  }
  if (issue.code === 'too_small' && issue.origin === 'string') return `argument "${place}" is empty.`;
  if (issue.code === 'too_small' || issue.code === 'too_big') {
    return `argument "${place}" ${describeSize(issue)}.`;
  }
  if (issue.code === 'invalid_value') {
    const allowed = issue.values.map((value) => JSON.stringify(value)).join(', ');
    return `argument "${place}" must be one of ${allowed}.`;
  }
  if (issue.code === 'custom')
    return `argument "${place}" ${issue.message}${typeof issue.input === 'string' ? ', not text' : ''}.`;
  return `argument "${place}": ${issue.message}.`;
}

/** @throws HydrogenError `bad_input` naming each argument and what it should be. */
function parse(tool: Tool, args: unknown, { connections, config }: Services, forms: ArgumentForms): unknown {
  const meant = forms === 'as meant' ? withTool(tool, () => meantArguments(tool.input, args)) : args;
  const result = tool.input.safeParse(meant ?? {}, { reportInput: true });
  if (result.success) return result.data;
  const several = connections.all.length > 1;
  const names = Object.keys(tool.input.shape).filter((name) => several || name !== 'connection');
  const { issues } = result.error;
  const more = issues.length > maxIssues ? ` ${issues.length - maxIssues} more are wrong.` : '';
  throw badInput(
    `${tool.name}: ${issues
      .slice(0, maxIssues)
      .map((issue) => describeIssue(issue, names, tool.isConfirmed ? describeToken(config) : undefined))
      .join(' ')}${more}`,
  );
}

/** Names the tool in an error about its arguments. */
function withTool<T>({ name }: Tool, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw error instanceof HydrogenError ? badInput(`${name}: ${error.message}`) : error;
  }
}

/**
 * A client's arguments are taken as they are meant (`argument-forms.ts`). Those of a workflow step are exact: there, a
 * filter that evaluates to null must not become none.
 */
type ArgumentForms = 'exact' | 'as meant';

/**
 * One call of a tool, from the protocol, the command line or a workflow step.
 * @throws HydrogenError whose message may be shown to the caller; QuestionPending when a person must be
 * asked first.
 */
export function executeTool<Result extends Answer>(
  tool: Tool<Result>,
  args: unknown,
  services: Services,
  call: Call,
  forms: ArgumentForms = 'exact',
): Promise<Result> {
  const { name, operation, lateAdvice } = tool;
  const visible = servicesFor(services, call.caller);
  const request: DispatchRequest = {
    kind: 'tool',
    action: 'call',
    name,
    operation,
    needs: [tool],
    lateAdvice,
    arguments: args,
  };
  return dispatch(services, request, call, async (limited) =>
    tool.run(parse(tool, args, visible, forms) as never, { ...visible, call: limited }),
  );
}
