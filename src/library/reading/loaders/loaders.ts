import type { Loader } from './loader.ts';
import type { DocumentType } from './types.ts';

/** One loader a type, imported when the first file of it is met: some bring a large library. */
export const loaders: Readonly<Record<DocumentType, () => Promise<Loader>>> = {
  markdown: async () => ({ reads: 'text', load: (await import('./markdown.ts')).loadMarkdown }),
  text: async () => ({ reads: 'text', load: (await import('./text.ts')).loadText }),
  html: async () => ({ reads: 'text', load: (await import('./html.ts')).loadHtml }),
  csv: async () => ({ reads: 'text', load: (await import('./csv.ts')).loadCsv }),
  json: async () => ({ reads: 'text', load: (await import('./json.ts')).loadJson }),
  jsonl: async () => ({ reads: 'text', load: (await import('./json.ts')).loadJsonLines }),
  code: async () => ({ reads: 'text', load: (await import('./text.ts')).loadCode }),
  pdf: async () => ({ reads: 'bytes', load: (await import('./pdf.ts')).loadPdf }),
  docx: async () => ({ reads: 'bytes', load: (await import('./docx.ts')).loadDocx }),
  pptx: async () => ({ reads: 'bytes', load: (await import('./pptx.ts')).loadPptx }),
  xlsx: async () => ({ reads: 'bytes', load: (await import('./xlsx.ts')).loadXlsx }),
  epub: async () => ({ reads: 'bytes', load: (await import('./epub.ts')).loadEpub }),
};
