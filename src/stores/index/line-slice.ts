/**
 * Whole lines from `from`, as many as fit into `maxBytes`, at least one.
 * @param first the number of the text's first line
 */
export function sliceLines(
  text: string,
  from: number,
  maxBytes: number,
  first = 1,
): { readonly text: string; readonly to: number; readonly total: number } {
  const lines = text === '' ? [] : text.split('\n');
  const begin = from - first;
  let bytes = 0;
  let end = begin;
  while (end < lines.length) {
    bytes += Buffer.byteLength(lines[end] ?? '') + 1;
    if (bytes - 1 > maxBytes && end > begin) break;
    end++;
  }
  return { text: lines.slice(begin, end).join('\n'), to: first + end - 1, total: lines.length };
}

/** The number of lines as `sliceLines` counts them. */
export function countLines(text: string): number {
  return text === '' ? 0 : text.split('\n').length;
}
