import { z } from 'zod';
import { collection, database, filter, limit } from './arguments.ts';
import { defineTool } from './define.ts';
import { emptyHint } from './hints.ts';
import { bounds, capNotice, plural, queryArgument } from './queries.ts';

export const distinct = defineTool({
  name: 'distinct',
  operation: 'read',
  title: 'Distinct values',
  description: 'The different values of one field: what can be filtered or grouped by.',
  input: z.strictObject({ database, collection, key: z.string().min(1), filter, limit: limit(100) }),
  async run({ filter: given, limit: wanted, ...query }, context) {
    const filter = queryArgument('filter', given);
    const { values, cappedBy } = await context.documents.distinct(
      { ...query, ...bounds(context, wanted), filter },
      context.call,
    );
    const found = `${plural(values.length, 'value')} of "${query.key}" in "${query.collection}".`;
    const rest = cappedBy
      ? capNotice(cappedBy, wanted, context, 'Narrow the filter, or $group and $count.')
      : 'No more follow.';
    const hint = values.length === 0 ? await emptyHint(query, { [query.key]: null, ...filter }, context) : '';
    return { summary: `${found} ${rest}${hint}`, rows: values };
  },
});
