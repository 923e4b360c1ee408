import { z } from 'zod';
import { name, waitSeconds } from './common/arguments.ts';
import { defineTool } from './common/define.ts';
import { describeRun, runOutput } from './common/runs.ts';

export const getRun = defineTool({
  name: 'get_run',
  operation: 'read',
  title: 'Check a run',
  description: 'State, steps and result of a workflow run.',
  input: z.strictObject({ run_id: name, wait_seconds: waitSeconds(0) }),
  output: runOutput,
  run: async ({ run_id: id, wait_seconds: wait }, context) =>
    describeRun(await context.workflows.wait(id, wait * 1_000, context.call), context),
});
