import type { Call } from '../../../call.ts';
import { HydrogenError, notSupported } from '../../../errors.ts';
import type { Document } from '../../../mql/formats.ts';
import type { DocumentStore, Namespace, Page } from '../document-store.ts';

/** What is exported: the documents that `find` returns for it. */
export interface ExportQuery extends Namespace {
  readonly filter: Document;
  readonly projection?: Document;
  readonly sort?: Document;
  /** All documents if absent. */
  readonly limit?: number;
}

/** The limits of a page, which is held in memory. */
const pageDocuments = 1_000;
const pageBytes = 2 * 2 ** 20;
/** A sort without an index is repeated for each page, so pages are fewer and larger. */
const sortedFactor = 5;
/** The worst case of a 16 MiB document as text. */
const maxTextBytes = 128 * 2 ** 20;

/** The documents page by page, in their state when the page is read: none twice, none omitted. */
export async function* pagesOf(
  store: DocumentStore,
  { limit = Number.POSITIVE_INFINITY, ...query }: ExportQuery,
  call: Call,
): AsyncGenerator<readonly Document[]> {
  let after: string | undefined;
  let left = limit;
  const page = (count: number, maxBytes: number): Promise<Page> =>
    store.find({ ...query, skip: 0, limit: count, maxBytes, ...(after !== undefined && { after }) }, call);
  const factor = query.sort ? sortedFactor : 1;
  while (left > 0) {
    const found = await page(Math.min(left, pageDocuments * factor), pageBytes * factor).catch(
      (error: unknown) => {
        if (!(error instanceof HydrogenError) || error.code !== 'too_large') throw error;
        return page(1, maxTextBytes);
      },
    );
    yield found.documents;
    left -= found.documents.length;
    if (!found.cappedBy || left <= 0) return;
    if (found.next === undefined) {
      throw notSupported(
        'Exporting this query beyond its first page',
        'leave out its projection or its sort',
      );
    }
    after = found.next;
  }
}
