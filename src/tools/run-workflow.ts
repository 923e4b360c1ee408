import { z } from 'zod';
import { name, queryObject, waitSeconds } from './common/arguments.ts';
import { defineTool } from './common/define.ts';
import { describeRun, runOutput } from './common/runs.ts';

export const runWorkflow = defineTool({
  name: 'run_workflow',
  operation: 'run',
  title: 'Run a workflow',
  description: 'Starts a workflow and waits for its result. A longer run continues: poll it with get_run.',
  lateAdvice: 'The run may continue: check it with get_run, or the latest runs with list_workflows.',
  input: z.strictObject({
    workflow: name,
    input: queryObject.default({}),
    wait_seconds: waitSeconds(25),
    idempotency_key: z.string().min(1).max(200).optional().describe('same key, same run'),
  }),
  output: runOutput,
  async run({ workflow, input, wait_seconds: wait, idempotency_key: key }, context) {
    const request = { workflow, input, ...(key !== undefined && { idempotencyKey: key }) };
    const { workflows, call } = context;
    return describeRun(await workflows.startAndWait(request, wait * 1_000, call), context);
  },
});
