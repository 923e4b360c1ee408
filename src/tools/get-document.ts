import { z } from 'zod';
import { badInput, HydrogenError } from '../errors.ts';
import { remarksOf } from '../stores/index/remarks.ts';
import { contentBytes } from './common/answer-size.ts';
import { documentId } from './common/arguments.ts';
import { defineTool } from './common/define.ts';

const line = z.int().min(1).optional();

export const getDocument = defineTool({
  name: 'get_document',
  operation: 'read',
  title: 'Read a document',
  description: 'The text of a document: from a line on, or a page (slide, chapter).',
  input: z.strictObject({ id: documentId, from_line: line, to_line: line, page: line }),
  async run({ id, from_line: from, to_line: to, page }, { library, config, call }) {
    if (page !== undefined && (from !== undefined || to !== undefined)) {
      throw badInput('Give either "page" or lines ("from_line", "to_line"), not both.');
    }
    if (from !== undefined && to !== undefined && to < from) {
      throw badInput(`to_line (${to}) is before from_line (${from}).`);
    }
    const maxBytes = contentBytes(config);
    const part = await library.get(
      id,
      {
        maxBytes,
        ...(from !== undefined && { from }),
        ...(to !== undefined && { to }),
        ...(page !== undefined && { page }),
      },
      call,
    );
    if (Buffer.byteLength(part.text) > maxBytes) {
      throw new HydrogenError(
        'too_large',
        `Line ${part.from} of "${id}" alone is larger than an answer (${maxBytes.toLocaleString('en')} bytes). Find what you need in it with \`search\` and within "${id}"${part.from < part.total ? `, or go on with from_line ${part.from + 1}` : ''}.`,
      );
    }
    const remarks = remarksOf(part.entry);
    const aside = remarks.length > 0 ? ` Of its file: ${remarks.join('; ')}.` : '';
    if (part.total === 0) return { summary: `"${part.entry.title}" (${id}) is empty.${aside}`, text: '' };
    const more =
      part.to < part.total
        ? ` More follows: repeat the call with from_line ${part.to + 1}.`
        : ' This is the end.';
    const where = page === undefined ? '' : `page ${page}, `;
    return {
      summary: `"${part.entry.title}" (${id}), ${where}lines ${part.from}-${part.to} of ${part.total}.${more}${aside}`,
      text: part.text,
    };
  },
});
