import type { Execution, TaskContext } from './execution.ts';
import { runList } from './list.ts';
import { transform } from './variables.ts';

/**
 * Executes a run to its end and returns its output. Deterministic except for function results, which are journaled:
 * given the results of an earlier process, it continues where that stopped.
 * @throws the error of a failed task or filter (see `failureOf`), or the signal's reason
 */
export async function interpret(execution: Execution): Promise<unknown> {
  const { definition, input, results } = execution;
  const place: TaskContext = {
    execution,
    progress: { context: null, steps: results.size, visits: new Map(), started: [] },
    locals: {},
    runTasks: runList,
  };
  const filtered = await transform(definition.input?.from, input, place);
  const { output } = await runList(definition.do, '/do', filtered, place);
  return transform(definition.output?.as, output, place);
}
