import { z } from 'zod';
import { capNotice, queryBounds } from './common/answer-size.ts';
import { collation, filter, limit, name, target } from './common/arguments.ts';
import { defineTool, narrowQuery } from './common/define.ts';
import { emptyHint, foundHint } from './common/hints.ts';
import { collated, plural, queryArgument } from './common/queries.ts';
import { collectionOf } from './common/targets.ts';

export const distinct = defineTool({
  name: 'distinct',
  operation: 'read',
  title: 'Distinct values',
  description: 'The distinct values of one field: what to filter or group by.',
  lateAdvice: narrowQuery,
  input: z.strictObject({ ...target, key: name, filter, collation, limit: limit(100) }),
  async run({ filter: given, limit: requestedLimit, key, ...args }, context) {
    const { store, namespace } = collectionOf(args, context);
    const filter = queryArgument('filter', given);
    const { values, cappedBy } = await store.distinct(
      { ...namespace, key, ...queryBounds(context, requestedLimit), filter, ...collated(args.collation) },
      context.call,
    );
    const found = `${plural(values.length, 'value')} of "${key}" in "${args.collection}".`;
    const rest = cappedBy
      ? capNotice(
          cappedBy,
          requestedLimit,
          context,
          'Narrow the filter, or `aggregate` with $group, or `export`.',
        )
      : 'End of results.';
    const hint =
      values.length === 0
        ? await emptyHint(store, namespace, filter, context.call, [key])
        : await foundHint(store, namespace, filter, args.collation, context.call);
    return { summary: `${found} ${rest}${hint}`, note: hint.trim(), rows: values };
  },
});
