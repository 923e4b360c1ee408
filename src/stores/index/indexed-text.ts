import { createHash } from 'node:crypto';

/**
 * The text for a chunk's keywords and embedding: the document's title, the headings above the passage and its text, one
 * part per line. A title that is also the first heading counts once.
 */
export function indexedText(title: string, heading: readonly string[], text: string): string {
  const above = heading[0] === title ? heading : [title, ...heading];
  return [above.join(' › '), text].filter((part) => part !== '').join('\n');
}

/** Identifies the text a vector is made from: the first 128 bits of the SHA-256 of the indexed text. */
export function contentOf(indexedText: string): Uint8Array {
  return Uint8Array.from(createHash('sha256').update(indexedText).digest().subarray(0, 16));
}
