import { z } from 'zod';
import { target } from './common/arguments.ts';
import { makeChange } from './common/changes.ts';
import { defineTool } from './common/define.ts';
import { plural } from './common/queries.ts';
import { collectionOf } from './common/targets.ts';

export const dropCollection = defineTool({
  name: 'drop_collection',
  operation: 'destroy',
  title: 'Drop a collection',
  description:
    'Removes a collection with all its documents and indexes. A person may be asked to confirm it.',
  input: z.strictObject(target),
  output: z.strictObject({ dropped: z.string(), documents: z.int() }),
  async run(args, context) {
    const target = collectionOf(args, context);
    const { changed } = await makeChange(
      {
        tool: 'drop_collection',
        args,
        target,
        change: { kind: 'drop_collection', ...target.namespace },
        sentence: (matched) => `Drop everything (${plural(matched, 'document')}, all indexes)`,
      },
      context,
    );
    return { dropped: args.collection, documents: changed };
  },
});
