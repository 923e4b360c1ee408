import type { Call } from '../call.ts';
import { unknownWorkflow } from './definitions/unknown-workflow.ts';
import type { Workflows } from './types.ts';

/** The workflows as a caller sees them who may run some of them: the others do not exist. */
export function narrowedWorkflows(workflows: Workflows, isGranted: (name: string) => boolean): Workflows {
  async function assertGranted(name: string, call: Call): Promise<void> {
    const entries = (await workflows.list(call)).filter((entry) => isGranted(entry.name));
    if (entries.some((entry) => entry.name === name)) return;
    const runnable = entries.filter(({ problem }) => problem === undefined);
    throw unknownWorkflow(
      name,
      runnable.map((entry) => entry.name),
    );
  }

  return {
    ...workflows,
    list: async (call) => (await workflows.list(call)).filter(({ name }) => isGranted(name)),
    async start(request, call) {
      await assertGranted(request.workflow, call);
      return workflows.start(request, call);
    },
    async startAndWait(request, waitMs, call, started) {
      await assertGranted(request.workflow, call);
      return workflows.startAndWait(request, waitMs, call, started);
    },
  };
}
