import type { Call } from '../call.ts';
import { badInput, HydrogenError } from '../errors.ts';
import type { Catalog, DocumentRow } from '../stores/index/types.ts';
import type { DocumentEntry, DocumentText } from './types.ts';

interface Part {
  readonly from?: number;
  readonly to?: number;
  readonly page?: number;
  readonly maxBytes: number;
}

export function entryOf({ indexedAt, ...row }: DocumentRow): DocumentEntry {
  return { ...row, indexedAt: new Date(indexedAt).toISOString() };
}

/** The error for a document that does not exist, with similar ids. */
export async function notFound(id: string, catalog: Catalog, call: Call): Promise<HydrogenError> {
  const suggestions = await catalog.similarIds(id, call);
  const names = suggestions.map((suggestion) => `"${suggestion}"`).join(', ');
  const hint = suggestions.length > 0 ? `Did you mean ${names}?` : 'list_documents shows the ids.';
  return new HydrogenError('not_found', `There is no document "${id}". ${hint}`, { suggestions });
}

/** The error for a document that cannot be compared: it does not exist, or has no vector. */
export async function withoutVectors(id: string, catalog: Catalog, call: Call): Promise<HydrogenError> {
  const found = await catalog.read(id, 1, 0, call);
  if (!found) return notFound(id, catalog, call);
  if (found.row.chunks === 0) {
    return badInput(`"${id}" has no text, so nothing can be compared with it.`);
  }
  return new HydrogenError(
    'unavailable',
    `"${id}" has no vector yet, so nothing can be compared with it. Vectors are made in the background; \`hydrogen reindex\` makes them now.`,
  );
}

/** @throws HydrogenError `bad_input` when the document has no such page. */
async function linesOfPage(
  id: string,
  page: number,
  catalog: Catalog,
  call: Call,
): Promise<readonly [number, number]> {
  const found = await catalog.page(id, page, call);
  if (found?.lines) return found.lines;
  if (found) throw badInput(`"${id}" has no text on page ${page}; its last page is ${found.last}.`);
  if (!(await catalog.read(id, 1, 0, call))) throw await notFound(id, catalog, call);
  throw badInput(`"${id}" has no pages: read it by line.`);
}

/**
 * Whole lines of a document: a range, or a page.
 * @throws HydrogenError `not_found` with similar ids, `bad_input` for a range or page that does not exist.
 */
export async function readDocument(
  id: string,
  { from: firstLine = 1, to: last = Number.POSITIVE_INFINITY, page, maxBytes }: Part,
  catalog: Catalog,
  call: Call,
): Promise<DocumentText> {
  const [from, end] = page === undefined ? [firstLine, last] : await linesOfPage(id, page, catalog, call);
  const found = await catalog.read(id, from, maxBytes, call);
  if (!found) throw await notFound(id, catalog, call);
  const { row, text, to, total } = found;
  if (from > Math.max(1, total)) {
    throw badInput(`"${id}" has ${total} lines; line ${from} is past the end.`);
  }
  const entry = entryOf(row);
  if (end >= to) return { entry, text, from, to, total };
  const lines = text.split('\n').slice(0, Math.max(1, end - from + 1));
  return { entry, text: lines.join('\n'), from, to: from + lines.length - 1, total };
}
