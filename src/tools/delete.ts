import { z } from 'zod';
import { changeFilter, many, target } from './common/arguments.ts';
import { makeChange, unmatchedNote } from './common/changes.ts';
import { defineTool, narrowFilter } from './common/define.ts';
import { plural, queryArgument } from './common/queries.ts';
import { collectionOf } from './common/targets.ts';

export const deleteDocuments = defineTool({
  name: 'delete',
  operation: 'destroy',
  title: 'Delete documents',
  description: 'Removes the first matching document, or all with many. A person may be asked to confirm it.',
  lateAdvice: narrowFilter,
  input: z.strictObject({ ...target, filter: changeFilter, many }),
  output: z.strictObject({ deleted: z.int(), note: z.string().optional() }),
  async run(args, context) {
    const target = collectionOf(args, context);
    const filter = queryArgument('filter', args.filter);
    const result = await makeChange(
      {
        tool: 'delete',
        args,
        target,
        change: { kind: 'delete', ...target.namespace, filter, many: args.many },
        sentence: (matched) => `Delete ${plural(matched, 'document')}`,
        details: { filter },
      },
      context,
    );
    return { deleted: result.changed, ...(await unmatchedNote(result, target, filter, context)) };
  },
});
