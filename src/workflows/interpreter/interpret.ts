import type { Execution, TaskContext } from './execution.ts';
import { runList } from './list.ts';
import { transform } from './variables.ts';

/**
 * Executes a run to its end and returns its output. Deterministic but for what functions answer, and
 * those answers are journaled: with the results of an earlier process it goes on where that stopped.
 * @throws what a task or a filter of the workflow failed with (see `failureOf`), or the signal's reason
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
