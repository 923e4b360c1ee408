import { HydrogenError } from '../../../errors.ts';
import { stringifyExactJson } from '../../../mql/formats.ts';
import { countLines } from '../../index/line-slice.ts';
import type { DocumentRow, NewChunk, NewDocument } from '../../index/types.ts';
import { type CatalogRow, partId, type TextPiece } from './collections.ts';
import { newName } from './session.ts';
import { splitText } from './texts.ts';

/** What `rowOf` needs, as a projection. */
export const rowFields = {
  ...{ title: 1, type: 1, bytes: 1, lines: 1, chunks: 1, indexedAt: 1, metadata: 1 },
} as const;

export function rowOf(row: Pick<CatalogRow, '_id' | keyof typeof rowFields>): DocumentRow {
  const { _id: id, title, type, bytes, lines, chunks, indexedAt, metadata } = row;
  return {
    ...{ id, title, type, bytes, lines, chunks, indexedAt },
    metadata: JSON.parse(metadata) as Record<string, unknown>,
  };
}

function numberOf({ place }: NewChunk): number | undefined {
  if (place === undefined || 'sheet' in place) return undefined;
  if ('page' in place) return place.page;
  return 'slide' in place ? place.slide : place.chapter;
}

function pagesOf(chunks: readonly NewChunk[]): number[] {
  const pages = new Map<number, readonly [number, number]>();
  for (const chunk of chunks) {
    const page = numberOf(chunk);
    if (page === undefined) continue;
    const [first, last] = pages.get(page) ?? chunk.lines;
    pages.set(page, [Math.min(first, chunk.lines[0]), Math.max(last, chunk.lines[1])]);
  }
  return [...pages].flatMap(([page, lines]) => [page, ...lines]);
}

/** First and last line of a page, and the highest number there is. */
export function linesOfPage(
  pages: readonly number[],
  wanted: number,
): { lines?: readonly [number, number]; last: number } | undefined {
  let last: number | undefined;
  let lines: readonly [number, number] | undefined;
  for (let at = 0; at < pages.length; at += 3) {
    const [page = 0, from = 0, to = 0] = pages.slice(at, at + 3);
    last = Math.max(last ?? page, page);
    if (page === wanted) lines = [from, to];
  }
  return last === undefined ? undefined : { last, ...(lines && { lines }) };
}

/** MongoDB takes documents up to 16 MiB; text lies apart, so only its properties and pages count. */
const maxRowBytes = 15_000_000;

/** A document as it is written, with a new version. Fails on what cannot be written. */
export function prepare(document: NewDocument): {
  readonly row: CatalogRow;
  readonly parts: readonly TextPiece[];
} {
  const { id, title, type, bytes, text, hash, format, origin, chunks, indexedAt = Date.now() } = document;
  const metadata = stringifyExactJson(document.metadata);
  const version = newName();
  const { parts, starts } = splitText(text);
  const pages = pagesOf(chunks);
  const size = Buffer.byteLength(metadata) + Buffer.byteLength(title) + 12 * pages.length;
  if (size > maxRowBytes) {
    throw new HydrogenError(
      'too_large',
      `The properties of "${id}" are too large for the catalog: ${Math.round(size / 1e6)} MB, at most ${maxRowBytes / 1e6}.`,
    );
  }
  const row: CatalogRow = {
    ...{ _id: id, title, type, bytes, metadata, hash, format, version, starts, pages, indexedAt },
    lines: countLines(text),
    chunks: chunks.length,
    source: origin?.source ?? null,
    path: origin?.path ?? null,
    modified: origin?.modified ?? 0,
    size: origin?.size ?? bytes,
  };
  return {
    row,
    parts: parts.map((part, i) => ({ _id: partId(version, i), version, text: part })),
  };
}
