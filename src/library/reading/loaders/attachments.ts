import { type NestedReader, Unreadable } from './loader.ts';
import { writeNested } from './nested.ts';
import type { Writer } from './writer.ts';

/** Attachments of a message or a file that are read. */
export const maxAttachments = 200;
/** Files that a remark names. */
const maxNamed = 5;

/** A file inside of another one. */
export interface AttachedFile {
  readonly name: string;
  readonly bytes: Uint8Array;
  /** What is said of it. */
  readonly description?: string;
}

/** What of attachments is not in the text. */
export interface UnreadAttachments {
  /** Those that are not read, by their names. */
  readonly unread: string[];
  /** Remarks on those that are. */
  readonly remarks: string[];
}

/** Writes an attachment that has a reader as a part of the document, under a heading with its name; false where it is not read. */
export async function writeAttachment(
  { name, bytes, description = '' }: AttachedFile,
  writer: Writer,
  level: number,
  leftOut: UnreadAttachments,
  nested: NestedReader | undefined,
): Promise<boolean> {
  try {
    const loaded = await nested?.(bytes, name);
    if (!loaded) {
      leftOut.unread.push(name);
      return false;
    }
    writer.heading(level, `Attachment: ${name}`);
    writer.block([description]);
    writeNested(loaded, writer, level + 1);
    leftOut.remarks.push(...(loaded.remarks ?? []).map((remark) => `${name}: ${remark}`));
    return true;
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    leftOut.unread.push(`${name}: ${error.message}`);
    return false;
  }
}

/** The remark on attachments that are not read; none where all are. */
export function unreadRemark(unread: readonly string[], one: string, many: string): string[] {
  if (unread.length === 0) return [];
  const rest = unread.length > maxNamed ? `; and ${unread.length - maxNamed} more` : '';
  const which = unread.length === 1 ? `1 ${one} is` : `${unread.length} ${many} are`;
  return [`${which} not read (${unread.slice(0, maxNamed).join('; ')}${rest})`];
}
