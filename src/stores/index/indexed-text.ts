/**
 * The text for a chunk's keywords and embedding: the document's title, the headings above the passage and its text, one
 * part per line. A title that is also the first heading counts once.
 */
export function indexedText(title: string, heading: readonly string[], text: string): string {
  const above = heading[0] === title ? heading : [title, ...heading];
  return [above.join(' › '), text].filter((part) => part !== '').join('\n');
}
