import { type LoadedDocument, type NestedReader, Unreadable } from './loader.ts';
import { attachmentsOf, writeAttachments } from './pdf-attachments.ts';
import { bodySize, headingLevels, paragraphsOf, withoutRunningLines } from './pdf-layout.ts';
import type { Pdf } from './pdf-open.ts';
import { pagesOf, remarksOnPages } from './pdf-pages.ts';
import { propertiesOf, wordsOf } from './pdf-properties.ts';
import { createWriter } from './writer.ts';

async function infoOf(pdf: Pdf): Promise<Readonly<Record<string, unknown>>> {
  const { info } = await pdf.getMetadata().catch(() => ({ info: {} }));
  return info as Record<string, unknown>;
}

/** A form whose fields are in XML shows other viewers one page, which says that they cannot show it. */
const xfaRemarks = ({ IsXFAPresent, IsAcroFormPresent }: Readonly<Record<string, unknown>>): string[] =>
  IsXFAPresent === true && IsAcroFormPresent !== true
    ? ['its form is an XFA form, which is not read: save it as a plain PDF (Acrobat: print to PDF)']
    : [];

/**
 * PDF: the text of every page in paragraphs; larger type makes headings; running headers and footers are dropped. A
 * paragraph that continues across a page break belongs to the page it begins on. Attached files stand behind the pages.
 */
export async function loadPdf(
  bytes: Uint8Array,
  name: string,
  nested?: NestedReader,
): Promise<LoadedDocument> {
  const { pdf, pages: found, refusal } = await pagesOf(bytes);
  try {
    const pages = withoutRunningLines(found.lines);
    const levels = headingLevels(pages, bodySize(pages));
    const writer = createWriter();
    let firstHeading: string | undefined;
    for (const [i, paragraphs] of paragraphsOf(pages, levels).entries()) {
      writer.place({ page: i + 1 }, `[page ${i + 1}]`);
      for (const { lines, level } of paragraphs) {
        if (level === 1 && i === 0) firstHeading ??= wordsOf(lines.join(' '));
        if (level !== undefined) writer.heading(level, lines.join(' '));
        else writer.block(lines);
      }
      writer.block(found.added[i] ?? [], { rows: true });
    }
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
      title: title ?? firstHeading ?? name,
      text,
      metadata: { ...metadata, pages: pages.length },
      blocks,
      ...(remarks.length > 0 && { remarks }),
    };
  } finally {
    await pdf.loadingTask.destroy();
  }
}
