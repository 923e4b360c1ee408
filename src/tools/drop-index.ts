import { z } from 'zod';
import { target } from './common/arguments.ts';
import { makeChange } from './common/changes.ts';
import { askedFirst, defineTool } from './common/define.ts';
import { quoted } from './common/question-text.ts';
import { collectionOf } from './common/targets.ts';

export const dropIndex = defineTool({
  name: 'drop_index',
  operation: 'destroy',
  isConfirmed: true,
  title: 'Drop an index',
  description: `Removes an index by its name; documents stay. ${askedFirst}`,
  input: z.strictObject({ ...target, name: z.string().min(1).max(128) }),
  output: z.strictObject({ dropped: z.string(), note: z.string().optional() }),
  async run(args, context) {
    const target = collectionOf(args, context);
    const { name } = args;
    const { note } = await makeChange(
      {
        tool: 'drop_index',
        args,
        target,
        change: { kind: 'drop_index', ...target.namespace, name },
        sentence: () => `Drop the index ${quoted(name)} (no document changes)`,
      },
      context,
    );
    return { dropped: name, ...(note !== undefined && { note }) };
  },
});
