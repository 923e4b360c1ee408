import { loadJq } from '../expressions/jq.ts';
import { compileError } from '../expressions/jq-program.ts';
import { serveJobs } from '../threads/serve-jobs.ts';
import { checkDefinition } from './check.ts';
import type { DefinitionJob } from './messages.ts';

// The entry point of the thread that checks definitions. The SDK takes half a second and 89 MB to load; the thread
// exits when idle to free them.
void serveJobs<DefinitionJob>(async () => {
  const { Classes } = await import('@serverlessworkflow/sdk');
  const jq = await loadJq();
  return ({ text }) =>
    checkDefinition(text, {
      validate: (json) => void Classes.Workflow.deserialize(json),
      compile: async (program) => {
        const { status, error } = await jq(program, 'null');
        return status === 0 ? undefined : compileError(error);
      },
    });
});
