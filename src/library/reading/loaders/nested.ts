import type { LoadedDocument } from './loader.ts';
import type { Writer } from './writer.ts';

/**
 * Writes a document that is a part of another one, with its headings below a level.
 * @param level of its first headings, from 1
 */
export function writeNested({ blocks }: LoadedDocument, writer: Writer, level: number): void {
  let open: readonly string[] = [];
  for (const { heading, text, rows, header } of blocks) {
    const same = heading.findIndex((part, i) => part !== open[i]);
    const from = same < 0 ? heading.length : same;
    for (const [i, part] of heading.entries()) if (i >= from) writer.heading(level + i, part);
    open = heading;
    writer.block(text.split('\n'), { ...(rows && { rows }), ...(header !== undefined && { header }) });
  }
}
