import { z } from 'zod';
import { capNotice, queryBounds } from './common/answer-size.ts';
import { collation, cursor, filter, limit, queryObject, target } from './common/arguments.ts';
import { makeCursor, readCursor } from './common/cursors.ts';
import { defineTool, narrowQuery } from './common/define.ts';
import { emptyHint, fieldHint, foundHint } from './common/hints.ts';
import { missingFields } from './common/missing-fields.ts';
import { collated, plural, queryArgument } from './common/queries.ts';
import { collectionOf } from './common/targets.ts';

export const find = defineTool({
  name: 'find',
  operation: 'read',
  title: 'Find documents',
  description:
    'Documents of a collection that match a MongoDB filter. See describe_collection for its fields.',
  lateAdvice: narrowQuery,
  input: z.strictObject({
    ...target,
    filter,
    projection: queryObject.optional(),
    sort: queryObject.optional().describe('e.g. {"year":-1}'),
    skip: z.int().min(0).default(0),
    collation,
    limit: limit(20),
    cursor,
  }),
  async run({ cursor: given, limit: requestedLimit, ...args }, context) {
    const after = await readCursor(args, given, context);
    const { projection, sort, skip } = args;
    const { store, namespace } = collectionOf(args, context);
    const filter = queryArgument('filter', args.filter);
    const page = await store.find(
      {
        ...namespace,
        skip,
        ...queryBounds(context, requestedLimit),
        filter,
        ...collated(args.collation),
        ...(projection && { projection: queryArgument('projection', projection) }),
        ...(sort && { sort: queryArgument('sort', sort) }),
        ...(after !== undefined && { after }),
      },
      context.call,
    );
    const found = `${plural(page.documents.length, 'document')} of "${args.collection}".`;
    const explain = async (): Promise<string> => {
      if (after !== undefined) return '';
      if (page.documents.length > 0) {
        const missing = await fieldHint(store, namespace, missingFields(args, page.documents), context.call);
        return missing === '' ? foundHint(store, namespace, filter, args.collation, context.call) : missing;
      }
      if (skip > 0) return ` At most ${plural(skip, 'document')} match: "skip" skips them.`;
      return emptyHint(store, namespace, filter, context.call);
    };
    const hint = await explain();
    const answer = { note: hint.trim(), rows: page.documents };
    if (page.cappedBy && page.next === undefined) {
      const notice = capNotice(
        page.cappedBy,
        requestedLimit,
        context,
        'A cursor cannot continue this order or projection: page with skip, or narrow the filter.',
      );
      return { summary: `${found} ${notice}${hint}`, ...answer };
    }
    if (!page.cappedBy || page.next === undefined) {
      return { summary: `${found} End of results.${hint}`, ...answer };
    }
    const next = await makeCursor(args, page.next, context);
    const notice = capNotice(
      page.cappedBy,
      requestedLimit,
      context,
      `Repeat the call with cursor "${next}".`,
    );
    return { summary: `${found} ${notice}${hint}`, ...answer };
  },
});
