import { endingOfId } from '../stores/documents/export/exports.ts';
import { exportTool } from '../tools/export.ts';
import type { TemplateResource } from './define.ts';

export const exportResource: TemplateResource = {
  name: 'export',
  uri: 'hydrogen://exports/{id}',
  title: 'Export',
  description: 'A file the export tool wrote; its answer has the link, and says how long it is valid.',
  mimeType: 'text/plain',
  tool: exportTool,
  variables: ['id'],
  canExist: ({ id = '' }) => endingOfId(id) !== undefined,
  exists: ({ id = '' }, { exports }, call) => exports.has(id, call),
  // Only a caller who was given its name may read an export.
  list: async () => ({ entries: [] }),
  complete: async () => ({ values: [], isWhole: true }),
  // It never changes while it is there.
  keepMs: 3_600_000,
  read: ({ id = '' }, { exports }, call) => exports.read(id, call),
};
