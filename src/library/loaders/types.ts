import { extname } from 'node:path';

export type DocumentType = 'markdown' | 'text' | 'html' | 'csv' | 'json' | 'jsonl';

const extensions: Readonly<Record<string, DocumentType>> = {
  '.md': 'markdown',
  '.markdown': 'markdown',
  '.mdx': 'markdown',
  '.txt': 'text',
  '.text': 'text',
  '.log': 'text',
  '.rst': 'text',
  '.adoc': 'text',
  '.html': 'html',
  '.htm': 'html',
  '.xhtml': 'html',
  '.csv': 'csv',
  '.tsv': 'csv',
  '.json': 'json',
  '.jsonl': 'jsonl',
  '.ndjson': 'jsonl',
};

/** The type that a file name's extension stands for, or undefined when there is no loader for it. */
export function documentType(name: string): DocumentType | undefined {
  return extensions[extname(name).toLowerCase()];
}

/** For messages: what can be read. */
export const readable = 'Markdown, text, HTML, CSV, JSON and JSON lines';
