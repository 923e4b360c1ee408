import { parse } from 'parse5';
import { undescribedPictures } from './html-pictures.ts';
import { ignored, linesOf } from './html-text.ts';
import { find } from './html-tree.ts';
import { leftOutRemark } from './left-out.ts';
import { type LoadedDocument, Unreadable } from './loader.ts';
import { loadMarkdown } from './markdown.ts';

type Json = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const listOf = (value: unknown): readonly Json[] => (Array.isArray(value) ? value.filter(isObject) : []);

/** Text that is one string or a list of lines. */
function textIn(value: unknown): string {
  const parts = Array.isArray(value) ? value.filter((part) => typeof part === 'string') : [value];
  return parts.map((part) => (typeof part === 'string' ? part : '')).join('');
}

/** A fence that nothing in a text closes. */
function fenced(text: string, language = ''): string {
  const runs = text.match(/`{3,}/g) ?? [];
  const fence = '`'.repeat(Math.max(3, ...runs.map((run) => run.length + 1)));
  return `${fence}${language}\n${text.replace(/\n$/, '')}\n${fence}`;
}

/** Colours of a terminal. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they begin with one
const colours = /\u001b\[[\d;]*m/g;

interface LeftOut {
  pictures: number;
  other: number;
}

/** What a cell printed, as Markdown. */
function outputText(output: Json, leftOut: LeftOut): string {
  const kind = textIn(output['output_type']);
  if (kind === 'stream') return fenced(textIn(output['text']).replace(colours, ''));
  if (kind === 'error' || kind === 'pyerr') {
    const said = `${textIn(output['ename'])}: ${textIn(output['evalue'])}`;
    const trace = output['traceback'];
    // Where it happened ends with what happened.
    const lines = (Array.isArray(trace) ? trace.filter((line) => typeof line === 'string') : []).join('\n');
    return fenced((lines.trim() === '' ? said : lines).replace(colours, ''));
  }
  // Version 3 has the types beside each other, by short names.
  const data = isObject(output['data']) ? output['data'] : output;
  const of = (...names: readonly string[]): string => {
    const name = names.find((one) => data[one] !== undefined);
    return name === undefined ? '' : textIn(data[name]);
  };
  const markdown = of('text/markdown');
  if (markdown !== '') return markdown;
  const plain = of('text/plain', 'text');
  const body = find(parse(of('text/html', 'html')), 'body')[0];
  const html = body ? linesOf(body).join('\n') : '';
  const hasPicture = Object.keys(data).some((name) => /^image\/|^(png|jpeg|svg)$/.test(name));
  if (hasPicture) leftOut.pictures++;
  else if (body) leftOut.pictures += undescribedPictures(body, ignored);
  // What stands for an object or a picture says nothing.
  const text = html.length > plain.length || (hasPicture && /^<.*>$/s.test(plain)) ? html : plain;
  if (text === '' && !hasPicture && Object.keys(data).length > 0) leftOut.other++;
  return text === '' ? '' : fenced(text.replace(colours, ''));
}

function cellText(cell: Json, language: string, leftOut: LeftOut): string {
  const source = textIn(cell['source'] ?? cell['input']);
  const kind = textIn(cell['cell_type']);
  if (kind === 'heading') return `${'#'.repeat(Math.min(6, Number(cell['level']) || 1))} ${source}`;
  if (kind !== 'code') return source;
  const outputs = listOf(cell['outputs']).map((output) => outputText(output, leftOut));
  return [source.trim() === '' ? '' : fenced(source, language), ...outputs].filter(Boolean).join('\n\n');
}

/** Jupyter notebooks (nbformat 3 and 4), as Markdown: text, code, and what the code printed. */
export function loadNotebook(source: string, name: string): LoadedDocument {
  let root: unknown;
  try {
    root = JSON.parse(source);
  } catch {
    throw new Unreadable('damaged: not a notebook (no valid JSON)');
  }
  if (!isObject(root)) throw new Unreadable('damaged: not a notebook');
  const cells = [
    ...listOf(root['cells']),
    ...listOf(root['worksheets']).flatMap((sheet) => listOf(sheet['cells'])),
  ];
  const metadata = isObject(root['metadata']) ? root['metadata'] : {};
  const about = isObject(metadata['language_info']) ? metadata['language_info'] : {};
  const language = textIn(about['name']);
  const leftOut: LeftOut = { pictures: 0, other: 0 };
  const text = cells
    .map((cell) => cellText(cell, language, leftOut))
    .filter((cell) => cell.trim() !== '')
    .join('\n\n');
  const loaded = loadMarkdown(text, name);
  const title = textIn(metadata['title']);
  const remarks = [
    ...(loaded.remarks ?? []),
    ...leftOutRemark(
      leftOut.pictures,
      'picture of an output is not read',
      'pictures of outputs are not read',
    ),
    ...leftOutRemark(
      leftOut.other,
      'output of another kind is not read',
      'outputs of other kinds are not read',
    ),
  ];
  return {
    ...loaded,
    ...(title !== '' && { title }),
    metadata: { ...loaded.metadata, ...(language !== '' && { programming_language: language }) },
    ...(remarks.length > 0 && { remarks }),
  };
}
