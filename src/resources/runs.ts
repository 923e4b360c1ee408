import { HydrogenError } from '../errors.ts';
import { getRun } from '../tools/get-run.ts';
import { isRunId } from '../workflows/runs/run-id.ts';
import { pageFrom, type TemplateResource } from './define.ts';

/** Runs that a completion considers. */
const maxCompleted = 1_000;

export const runResource: TemplateResource = {
  name: 'run',
  uri: 'hydrogen://runs/{id}',
  title: 'Workflow run',
  description: 'A workflow run with its steps, input and whole output.',
  mimeType: 'application/json',
  tool: getRun,
  variables: ['id'],
  canExist: ({ id = '' }) => isRunId(id),
  exists: ({ id = '' }, { workflows }, call) =>
    workflows.get(id, call).then(
      () => true,
      (error: unknown) => {
        if (error instanceof HydrogenError && error.code === 'not_found') return false;
        throw error;
      },
    ),
  async list({ workflows }, call, limit, after = '0') {
    const begin = Number(after);
    const runs = await workflows.recent(begin + limit + 1, call);
    const entries = runs.map(({ id, workflow, state }) => ({
      uri: `hydrogen://runs/${id}`,
      name: id,
      title: `${workflow}: ${state}`,
    }));
    return pageFrom(begin, limit, entries);
  },
  async complete(_variable, _chosen, { workflows }, call) {
    const runs = await workflows.recent(maxCompleted, call);
    return { values: runs.map(({ id }) => id), isWhole: runs.length < maxCompleted };
  },
  read: async ({ id = '' }, { workflows }, call) => JSON.stringify(await workflows.get(id, call), null, 2),
};
