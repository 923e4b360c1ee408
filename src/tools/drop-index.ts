import { z } from 'zod';
import { target } from './common/arguments.ts';
import { makeChange } from './common/changes.ts';
import { defineTool } from './common/define.ts';
import { quoted } from './common/question-text.ts';
import { collectionOf } from './common/targets.ts';

export const dropIndex = defineTool({
  name: 'drop_index',
  operation: 'destroy',
  title: 'Drop an index',
  description: 'Removes an index by its name; documents stay. A person may be asked to confirm it.',
  input: z.strictObject({ ...target, name: z.string().min(1).max(128) }),
  output: z.strictObject({ dropped: z.string() }),
  async run(args, context) {
    const target = collectionOf(args, context);
    const { name } = args;
    await makeChange(
      {
        tool: 'drop_index',
        args,
        target,
        change: { kind: 'drop_index', ...target.namespace, name },
        sentence: () => `Drop the index ${quoted(name)} (no document changes)`,
      },
      context,
    );
    return { dropped: name };
  },
});
