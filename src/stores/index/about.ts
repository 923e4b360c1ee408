import type { NewDocument } from './document-types.ts';

/** What a document says of itself beside its text, by the names that front matter, pages and e-mails have for it. */
const fields = [
  'author',
  'authors',
  'tags',
  'keywords',
  'categories',
  'category',
  'subject',
  'description',
  'summary',
];
/** Characters of one of them that count. */
const maxLength = 500;

const textsIn = (value: unknown): string[] =>
  (Array.isArray(value) ? value : [value]).flatMap((one) =>
    typeof one === 'string' || typeof one === 'number' ? [String(one).slice(0, maxLength)] : [],
  );

/**
 * Words by which a document is found although its text does not have them: of its file's name, its tags, author and
 * description. They belong to its first passage, whose length they do not count for, and nobody is shown them.
 */
export function aboutOf({ id, title, metadata }: Pick<NewDocument, 'id' | 'title' | 'metadata'>): string {
  const file = id.slice(id.lastIndexOf('/') + 1);
  // A document without a title is called by its file's name already.
  const name = file === title ? [] : [file.replace(/\.[\p{L}\p{N}]{1,5}$/u, '')];
  return [...name, ...fields.flatMap((field) => textsIn(metadata[field]))].join('\n');
}

/** The passage that these words belong to: the first in the text, whatever order the passages come in. */
export function firstPassage(chunks: NewDocument['chunks']): NewDocument['chunks'][number] | undefined {
  return chunks.reduce(
    (first: NewDocument['chunks'][number] | undefined, chunk) =>
      first === undefined || chunk.lines[0] < first.lines[0] ? chunk : first,
    undefined,
  );
}
