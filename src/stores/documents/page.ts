import { HydrogenError } from '../../errors.ts';
import { type Document, stringifyExtendedJson } from '../../mql/formats.ts';
import { approximateSize } from '../../mql/values/size.ts';
import type { AnswerLimits, Cap } from './document-store.ts';

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

/** What a value takes in memory is at most so many times its JSON: an empty text or a digit with its comma. */
const memoryPerByte = 16;

function tooLarge(document: Document, maxBytes: number): HydrogenError {
  const { _id: id } = document;
  const isShown = Object.hasOwn(document, '_id') && approximateSize(id) < 1_000;
  const named = isShown ? ` (_id ${stringifyExtendedJson(id, { relaxed: true })})` : '';
  return new HydrogenError(
    'too_large',
    `One document${named} is larger than an answer may be (${maxBytes.toLocaleString('en')} bytes). Ask for fewer of its fields with a projection or $project.`,
  );
}

/** The size of a document is that of its relaxed Extended JSON line. */
export function createPageMeter({ limit, maxBytes }: AnswerLimits): PageMeter {
  let count = 0;
  let bytes = 0;
  /** More than `maxBytes` is not counted on: a pipeline can make a value whose text would fill the memory. */
  const sizeOf = (document: Document): number =>
    approximateSize(document) > memoryPerByte * maxBytes
      ? Number.POSITIVE_INFINITY
      : Buffer.byteLength(stringifyExtendedJson(document, { relaxed: true })) + 1;
  return {
    isFull: () => count === limit,
    admits(document) {
      const size = sizeOf(document);
      if (count === 0 && size > maxBytes) throw tooLarge(document, maxBytes);
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
  bounds: AnswerLimits,
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
