/** jq functions that reach outside the expression, or that would return a different value when a run is resumed. */
export const refusedFunctions: Readonly<Record<string, string>> = {
  env: 'expressions cannot read the environment',
  input: 'an expression has one input, `.`',
  inputs: 'an expression has one input, `.`',
  input_filename: 'an expression has one input, `.`',
  debug: 'expressions cannot write',
  stderr: 'expressions cannot write',
  halt: 'use `error` to fail',
  halt_error: 'use `error` to fail',
  now: 'a resumed run must see the same time; use $workflow.startedAt',
  get_search_list: 'there are no modules',
  modulemeta: 'there are no modules',
};

const withArgument = new Set(['debug', 'halt_error']);

/**
 * Definitions that shadow the refused functions: jq itself resolves the names, so no lexical trick gets around them.
 * Functions that no source mentions need no shadowing, which saves a third of jq's time.
 */
function prelude(sources: readonly string[]): string {
  return Object.entries(refusedFunctions)
    .filter(([name]) => sources.some((source) => source.includes(name)))
    .flatMap(([name, reason]) => {
      const body = `error(${JSON.stringify(`${name} is not available: ${reason}`)})`;
      return [`def ${name}: ${body};`, ...(withArgument.has(name) ? [`def ${name}(f): ${body};`] : [])];
    })
    .join(' ');
}

/** Binds the variables from the input, hides `$ENV` and leaves the data in `.`. */
function bind(variables: readonly string[]): string {
  const bound = variables.length === 0 ? '' : `.v as {${variables.map((name) => `$${name}`).join(', ')}} | `;
  return `${bound}.c | null as $ENV | `;
}

/**
 * One program for several expressions over `{ c: data, v: variables }`. It outputs an array with, for each expression,
 * `{ v: [up to two values] }` or `{ e: error }`.
 */
export function batchProgram(sources: readonly string[], variables: readonly string[]): string {
  const parts = sources.map((source) => `(try {v: [limit(2; (${source}\n))]} catch {e: .})`);
  return `${prelude(sources)} ${bind(variables)}[${parts.join(', ')}]`;
}

/**
 * A program that compiles an expression without running it. The expression is at the end, without parentheses, so that
 * an unbalanced closing one does not compile.
 */
export function checkProgram(source: string, variables: readonly string[]): string {
  const bound = variables.map((name) => `null as $${name} | `).join('');
  return `${prelude([source])} ${bound}empty | ${source}`;
}

/** jq's message for a program that does not compile, on one line. */
export function compileError(message: string): string {
  const line = message.split('\n').find((text) => text.startsWith('jq: error')) ?? message;
  return line
    .replace(/^jq: error: /, '')
    .replace(/ \(Unix shell quoting issues\?\)/, '')
    .replace(/ at <top-level>, line \d+(?:, column \d+)?:?\s*$/, '')
    .trim();
}
