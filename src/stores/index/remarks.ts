import type { DocumentRow } from './document-types.ts';

/**
 * The field of a document's metadata with what of its file is not in its text, and what had to be guessed: a list of
 * clauses, as "2 pages hold no text (3, 5)". Absent where there is nothing to say.
 */
export const remarksField = 'reader_remarks';

/** What its reader has to say about a document. */
export function remarksOf({ metadata }: Pick<DocumentRow, 'metadata'>): readonly string[] {
  const found = metadata[remarksField];
  return Array.isArray(found) ? found.filter((remark) => typeof remark === 'string') : [];
}
