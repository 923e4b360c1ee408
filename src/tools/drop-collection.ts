import { z } from 'zod';
import { target } from './common/arguments.ts';
import { makeChange } from './common/changes.ts';
import { askedFirst, defineTool } from './common/define.ts';
import { plural } from './common/queries.ts';
import { collectionOf } from './common/targets.ts';

export const dropCollection = defineTool({
  name: 'drop_collection',
  operation: 'destroy',
  isConfirmed: true,
  title: 'Drop a collection',
  description: `Removes a collection with all its documents and indexes. ${askedFirst}`,
  input: z.strictObject(target),
  output: z.strictObject({ dropped: z.string(), documents: z.int(), note: z.string().optional() }),
  async run(args, context) {
    const target = collectionOf(args, context);
    const { changed, note } = await makeChange(
      {
        tool: 'drop_collection',
        args,
        target,
        change: { kind: 'drop_collection', ...target.namespace },
        sentence: (matched) => `Drop everything (${plural(matched, 'document')}, all indexes)`,
      },
      context,
    );
    return { dropped: args.collection, documents: changed, ...(note !== undefined && { note }) };
  },
});
