import { tidy } from '../../../tidy.ts';
import { maxAttachments, type UnreadAttachments, unreadRemark, writeAttachment } from './attachments.ts';
import type { NestedReader } from './loader.ts';
import type { Writer } from './writer.ts';

/** A file that is attached to a PDF, or to a place of a page. */
export interface PdfAttachment {
  readonly name: string;
  readonly description: string;
  /** Undefined where it is only named. */
  readonly bytes: Uint8Array | undefined;
}

/** The part of pdf.js's documents that is used. */
interface Holder {
  getAttachments(): Promise<unknown>;
}

/** A file as pdf.js gives it. */
interface Specification {
  readonly filename?: unknown;
  readonly content?: unknown;
  readonly description?: unknown;
}

/** @param fallback the name of a file that does not say its own */
export function attachedFile(found: unknown, fallback: string, note = ''): PdfAttachment {
  const { filename, content, description } = (found ?? {}) as Specification;
  // pdf.js calls a file "unnamed" that has no name.
  const isNamed = typeof filename === 'string' && filename !== '' && filename !== 'unnamed';
  const said = typeof description === 'string' && description !== '' ? description : note;
  const name = tidy(isNamed ? filename : fallback) || 'unnamed';
  const text = tidy(said);
  return {
    name,
    description: text === name ? '' : text,
    bytes: content instanceof Uint8Array ? content : undefined,
  };
}

const isSame = (a: PdfAttachment, b: PdfAttachment): boolean =>
  a.name === b.name && Buffer.compare(a.bytes ?? Buffer.of(), b.bytes ?? Buffer.of()) === 0;

/** The files of a PDF, of a portfolio too, and those of its pages that are not among them. */
export async function attachmentsOf(
  pdf: Holder,
  ofPages: readonly PdfAttachment[],
): Promise<readonly PdfAttachment[]> {
  const found: unknown = await pdf.getAttachments().catch(() => undefined);
  const ofFile = found === null || typeof found !== 'object' ? [] : Object.entries(found);
  const all = ofFile.map(([name, file]) => attachedFile(file, name));
  for (const file of ofPages.slice(0, maxAttachments)) {
    if (!all.some((other) => isSame(file, other))) all.push(file);
  }
  return all;
}

/** Writes the attached files that have a reader behind the pages, and counts them; gives the remarks. */
export async function writeAttachments(
  files: readonly PdfAttachment[],
  writer: Writer,
  nested: NestedReader | undefined,
): Promise<{ readonly read: number; readonly remarks: readonly string[] }> {
  const leftOut: UnreadAttachments = { unread: [], remarks: [] };
  let read = 0;
  writer.closeHeadings();
  writer.leavePlace();
  for (const { bytes, ...file } of files.slice(0, maxAttachments)) {
    if (bytes) read += (await writeAttachment({ ...file, bytes }, writer, 1, leftOut, nested)) ? 1 : 0;
    else leftOut.unread.push(`${file.name}: only its name is in the file`);
  }
  const more = files.length - maxAttachments;
  if (more > 0) leftOut.unread.push(`${more} more`);
  const remarks = unreadRemark(leftOut.unread, 'attached file', 'attached files');
  return { read, remarks: [...remarks, ...leftOut.remarks] };
}
