import { z } from 'zod';
import { limit } from './arguments.ts';
import { defineTool } from './define.ts';
import { plural } from './queries.ts';

const round = (value: number): number => Math.round(value * 1_000) / 1_000;

export const search = defineTool({
  name: 'search',
  operation: 'read',
  title: 'Search documents',
  description:
    'Passages of the documents that answer a question, by meaning and by words. Cite them as document:lines; read more with get_document.',
  input: z.strictObject({
    query: z.string().trim().min(1).max(2_000),
    limit: limit(6),
    mode: z.enum(['hybrid', 'semantic', 'keyword']).default('hybrid'),
    within: z.string().max(1_024).optional().describe('only ids that start with this'),
  }),
  async run({ limit: wanted, within, ...request }, { library, config, call }) {
    const { hits, mode, notes } = await library.search(
      { ...request, limit: Math.min(wanted, config.maxRows), ...(within !== undefined && { within }) },
      call,
    );
    const rows = hits.map(({ document, title, heading, lines, text, score, similarity }) => ({
      document,
      lines: lines[0] === lines[1] ? String(lines[0]) : lines.join('-'),
      title,
      ...(heading.length > 0 && { heading: heading.join(' > ') }),
      score: round(score),
      ...(similarity !== undefined && { similarity: round(similarity) }),
      text,
    }));
    const documents = new Set(hits.map(({ document }) => document)).size;
    const found =
      hits.length === 0
        ? `No passage found (${mode}).`
        : `${plural(hits.length, 'passage')} from ${plural(documents, 'document')}, best first (${mode}).`;
    return { summary: [found, ...notes].join(' '), rows };
  },
});
