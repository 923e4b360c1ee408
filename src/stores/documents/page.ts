import { HydrogenError } from '../../errors.ts';
import { type Document, stringifyExtendedJson } from '../../mql/formats.ts';
import type { Bounds, Cap } from './document-store.ts';

/** Counts what an answer holds. */
export interface PageMeter {
  /** Whether the page already holds as many documents as it may. */
  isFull(): boolean;
  /**
   * Counts the document in, unless it does not fit.
   * @throws HydrogenError `too_large` when it alone is more than an answer may hold.
   */
  admits(document: Document): boolean;
}

function tooLarge(document: Document, bytes: number, maxBytes: number): HydrogenError {
  const id = Object.hasOwn(document, '_id')
    ? ` (_id ${stringifyExtendedJson(document['_id'], { relaxed: true })})`
    : '';
  return new HydrogenError(
    'too_large',
    `One document${id} is ${bytes.toLocaleString('en')} bytes, more than an answer may hold (${maxBytes.toLocaleString('en')}). Ask for fewer of its fields with a projection or $project.`,
  );
}

/** The size of a document is that of its relaxed Extended JSON line. */
export function createPageMeter({ limit, maxBytes }: Bounds): PageMeter {
  let count = 0;
  let bytes = 0;
  return {
    isFull: () => count === limit,
    admits(document) {
      const size = Buffer.byteLength(stringifyExtendedJson(document, { relaxed: true })) + 1;
      if (count === 0 && size > maxBytes) throw tooLarge(document, size, maxBytes);
      if (bytes + size > maxBytes) return false;
      bytes += size;
      count++;
      return true;
    },
  };
}

/**
 * Takes documents until a bound is reached: one more is looked at, so that `cappedBy` is only said where
 * something really follows.
 */
export async function streamedPage(
  documents: AsyncIterable<Document> | Iterable<Document>,
  bounds: Bounds,
): Promise<{ documents: Document[]; cappedBy?: Cap }> {
  const meter = createPageMeter(bounds);
  const taken: Document[] = [];
  for await (const document of documents) {
    if (meter.isFull()) return { documents: taken, cappedBy: 'limit' };
    if (!meter.admits(document)) return { documents: taken, cappedBy: 'bytes' };
    taken.push(document);
  }
  return { documents: taken };
}
