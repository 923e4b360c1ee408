import { type LoadedDocument, type NestedReader, Unreadable } from './loader.ts';
import { attachmentsOf, writeAttachments } from './pdf-attachments.ts';
import { bodySize, headingLevels, type PageLine, paragraphsOf, withoutRunningLines } from './pdf-layout.ts';
import type { Pdf } from './pdf-open.ts';
import { outlineOf, withOutline } from './pdf-outline.ts';
import { pagesOf, remarksOnPages } from './pdf-pages.ts';
import { propertiesOf, wordsOf } from './pdf-properties.ts';
import { createWriter, type Writer } from './writer.ts';

async function infoOf(pdf: Pdf): Promise<Readonly<Record<string, unknown>>> {
  const { info } = await pdf.getMetadata().catch(() => ({ info: {} }));
  return info as Record<string, unknown>;
}

/** A form whose fields are in XML shows other viewers one page, which says that they cannot show it. */
const xfaRemarks = ({ IsXFAPresent, IsAcroFormPresent }: Readonly<Record<string, unknown>>): string[] =>
  IsXFAPresent === true && IsAcroFormPresent !== true
    ? ['its form is an XFA form, which is not read: save it as a plain PDF (Acrobat: print to PDF)']
    : [];

/** The first heading in the largest type, if it is on the first page. */
function headingOf(pages: readonly (readonly PageLine[])[]): string | undefined {
  const first = paragraphsOf(pages.slice(0, 1), headingLevels(pages, bodySize(pages)));
  const texts = first.flat().flatMap(({ level, lines }) => (level === 1 ? [wordsOf(lines.join(' '))] : []));
  return texts.find((text) => text !== undefined);
}

/** Headings in larger type are below those of the outline that they stand under. */
function writePages(
  pages: readonly (readonly PageLine[])[],
  body: number,
  added: readonly (readonly string[])[],
  writer: Writer,
): void {
  let open = 0;
  for (const [i, paragraphs] of paragraphsOf(pages, headingLevels(pages, body)).entries()) {
    writer.place({ page: i + 1 }, `[page ${i + 1}]`);
    for (const { lines, level, depth } of paragraphs) {
      if (depth !== undefined) open = depth;
      if (level === undefined) writer.block(lines);
      else writer.heading(depth ?? open + level, lines.join(' '));
    }
    writer.block(added[i] ?? [], { rows: true });
  }
}

/**
 * PDF: the text of every page in paragraphs; the outline and larger type make headings; running headers and footers are dropped. A
 * paragraph that continues across a page break belongs to the page it begins on. Attached files stand behind the pages.
 */
export async function loadPdf(
  bytes: Uint8Array,
  name: string,
  nested?: NestedReader,
): Promise<LoadedDocument> {
  const { pdf, pages: found, refusal } = await pagesOf(bytes);
  try {
    const lines = withoutRunningLines(found.lines);
    const writer = createWriter();
    writePages(withOutline(lines, await outlineOf(pdf)), bodySize(lines), found.added, writer);
    const info = await infoOf(pdf);
    const attached = await writeAttachments(await attachmentsOf(pdf, found.files), writer, nested);
    const remarks = [...remarksOnPages(found), ...attached.remarks, ...xfaRemarks(info)];
    // The cover of a portfolio may be a picture.
    if (refusal !== undefined && attached.read === 0) {
      throw new Unreadable([refusal, ...attached.remarks].join('; '));
    }
    const { text, blocks } = writer.result();
    const { title, ...metadata } = propertiesOf(info);
    return {
      title: title ?? headingOf(lines) ?? name,
      text,
      metadata: { ...metadata, pages: lines.length },
      blocks,
      ...(remarks.length > 0 && { remarks }),
    };
  } finally {
    await pdf.loadingTask.destroy();
  }
}
