import type { Loader } from './blocks.ts';
import { loadCsv } from './csv.ts';
import { loadHtml } from './html.ts';
import { loadJson, loadJsonLines } from './json.ts';
import { loadMarkdown } from './markdown.ts';
import { loadText } from './text.ts';
import type { DocumentType } from './types.ts';

export const loaders: Readonly<Record<DocumentType, Loader>> = {
  markdown: loadMarkdown,
  text: loadText,
  html: loadHtml,
  csv: loadCsv,
  json: loadJson,
  jsonl: loadJsonLines,
};
