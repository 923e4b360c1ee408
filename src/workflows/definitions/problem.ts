import { similarNames } from '../../similar-names.ts';

/** Why a definition cannot be run: a JSON pointer into it and a one-line reason. */
export interface Problem {
  readonly place: string;
  readonly reason: string;
}

/** A part of a JSON pointer (RFC 6901). */
export function pointerPart(name: string): string {
  return name.replaceAll('~', '~0').replaceAll('/', '~1');
}

export function problemText({ place, reason }: Problem): string {
  return place === '' ? reason : `${place}: ${reason}`;
}

export function unsupported(place: string, what: string, hint = ''): Problem {
  return { place, reason: `${what} is not supported${hint && `: ${hint}`}` };
}

const directives = ['continue', 'exit', 'end'];

/** What is wrong with the flow directive of a task or case, in a list of tasks with these names. */
export function directiveProblem(
  then: string | undefined,
  place: string,
  names: readonly string[],
): Problem | undefined {
  if (then === undefined || directives.includes(then) || names.includes(then)) return undefined;
  const suggestions = similarNames(then, names);
  const hint = suggestions.length > 0 ? `; did you mean ${quoted(suggestions)}?` : '';
  return { place, reason: `this list has no task "${then}" to continue with${hint}` };
}

const quoted = (names: readonly string[]): string => names.map((name) => `"${name}"`).join(', ');

/** What is wrong with a name of something in `use`. */
export function unknownReference(
  name: string,
  place: string,
  kind: string,
  known: Readonly<Record<string, unknown>> = {},
): Problem | undefined {
  if (Object.hasOwn(known, name)) return undefined;
  const suggestions = similarNames(name, Object.keys(known));
  const hint = suggestions.length > 0 ? `; did you mean ${quoted(suggestions)}?` : '';
  return { place, reason: `\`use.${kind}\` has no "${name}"${hint}` };
}

/** Most problems of a definition that are told. */
const maxTold = 5;

/** All of a definition's problems in one line. */
export function problemsText(problems: readonly string[]): string | undefined {
  if (problems.length < 2) return problems[0];
  const told = problems.slice(0, maxTold).map((problem, i) => `(${i + 1}) ${problem}`);
  const more = problems.length - told.length;
  return `${problems.length} problems: ${told.join('; ')}${more > 0 ? `; and ${more} more` : ''}`;
}
