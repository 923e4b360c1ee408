import { type Duration, milliseconds, type Task } from '../definitions/dsl.ts';
import { inTemplate } from '../definitions/placed-expressions.ts';
import { enclosedExpression } from '../expressions/expression.ts';
import { fault } from '../faults.ts';
import { evaluateOne } from '../interpreter/variables.ts';
import type { TaskKind } from './kind.ts';

interface WaitTask extends Task {
  /** A string may be an expression that gives an ISO 8601 duration. */
  readonly wait: Duration;
}

const maxDays = 365;

/** The length of a wait in milliseconds, or why it is none. */
function lengthOf(duration: Duration): number | string {
  const length = milliseconds(duration);
  if (length === undefined) {
    return 'not a duration in weeks, days or smaller units, such as PT30S';
  }
  if (length < 0) return 'a negative duration';
  return length > maxDays * 86_400_000 ? `longer than a run may wait (max ${maxDays} days)` : length;
}

function isExpression(duration: Duration): duration is string {
  return typeof duration === 'string' && enclosedExpression(duration) !== undefined;
}

/** Waits from its first start on, whatever happens to the process meanwhile; its output is its input. */
export const wait: TaskKind<WaitTask> = {
  refusal(task, place) {
    const length = isExpression(task.wait) ? 0 : lengthOf(task.wait);
    return typeof length === 'string' ? { place: `${place}/wait`, reason: length } : undefined;
  },
  expressions: (task, place, variables) => inTemplate(task.wait, `${place}/wait`, variables),
  async perform(task, data, place) {
    const isComputed = isExpression(task.wait);
    const value = isComputed ? await evaluateOne(task.wait, data.input, place, data) : task.wait;
    const length =
      isComputed && typeof value !== 'string' ? 'not text such as PT30S' : lengthOf(value as Duration);
    if (typeof length === 'string') {
      const shown = JSON.stringify(value).slice(0, 100);
      throw fault('expression', `The task cannot wait for ${shown}, which is ${length}.`);
    }
    const until = data.startedAt + length;
    return Date.now() < until ? { suspendedUntil: until } : { output: data.input };
  },
};
