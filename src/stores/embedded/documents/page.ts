import { type Document, encode } from '../../../mql/index.ts';
import type { AnswerLimits, Cap } from '../../documents/document-store.ts';
import { createPageMeter } from '../../documents/page.ts';

/** A page as it crosses threads: documents as BSON. */
export interface EncodedPage {
  readonly documents: Uint8Array[];
  readonly cappedBy?: Cap;
  readonly next?: string;
}

/**
 * Takes items until a bound is reached: one item more is looked at, so that `cappedBy` is only said where
 * something really follows. The size of a document is that of its relaxed Extended JSON line.
 * @throws HydrogenError `too_large` when the first document alone is more than the answer may hold.
 */
export function pageOf<Item>(
  items: Iterable<Item>,
  bounds: AnswerLimits,
  how: { document(item: Item): Document; position?(item: Item): string },
): EncodedPage {
  const documents: Uint8Array[] = [];
  const meter = createPageMeter(bounds);
  let last: Item | undefined;
  const capped = (cappedBy: Cap): EncodedPage => {
    const next = last === undefined ? undefined : how.position?.(last);
    return { documents, cappedBy, ...(next !== undefined && { next }) };
  };
  for (const item of items) {
    if (meter.isFull()) return capped('limit');
    const document = how.document(item);
    if (!meter.admits(document)) return capped('bytes');
    documents.push(encode(document));
    last = item;
  }
  return { documents };
}
