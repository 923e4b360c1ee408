import { z } from 'zod';
import { cursor, limit } from './arguments.ts';
import { makeCursor, readCursor } from './cursors.ts';
import { defineTool } from './define.ts';
import { plural } from './queries.ts';

export const listDocuments = defineTool({
  name: 'list_documents',
  operation: 'read',
  title: 'List documents',
  description: 'The documents that search looks into, in order of id.',
  input: z.strictObject({ within: z.string().max(1_024).optional(), limit: limit(50), cursor }),
  async run({ within, limit: wanted, cursor: given }, context) {
    const after = await readCursor({ within }, given, context);
    const { documents, total, more } = await context.library.list(
      {
        limit: Math.min(wanted, context.config.maxRows),
        ...(within !== undefined && { within }),
        ...(after !== undefined && { after }),
      },
      context.call,
    );
    const rows = documents.map(({ id, title, type, lines }) => ({ id, title, type, lines }));
    const last = documents.at(-1);
    const next = more && last ? await makeCursor({ within }, last.id, context) : undefined;
    const rest = next ? `More follow: repeat the call with cursor "${next}".` : 'No more follow.';
    return { summary: `${documents.length} of ${plural(total, 'document')}. ${rest}`, rows };
  },
});
