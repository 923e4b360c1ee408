import { z } from 'zod';
import { documentId, limit } from './common/arguments.ts';
import { citation, headingText } from './common/citation.ts';
import { defineTool } from './common/define.ts';
import { plural } from './common/queries.ts';

export const similarDocuments = defineTool({
  name: 'similar_documents',
  operation: 'read',
  title: 'Find similar documents',
  description: 'The documents nearest in meaning to one, each with its nearest passage.',
  lateAdvice: 'Try again, or ask for fewer (limit).',
  input: z.strictObject({ id: documentId, limit: limit(5) }),
  async run({ id, limit: requestedLimit }, { library, config, call }) {
    const found = await library.similar(id, { limit: Math.min(requestedLimit, config.maxRows) }, call);
    const rows = found.map(({ document, title, similarity, heading, lines, place }) => {
      const above = headingText(title, heading);
      return {
        document,
        title,
        ...(similarity !== undefined && { similarity: Math.round(similarity * 1_000) / 1_000 }),
        ...citation(lines, place),
        ...(above !== undefined && { heading: above }),
      };
    });
    return { summary: `${plural(rows.length, 'document')} like "${id}", the nearest first.`, rows };
  },
});
