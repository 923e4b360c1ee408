import { z } from 'zod';
import { queryObject, waitSeconds } from './arguments.ts';
import { defineTool } from './define.ts';
import { describeRun, runOutput } from './runs.ts';

export const runWorkflow = defineTool({
  name: 'run_workflow',
  operation: 'run',
  title: 'Run a workflow',
  description:
    'Starts a workflow and waits for its result. A run that takes longer goes on: ask for it with get_run.',
  input: z.strictObject({
    workflow: z.string().min(1),
    input: queryObject.default({}),
    wait_seconds: waitSeconds(25),
    idempotency_key: z.string().min(1).max(200).optional().describe('same key, same run'),
  }),
  output: runOutput,
  async run({ workflow, input, wait_seconds: wait, idempotency_key: key }, context) {
    const { workflows, call } = context;
    const { id } = await workflows.start(
      { workflow, input, ...(key !== undefined && { idempotencyKey: key }) },
      call,
    );
    // Whoever cancels the call has no other hold on the run: it is cancelled with it.
    const cancel = (): void => void workflows.cancel(id, { ...call, signal: new AbortController().signal });
    call.signal.addEventListener('abort', cancel, { once: true });
    try {
      return describeRun(await workflows.wait(id, wait * 1_000, call), context);
    } finally {
      call.signal.removeEventListener('abort', cancel);
    }
  },
});
