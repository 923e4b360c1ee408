import { HydrogenError } from '../../../errors.ts';
import { type Document, encode, stringifyExtendedJson } from '../../../mql/index.ts';
import type { Bounds, Cap } from '../document-store.ts';

/** A page as it crosses threads: documents as BSON. */
export interface EncodedPage {
  readonly documents: Uint8Array[];
  readonly cappedBy?: Cap;
  readonly next?: string;
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

/**
 * Takes items until a bound is reached: one item more is looked at, so that `cappedBy` is only said where
 * something really follows. The size of a document is that of its relaxed Extended JSON line.
 * @throws HydrogenError `too_large` when the first document alone is more than the answer may hold.
 */
export function pageOf<Item>(
  items: Iterable<Item>,
  { limit, maxBytes }: Bounds,
  how: { document(item: Item): Document; position?(item: Item): string },
): EncodedPage {
  const documents: Uint8Array[] = [];
  let bytes = 0;
  let last: Item | undefined;
  const capped = (cappedBy: Cap): EncodedPage => {
    const next = last === undefined ? undefined : how.position?.(last);
    return { documents, cappedBy, ...(next !== undefined && { next }) };
  };
  for (const item of items) {
    if (documents.length === limit) return capped('limit');
    const document = how.document(item);
    const size = Buffer.byteLength(stringifyExtendedJson(document, { relaxed: true })) + 1;
    if (documents.length === 0 && size > maxBytes) throw tooLarge(document, size, maxBytes);
    if (bytes + size > maxBytes) return capped('bytes');
    documents.push(encode(document));
    bytes += size;
    last = item;
  }
  return { documents };
}
