import { entryOf, type TaskList } from '../definitions/dsl.ts';
import { pointerPart } from '../definitions/problem.ts';
import { fault } from '../faults.ts';
import type { Outcome, TaskContext } from './execution.ts';
import { runTask } from './task.ts';

/**
 * Executes a list of tasks, each on the output of the previous one, following their flow directives.
 */
export async function runList(
  list: TaskList,
  reference: string,
  input: unknown,
  place: TaskContext,
): Promise<Outcome> {
  let output = input;
  for (let index = 0; index < list.length; ) {
    const item = list[index];
    if (!item) break;
    const [name, task] = entryOf(item);
    const done = await runTask(name, task, `${reference}/${index}/${pointerPart(name)}`, output, place);
    if ('suspendedUntil' in done) return done;
    output = done.output;
    if (done.next === 'end') return { output, next: 'end' };
    if (done.next === 'exit') break;
    if (done.next === 'continue') index++;
    else {
      const target = list.findIndex((other) => Object.hasOwn(other, done.next));
      if (target < 0) throw fault('configuration', `There is no task "${done.next}" to run next.`);
      index = target;
    }
  }
  return { output };
}
