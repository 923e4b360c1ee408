import { HydrogenError } from '../../errors.ts';
import { type Document, stringifyExtendedJson } from '../../mql/formats.ts';
import { approximateSize } from '../../mql/values/size.ts';
import type { AnswerLimits, Cap } from './document-store.ts';

/** Measures the content of an answer. */
export interface PageMeter {
  /** Whether the page has reached its maximum number of documents. */
  isFull(): boolean;
  /**
   * Counts the document, unless it does not fit.
   * @throws HydrogenError `too_large` when it alone exceeds the limit of an answer.
   */
  admits(document: Document): boolean;
}

/**
 * A value takes at most this many times its JSON in memory; the worst cases are an empty string or a digit with its
 * comma.
 */
const memoryPerByte = 16;

function tooLarge(document: Document, maxBytes: number): HydrogenError {
  const { _id: id } = document;
  const isShown = Object.hasOwn(document, '_id') && approximateSize(id) < 1_000;
  const named = isShown ? ` (_id ${stringifyExtendedJson(id, { relaxed: true })})` : '';
  return new HydrogenError(
    'too_large',
    `One document${named} exceeds the limit of an answer (${maxBytes.toLocaleString('en')} bytes). Ask for fewer of its fields with a projection or $project.`,
  );
}

/** The size of a document is that of its relaxed Extended JSON line. */
export function createPageMeter({ limit, maxBytes }: AnswerLimits): PageMeter {
  let count = 0;
  let bytes = 0;
  /** Counting stops beyond `maxBytes`: a pipeline can create a value whose text would fill the memory. */
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
 * Takes documents until a limit is reached. One more is read, so that `cappedBy` is only set where something really
 * follows.
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
