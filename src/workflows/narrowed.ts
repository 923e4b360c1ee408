import type { Call } from '../call.ts';
import { unknownWorkflow } from './definitions/unknown-workflow.ts';
import { newestThat } from './newest.ts';
import { unknownRun } from './runs/unknown-run.ts';
import type { Run, Workflows } from './types.ts';

/** The workflows as a caller sees them who may run some of them: the others do not exist, nor do runs of them. */
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

  async function get(id: string, call: Call): Promise<Run> {
    const run = await workflows.get(id, call);
    if (!isGranted(run.workflow)) throw unknownRun(id);
    return run;
  }

  return {
    ...workflows,
    get,
    async wait(id, waitMs, call) {
      await get(id, call);
      return workflows.wait(id, waitMs, call);
    },
    async cancel(id, call) {
      await get(id, call);
      return workflows.cancel(id, call);
    },
    recent: (limit, call) =>
      newestThat<Run>(
        ({ workflow }) => isGranted(workflow),
        limit,
        (most) => workflows.recent(most, call),
      ),
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
