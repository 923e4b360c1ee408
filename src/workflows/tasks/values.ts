import type { Task } from '../definitions/dsl.ts';
import { inTemplate } from '../definitions/placed-expressions.ts';
import { unsupported } from '../definitions/problem.ts';
import { resolve } from '../interpreter/variables.ts';
import type { TaskKind } from './kind.ts';

// The tasks that give a value.

interface SetTask extends Task {
  readonly set: unknown;
}

export const set: TaskKind<SetTask> = {
  expressions: (task, place, variables) => inTemplate(task.set, `${place}/set`, variables),
  perform: async (task, data, place) => ({ output: await resolve(task.set, data.input, place, data) }),
};

interface CallTask extends Task {
  readonly call: string;
  readonly with?: object;
}

const unsupportedCalls = ['http', 'grpc', 'openapi', 'asyncapi', 'mcp', 'a2a'];

export const call: TaskKind<CallTask> = {
  isStartJournaled: true,
  functionOf: ({ call: name, with: given = {} }) => ({ name, args: Object.keys(given) }),
  refusal: ({ call: name }, place) =>
    unsupportedCalls.includes(name)
      ? unsupported(`${place}/call`, `call: ${name}`, "a workflow calls this server's read tools by name")
      : undefined,
  expressions: (task, place, variables) => inTemplate(task.with, `${place}/with`, variables),
  async perform(task, data, place) {
    const args = await resolve(task.with ?? {}, data.input, place, data);
    let note: string | undefined;
    const output = await place.execution.call(task.call, args, (text) => {
      note = text;
    });
    return { output, ...(note !== undefined && { note }) };
  },
};
