import { HydrogenError } from '../errors.ts';
import { getDocument } from '../tools/get-document.ts';
import type { TemplateResource } from './define.ts';

/** Largest document returned whole, bytes. */
const maxBytes = 2 ** 20;

const uriOf = (id: string): string =>
  `hydrogen://documents/${id.split('/').map(encodeURIComponent).join('/')}`;

export const documentResource: TemplateResource = {
  name: 'document',
  uri: 'hydrogen://documents/{+id}',
  title: 'Document',
  description: 'The text of a document of the library.',
  mimeType: 'text/plain',
  tool: getDocument,
  variables: ['id'],
  isFollowable({ id = '' }, _services, grants) {
    const rule = grants.source(id.slice(0, Math.max(0, id.indexOf('/'))), 'read');
    return rule !== undefined && rule.rows === undefined;
  },
  async list({ library }, call, limit, after) {
    const { documents, more } = await library.list({ limit, ...(after !== undefined && { after }) }, call);
    const last = documents.at(-1);
    return {
      entries: documents.map(({ id, title }) => ({ uri: uriOf(id), name: id, title })),
      ...(more && last && { next: last.id }),
    };
  },
  async complete(_variable, _chosen, { library }, call) {
    const { documents, more } = await library.list({ limit: 1_000 }, call);
    return { values: documents.map(({ id }) => id), isWhole: !more };
  },
  async read({ id = '' }, { library }, call) {
    const part = await library.get(id, { from: 1, maxBytes }, call);
    if (part.to === part.total) return part.text;
    throw new HydrogenError(
      'too_large',
      `The document is larger than ${maxBytes.toLocaleString('en')} bytes: read it in parts with get_document.`,
    );
  },
};
