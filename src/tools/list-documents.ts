import { z } from 'zod';
import { emptyLibrary } from '../library/empty-library.ts';
import { grantsOf } from '../policy/roles.ts';
import { remarksOf } from '../stores/index/remarks.ts';
import { contentBytes, fittingLines } from './common/answer-size.ts';
import { cursor, limit } from './common/arguments.ts';
import { makeCursor, readCursor } from './common/cursors.ts';
import { defineTool } from './common/define.ts';
import { plural } from './common/queries.ts';

export const listDocuments = defineTool({
  name: 'list_documents',
  operation: 'read',
  title: 'List documents',
  description: 'The documents that `search` covers, by id.',
  input: z.strictObject({ within: z.string().max(1_024).optional(), limit: limit(50), cursor }),
  async run({ within, limit: requestedLimit, cursor: given }, context) {
    const after = await readCursor({ within }, given, context);
    const { documents, total, more } = await context.library.list(
      {
        limit: Math.min(requestedLimit, context.config.maxRows),
        ...(within !== undefined && { within }),
        ...(after !== undefined && { after }),
      },
      context.call,
    );
    const listed = documents.map((entry) => {
      const { id, title, type, lines } = entry;
      const remarks = remarksOf(entry);
      return { id, title, type, lines, ...(remarks.length > 0 && { remarks }) };
    });
    // The cursor continues where the answer was cut.
    const rows = listed.slice(0, fittingLines(listed, contentBytes(context.config, 'cursor')).length);
    const last = rows.at(-1);
    const next = (more || rows.length < listed.length) && last;
    const cursor = next ? await makeCursor({ within }, next.id, context) : undefined;
    // Each has an order of its own.
    const { config, call } = context;
    const others = config.qdrantCollections
      .filter(({ name }) => grantsOf(config, call.caller).source(name, 'read') !== undefined)
      .map(({ name }) => `"${name}/"`);
    const elsewhere =
      within === undefined && others.length > 0
        ? ` Not listed here: within ${others.join(', within ')}, which others fill.`
        : '';
    const rest = cursor ? `More remain: repeat the call with cursor "${cursor}".` : 'End of results.';
    if (total === 0 && within === undefined && after === undefined) {
      return { summary: `0 of 0 documents. ${emptyLibrary}${elsewhere}`, rows };
    }
    return { summary: `${rows.length} of ${plural(total, 'document')}. ${rest}${elsewhere}`, rows };
  },
});
