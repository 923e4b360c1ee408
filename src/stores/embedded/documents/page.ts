import { HydrogenError } from '../../../errors.ts';
import { type Document, encode } from '../../../mql/index.ts';
import type { AnswerLimits, Cap } from '../../documents/document-store.ts';
import { createPageMeter } from '../../documents/page-meter.ts';

/** MongoDB's limit for a document that a query makes: that of a stored one, and 16 KiB. */
const maxResultBytes = 16 * 1024 * 1024 + 16 * 1024;

const resultTooLarge = (bytes: number): HydrogenError =>
  new HydrogenError(
    'too_large',
    `A result is a document of ${bytes.toLocaleString('en')} bytes of BSON; it may have ${maxResultBytes.toLocaleString('en')}. Project fewer fields.`,
  );

/** A page in the form that crosses threads: documents as BSON. */
export interface EncodedPage {
  readonly documents: Uint8Array[];
  readonly cappedBy?: Cap;
  readonly next?: string;
}

/**
 * Takes items until a limit is reached. One more item is read, so that `cappedBy` is only set where something really
 * follows. The size of a document is that of its relaxed Extended JSON line.
 * @throws HydrogenError `too_large` when the first document alone exceeds the limit of an answer.
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
    const bson = encode(document);
    if (bson.byteLength > maxResultBytes) throw resultTooLarge(bson.byteLength);
    documents.push(bson);
    last = item;
  }
  return { documents };
}
