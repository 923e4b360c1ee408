import type { Execution, Outcome, TaskContext } from './execution.ts';
import { runList } from './list.ts';
import { createStrands } from './strands.ts';
import { runTask } from './task.ts';
import { transform, validated } from './variables.ts';

/**
 * Executes a run to its end, or until one of its tasks waits. Deterministic except for function results and the starts of
 * waiting tasks, which are journaled: given the steps of an earlier process, it continues where that stopped.
 * @throws the error of a failed task or filter (see `failureOf`), or the signal's reason
 */
export async function interpret(execution: Execution): Promise<Outcome> {
  const { definition, input, journaled } = execution;
  const ended = [...journaled.values()].filter(({ result, error }) => result ?? error);
  const place: TaskContext = {
    execution,
    progress: {
      context: null,
      count: { steps: ended.length },
      strands: createStrands(),
      visits: new Map(),
      started: [],
    },
    locals: {},
    runTasks: runList,
    runTask,
  };
  const filtered = await transform(definition.input?.from, input, place);
  const outcome = await runList(definition.do, '/do', filtered, place);
  if ('suspendedUntil' in outcome) return outcome;
  const output = await transform(definition.output?.as, outcome.output, place);
  return { output: await validated(definition.output, output, 'the output of the workflow', place) };
}
