import { type Document, isMap, isScalar, isSeq, LineCounter, parseDocument } from 'yaml';

/** A place in a text, both from 1. */
export interface LineAndColumn {
  readonly line: number;
  readonly column: number;
}

/** Where a member of a map or a list begins, as an offset in the text. */
function offsetOf(document: Document, path: readonly string[]): number | undefined {
  const parent = document.getIn(path.slice(0, -1), true);
  const name = path.at(-1) ?? '';
  if (isMap(parent)) {
    const pair = parent.items.find(({ key }) => isScalar(key) && String(key.value) === name);
    return isScalar(pair?.key) ? pair.key.range?.[0] : undefined;
  }
  const item = isSeq(parent) ? parent.items[Number(name)] : undefined;
  return (item as { readonly range?: readonly number[] } | undefined)?.range?.[0];
}

/** Finds the places of a definition's problems, which begin with a line or a JSON pointer; what is not there is at its parent. */
export function placesIn(text: string): (problem: string) => LineAndColumn {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  return (problem) => {
    const [, line, column] = /^line (\d+), column (\d+)/.exec(problem) ?? [];
    if (line !== undefined) return { line: Number(line), column: Number(column) };
    const [, pointer = ''] = /^\/(.*?): /.exec(problem) ?? [];
    const parts = pointer.split('/').map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
    for (let length = parts.length; length > 0; length--) {
      const offset = offsetOf(document, parts.slice(0, length));
      if (offset === undefined) continue;
      const found = lines.linePos(offset);
      return { line: found.line, column: found.col };
    }
    return { line: 1, column: 1 };
  };
}
