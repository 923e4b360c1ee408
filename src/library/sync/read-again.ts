import { existsSync } from 'node:fs';
import { realpath } from 'node:fs/promises';
import type { Call } from '../../call.ts';
import { isSamePlace } from '../../policy/same-place.ts';
import { inlineSource } from '../../stores/index/inline-source.ts';
import type { Catalog } from '../../stores/index/types.ts';
import { addInline } from '../inline.ts';
import { documentFormat } from '../reading/chunk.ts';
import type { Parser } from '../reading/parser.ts';
import type { InlineDocument } from '../types.ts';
import { folders, pathOf } from './files/roots.ts';

interface Reading {
  readonly catalog: Catalog;
  readonly parser: Parser;
}

const pageSize = 200;
const inlinePrefix = `${inlineSource}/`;
const types: readonly string[] = ['markdown', 'text', 'html'];

/** Rereads an inline document from its stored text. */
async function addAgain(id: string, parts: Reading, call: Call): Promise<void> {
  const found = await parts.catalog.read(id, 1, Number.MAX_SAFE_INTEGER, call);
  if (!found) return;
  const { type, title, metadata } = found.row;
  // Only the extracted text of an HTML page is stored.
  const readAs = type === 'html' || !types.includes(type) ? 'text' : type;
  const document = { name: id.slice(inlinePrefix.length), title, text: found.text, metadata };
  await addInline({ ...document, type: readAs as InlineDocument['type'] }, parts, call);
}

/** Rereads all inline documents. */
async function addAllAgain(parts: Reading, call: Call): Promise<void> {
  const { catalog } = parts;
  for (let after: string | undefined; ; ) {
    const { documents } = await catalog.list(
      { within: inlinePrefix, limit: pageSize, ...(after !== undefined && { after }) },
      call,
    );
    for (const { id } of documents) await addAgain(id, parts, call);
    after = documents.at(-1)?.id;
    if (documents.length < pageSize) return;
  }
}

/** If the path is a link now, the original file is gone. */
async function isThere(file: string): Promise<boolean> {
  const real = await realpath(file).catch(() => undefined);
  return real !== undefined && (await isSamePlace(real, file));
}

/**
 * Rereads documents whose writing was interrupted: inline documents at once, while the paths of files that are on this
 * machine are returned to be ingested. Collections are left to their followers.
 */
export async function readUnfinished(parts: Reading, call: Call): Promise<readonly string[]> {
  const { catalog } = parts;
  const ids = new Set(await catalog.unfinished(call));
  const paths: string[] = [];
  for (const id of ids) if (id.startsWith(inlinePrefix)) await addAgain(id, parts, call);
  for (const source of ids.size === 0 ? [] : folders(await catalog.sources(call))) {
    if (![...ids].some((id) => id.startsWith(`${source.name}/`))) continue;
    for (const { id, path } of await catalog.files(source.name, call)) {
      const file = pathOf(source, path);
      if (ids.has(id) && (await isThere(file))) paths.push(file);
    }
  }
  return paths;
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
  await addAllAgain(parts, call);
  const paths: string[] = [];
  let missing = 0;
  for (const source of await catalog.sources(call)) {
    for (const { path, format } of await catalog.files(source.name, call)) {
      if (format === documentFormat) continue;
      const file = pathOf(source, path);
      if (await isThere(file)) paths.push(file);
      else if (existsSync(source.root)) missing++;
    }
  }
  const note = `${missing} documents cannot be read again: their files are gone. Ingest their folders to remove them.`;
  return { paths, notes: missing > 0 ? [note] : [] };
}
