import { existsSync } from 'node:fs';
import { realpath } from 'node:fs/promises';
import type { Call } from '../../call.ts';
import { inlineSource } from '../../stores/index/inline-source.ts';
import type { Catalog } from '../../stores/index/types.ts';
import { addInline } from '../inline.ts';
import { documentFormat } from '../reading/chunk.ts';
import type { Parser } from '../reading/parser.ts';
import type { InlineDocument } from '../types.ts';
import { pathOf } from './files/roots.ts';

interface Reading {
  readonly catalog: Catalog;
  readonly parser: Parser;
}

const pageSize = 200;
const types: readonly string[] = ['markdown', 'text', 'html'];

/** Rereads the inline documents from their stored text. */
async function addAgain(parts: Reading, call: Call): Promise<void> {
  const { catalog } = parts;
  const within = `${inlineSource}/`;
  for (let after: string | undefined; ; ) {
    const { documents } = await catalog.list(
      { within, limit: pageSize, ...(after !== undefined && { after }) },
      call,
    );
    for (const { id, title, type, metadata } of documents) {
      const found = await catalog.read(id, 1, Number.MAX_SAFE_INTEGER, call);
      if (!found) continue;
      // Only the extracted text of an HTML page is stored.
      const readAs = type === 'html' || !types.includes(type) ? 'text' : type;
      const document = { name: id.slice(within.length), title, text: found.text, metadata };
      await addInline({ ...document, type: readAs as InlineDocument['type'] }, parts, call);
    }
    after = documents.at(-1)?.id;
    if (documents.length < pageSize) return;
  }
}

/**
 * Rereads documents of another version of loaders, chunker or analyser: inline documents at once, while the paths of
 * files are returned to be ingested. Collections are left to their followers, which read them again when they start.
 */
export async function readAgain(
  parts: Reading,
  call: Call,
): Promise<{ readonly paths: readonly string[]; readonly notes: readonly string[] }> {
  const { catalog } = parts;
  const formats = await catalog.formats(call);
  if (Object.keys(formats).every((format) => format === documentFormat)) return { paths: [], notes: [] };
  await addAgain(parts, call);
  const paths: string[] = [];
  let missing = 0;
  for (const source of await catalog.sources(call)) {
    for (const { path, format } of await catalog.files(source.name, call)) {
      if (format === documentFormat) continue;
      const file = pathOf(source, path);
      // If the path is a link now, the original file is gone.
      if ((await realpath(file).catch(() => undefined)) === file) paths.push(file);
      else if (existsSync(source.root)) missing++;
    }
  }
  const note = `${missing} documents cannot be read again: their files are gone. Ingest their folders to remove them.`;
  return { paths, notes: missing > 0 ? [note] : [] };
}
