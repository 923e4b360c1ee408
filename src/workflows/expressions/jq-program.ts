/**
 * jq functions that reach outside the expression, or that would not give the same value when a run is
 * taken up again, with the arities that exist.
 */
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
 * Definitions that hide the refused functions, whatever a program does to reach them: jq resolves the
 * names, so that no lexical trick gets round it. What the sources do not name anywhere needs no hiding,
 * which saves jq a third of its time.
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
 * One program for several expressions over `{ c: data, v: variables }`. It gives an array with, for each
 * expression, `{ v: [up to two values] }` or `{ e: error }`.
 */
export function batchProgram(sources: readonly string[], variables: readonly string[]): string {
  const parts = sources.map((source) => `(try {v: [limit(2; (${source}\n))]} catch {e: .})`);
  return `${prelude(sources)} ${bind(variables)}[${parts.join(', ')}]`;
}

/**
 * A program that compiles an expression without running it. It stands at the end, not in parentheses, so
 * that one which closes more than it opens does not compile.
 */
export function checkProgram(source: string, variables: readonly string[]): string {
  const bound = variables.map((name) => `null as $${name} | `).join('');
  return `${prelude([source])} ${bound}empty | ${source}`;
}

/** jq's own words for a program that does not compile, in one line. */
export function compileError(message: string): string {
  const line = message.split('\n').find((text) => text.startsWith('jq: error')) ?? message;
  return line
    .replace(/^jq: error: /, '')
    .replace(/ \(Unix shell quoting issues\?\)/, '')
    .replace(/ at <top-level>, line \d+(?:, column \d+)?:?\s*$/, '')
    .trim();
}
