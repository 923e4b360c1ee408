import type { ErrorDefinition, Task } from '../definitions/dsl.ts';
import { inTemplate } from '../definitions/placed-expressions.ts';
import { unknownReference } from '../definitions/problem.ts';
import { DefinedError, fault } from '../faults.ts';
import { resolve } from '../interpreter/variables.ts';
import type { TaskKind } from './kind.ts';

interface RaiseTask extends Task {
  /** A string is the name of an error in `use`. */
  readonly raise: { readonly error: string | ErrorDefinition };
}

const shown = (value: unknown): string => JSON.stringify(value ?? null).slice(0, 100);

function textOf(value: unknown, what: string): string {
  if (typeof value === 'string' && value !== '') return value;
  throw fault('expression', `The ${what} of the error to raise is to be text; it is ${shown(value)}.`);
}

export const raise: TaskKind<RaiseTask> = {
  refusal: ({ raise: { error } }, place, { use }) =>
    typeof error === 'string'
      ? unknownReference(error, `${place}/raise/error`, 'errors', use.errors)
      : undefined,
  expressions: (task, place, variables) => inTemplate(task.raise.error, `${place}/raise/error`, variables),
  async perform(task, data, place) {
    const { error } = task.raise;
    const defined = typeof error === 'string' ? place.execution.definition.use?.errors?.[error] : error;
    if (!defined) throw new Error('an unknown error in a checked definition');
    // Where it comes from is the task, whatever the definition says.
    const { type, status, title, detail } = defined;
    const filled = (await resolve({ type, title, detail }, data.input, place, data)) as Record<
      string,
      unknown
    >;
    throw new DefinedError({
      type: textOf(filled['type'], 'type'),
      status,
      ...(title !== undefined && { title: textOf(filled['title'], 'title') }),
      ...(detail !== undefined && { detail: textOf(filled['detail'], 'detail') }),
    });
  },
};
