import { getRun } from '../tools/get-run.ts';
import type { TemplateResource } from './define.ts';

export const runResource: TemplateResource = {
  name: 'run',
  uri: 'hydrogen://runs/{id}',
  title: 'Workflow run',
  description: 'A workflow run with its steps, input and whole output.',
  mimeType: 'application/json',
  tool: getRun,
  variables: ['id'],
  async list({ workflows }, call, limit) {
    const runs = await workflows.recent(limit, call);
    return runs.map(({ id, workflow, state }) => ({
      uri: `hydrogen://runs/${id}`,
      name: id,
      title: `${workflow}: ${state}`,
    }));
  },
  complete: async (_variable, _chosen, { workflows }, call) =>
    (await workflows.recent(100, call)).map(({ id }) => id),
  read: async ({ id = '' }, { workflows }, call) => JSON.stringify(await workflows.get(id, call), null, 2),
};
