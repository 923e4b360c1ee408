import { z } from 'zod';
import { changeFilter, many, target } from './common/arguments.ts';
import { changeNote, makeChange } from './common/changes.ts';
import { askedFirst, defineTool, narrowFilter } from './common/define.ts';
import { plural, queryArgument } from './common/queries.ts';
import { collectionOf } from './common/targets.ts';

export const deleteDocuments = defineTool({
  name: 'delete',
  operation: 'destroy',
  isConfirmed: true,
  title: 'Delete documents',
  description: `Removes the first matching document, or all with many. ${askedFirst}`,
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
    return { deleted: result.changed, ...(await changeNote(result, target, filter, context)) };
  },
});
