import { HydrogenError } from '../../errors.ts';
import { expressionFault, fault, isFault } from '../faults.ts';
import { createJobThread } from '../threads/job-thread.ts';
import { readJqOutput } from './changed-numbers.ts';
import type { RuntimeExpression } from './expression.ts';
import type { ExpressionJob } from './expression-thread.ts';
import { batchProgram } from './jq-program.ts';
import { followPath } from './path.ts';

/** Variable values by name; a function is called only when an expression reads the variable. */
export type Variables = Readonly<Record<string, unknown>>;

export interface Evaluator {
  /**
   * Evaluates each expression over `data` (`.`).
   * @throws HydrogenError an expression fault (with the expression), a timeout fault, `cancelled`.
   */
  evaluate(
    expressions: readonly RuntimeExpression[],
    data: unknown,
    variables: Variables,
    signal: AbortSignal,
  ): Promise<unknown[]>;
  close(): Promise<void>;
}

type Jq = Extract<RuntimeExpression, { kind: 'jq' }>;
type Outcome = { readonly v: readonly unknown[] } | { readonly e: unknown };

const idleMs = 20_000;

function variable(variables: Variables, name: string): unknown {
  const value = Object.hasOwn(variables, name) ? variables[name] : null;
  return typeof value === 'function' ? value() : (value ?? null);
}

function shown(source: string): string {
  const line = source.replace(/\s+/g, ' ');
  return line.length > 120 ? `${line.slice(0, 117)}…` : line;
}

function failed(source: string, detail: string): HydrogenError {
  return expressionFault(`The expression \`${shown(source)}\` failed: ${detail}.`);
}

function single(source: string, outcome: Outcome | undefined): unknown {
  if (!outcome) throw failed(source, 'it gave no value');
  if ('e' in outcome) {
    const { e } = outcome;
    throw failed(source, (typeof e === 'string' ? e : JSON.stringify(e)).replace(/\.$/, ''));
  }
  if (outcome.v.length !== 1) {
    const count = outcome.v.length === 0 ? 'no value' : 'more than one value';
    throw failed(source, `it gives ${count}; use first(…) for one or [ … ] for a list`);
  }
  return outcome.v[0];
}

/** @param timeoutMs total computing time for the expressions of one task */
export function createEvaluator(timeoutMs: number): Evaluator {
  const thread = createJobThread<ExpressionJob, string>(
    new URL('./expression-thread.ts', import.meta.url),
    idleMs,
  );

  async function evaluateJq(
    expressions: readonly Jq[],
    data: unknown,
    variables: Variables,
    signal: AbortSignal,
  ): Promise<unknown[]> {
    const sources = expressions.map(({ source }) => source);
    // A variable bound inside the expression itself gets a value that nothing reads.
    const names = [...new Set(expressions.flatMap((expression) => expression.variables))].filter(
      (name) => name !== 'ENV',
    );
    const values = Object.fromEntries(names.map((name) => [name, variable(variables, name)]));
    const late = (): HydrogenError =>
      fault(
        'timeout',
        `The expression \`${shown(sources[0] ?? '')}\`${sources.length > 1 ? ` or another in its task` : ''} took longer than ${timeoutMs / 1000} s and was stopped.`,
      );
    const job = {
      program: batchProgram(sources, names),
      input: JSON.stringify({ c: data ?? null, v: values }),
    };
    try {
      const output = await thread.run(job, { signal, timeoutMs, late });
      const outcomes = readJqOutput(output, (number) =>
        failed(
          sources.join(', '),
          `its value has the number ${number}, which jq cannot compute with: keep it as text or {"$numberLong":"${number}"}`,
        ),
      ) as Outcome[];
      return sources.map((source, index) => single(source, outcomes[index]));
    } catch (error) {
      // The thread's messages are about the program; name its sources. Time-outs already name them.
      const isProgramError =
        error instanceof HydrogenError && ['bad_input', 'too_large'].includes(error.code);
      if (!isProgramError || isFault(error)) throw error;
      throw failed(sources.join(', '), error.message);
    }
  }

  return {
    async evaluate(expressions, data, variables, signal) {
      const programs = expressions.filter((expression) => expression.kind === 'jq');
      const computed = programs.length === 0 ? [] : await evaluateJq(programs, data, variables, signal);
      let next = 0;
      return expressions.map((expression) => {
        if (expression.kind === 'jq') return computed[next++];
        if (expression.kind === 'literal') return expression.value;
        const root = expression.variable === undefined ? data : variable(variables, expression.variable);
        try {
          return followPath(root, expression.steps);
        } catch (error) {
          throw failed(expression.source, error instanceof Error ? error.message : '');
        }
      });
    },
    close: () => thread.close(),
  };
}
