import { z } from 'zod';
import { defineTool } from './common/define.ts';
import { plural } from './common/queries.ts';

export const listWorkflows = defineTool({
  name: 'list_workflows',
  operation: 'read',
  title: 'List workflows',
  description: 'The workflows that can be run: what each does and the input it takes.',
  input: z.strictObject({}),
  async run(_args, { workflows, call }) {
    const entries = await workflows.list(call);
    const broken = entries.filter((entry) => entry.problem !== undefined).length;
    const note = broken > 0 ? ` ${plural(broken, 'definition')} cannot be run: see "problem".` : '';
    const hint =
      entries.length === 0
        ? ' The user can put definitions into a folder of the setting workflowFolders; `hydrogen samples` brings examples.'
        : '';
    return { summary: `${plural(entries.length, 'workflow')}.${note}${hint}`, rows: entries };
  },
});
