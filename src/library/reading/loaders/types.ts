import { extname } from 'node:path';
import { codeExtensions } from './code-extensions.ts';

export type DocumentType =
  | 'markdown'
  | 'text'
  | 'html'
  | 'csv'
  | 'json'
  | 'jsonl'
  | 'code'
  | 'pdf'
  | 'docx'
  | 'pptx'
  | 'xlsx'
  | 'epub';

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
  '.pdf': 'pdf',
  '.docx': 'docx',
  '.docm': 'docx',
  '.pptx': 'pptx',
  '.pptm': 'pptx',
  '.ppsx': 'pptx',
  '.xlsx': 'xlsx',
  '.xlsm': 'xlsx',
  '.epub': 'epub',
};

/** Files that are text without saying so. */
const plainNames = new Set([
  'readme',
  'license',
  'licence',
  'copying',
  'notice',
  'changelog',
  'authors',
  'contributing',
]);

/** The type that a file's name stands for, or undefined when there is no loader for it. */
export function documentType(name: string): DocumentType | undefined {
  const extension = extname(name).toLowerCase();
  if (extension === '') return plainNames.has(name.toLowerCase()) ? 'text' : undefined;
  return extensions[extension] ?? (codeExtensions.has(extension) ? 'code' : undefined);
}

/** What people call the types. */
export const typeNames: Readonly<Record<DocumentType, string>> = {
  markdown: 'Markdown',
  text: 'text',
  html: 'HTML',
  csv: 'CSV',
  json: 'JSON',
  jsonl: 'JSON lines',
  code: 'source code',
  pdf: 'PDF',
  docx: 'DOCX',
  pptx: 'PPTX',
  xlsx: 'XLSX',
  epub: 'EPUB',
};

/** For messages: what can be read. */
export const readable = Object.values(typeNames)
  .join(', ')
  .replace(/, ([^,]*)$/, ' and $1');
