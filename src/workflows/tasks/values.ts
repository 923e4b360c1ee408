import type { StepWrite } from '../../stores/journal/types.ts';
import type { Task } from '../definitions/dsl.ts';
import { inTemplate } from '../definitions/placed-expressions.ts';
import { unsupported } from '../definitions/problem.ts';
import type { CallReport } from '../interpreter/execution.ts';
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
    const { execution } = place;
    let note: string | undefined;
    let awaited: string | undefined;
    let journaled = Promise.resolve();
    const report: CallReport = {
      tell(text) {
        note = text;
      },
      waits(reason, deadline) {
        if (reason === awaited) return;
        awaited = reason;
        const { reference, name, startedAt } = data;
        const step: StepWrite = {
          reference,
          name,
          kind: 'call',
          state: 'running',
          startedAt,
          note: `It waits, until ${new Date(deadline).toISOString()} at most: ${reason}`,
        };
        journaled = journaled.then(() => execution.record([step]));
        journaled.catch(() => {});
      },
    };
    // What the step waited for is written before its end, which takes its place.
    const output = await execution.call(task.call, args, report, execution.signal).finally(() => journaled);
    return { output, ...(note !== undefined && { note }) };
  },
};
