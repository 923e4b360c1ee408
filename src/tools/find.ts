import { z } from 'zod';
import { collection, cursor, database, filter, limit, queryObject } from './arguments.ts';
import { makeCursor, readCursor } from './cursors.ts';
import { defineTool } from './define.ts';
import { emptyHint } from './hints.ts';
import { bounds, capNotice, plural, queryArgument } from './queries.ts';

export const find = defineTool({
  name: 'find',
  operation: 'read',
  title: 'Find documents',
  description:
    'Documents of a collection that match a MongoDB filter. See describe_collection for its fields.',
  input: z.strictObject({
    database,
    collection,
    filter,
    projection: queryObject.optional(),
    sort: queryObject.optional().describe('e.g. {"year":-1}'),
    skip: z.int().min(0).default(0),
    limit: limit(20),
    cursor,
  }),
  async run({ cursor: given, limit: wanted, ...args }, context) {
    const after = await readCursor(args, given, context);
    const { projection, sort, ...rest } = args;
    const filter = queryArgument('filter', args.filter);
    const page = await context.documents.find(
      {
        ...rest,
        ...bounds(context, wanted),
        filter,
        ...(projection && { projection: queryArgument('projection', projection) }),
        ...(sort && { sort: queryArgument('sort', sort) }),
        ...(after !== undefined && { after }),
      },
      context.call,
    );
    const found = `${plural(page.documents.length, 'document')} of "${args.collection}".`;
    if (!page.cappedBy || page.next === undefined) {
      const none = page.documents.length === 0 && after === undefined;
      const hint = none ? await emptyHint(args, filter, context) : '';
      return { summary: `${found} No more follow.${hint}`, rows: page.documents };
    }
    const next = await makeCursor(args, page.next, context);
    const notice = capNotice(page.cappedBy, wanted, context, `Repeat the call with cursor "${next}".`);
    return { summary: `${found} ${notice}`, rows: page.documents };
  },
});
