import { Unreadable } from './loader.ts';
import { createCmapFactory } from './pdf-cmaps.ts';
import { withAllPages } from './pdf-page-tree.ts';

/** A file as pdf.js has it. */
export type Pdf = Awaited<ReturnType<typeof import('unpdf').getDocumentProxy>>;

export interface OpenedPdf {
  readonly pdf: Pdf;
  /** As it was opened: mended, where pages of it could not be found. */
  readonly bytes: Uint8Array;
  /** Numbers of pages that it names and does not have. */
  readonly broken: ReadonlySet<number>;
  /** Pages were missing, so that others may be without what they should hold. */
  readonly isMended: boolean;
  /** Its list of pages is lost: it has those that were found. */
  readonly isGuessed: boolean;
}

/** @param isStrict fails where a page is broken; otherwise what is behind that is read, which is more, and nothing said */
export async function openBytes(bytes: Uint8Array, isStrict: boolean): Promise<Pdf> {
  const { getDocumentProxy } = await import('unpdf');
  try {
    // The library detaches the buffer it is given, and does not accept a Buffer.
    return await getDocumentProxy(new Uint8Array(bytes), {
      ...{ verbosity: 0, stopAtErrors: isStrict, useWorkerFetch: false },
      ...{ cMapUrl: 'cmaps/', cMapPacked: true, BinaryDataFactory: createCmapFactory },
    });
  } catch (error) {
    const { name } = error as Error;
    if (name === 'PasswordException') throw new Unreadable('encrypted: needs a password');
    throw new Unreadable('damaged: not a valid PDF');
  }
}

/** Objects of pages that lie open in a file, as most programs write them; two are enough. */
function holdsSeveralPages(bytes: Uint8Array): boolean {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return ['/Type /Page', '/Type/Page'].some((mark) => {
    let count = 0;
    for (let at = buffer.indexOf(mark); at >= 0 && count < 2; at = buffer.indexOf(mark, at + 1)) {
      // Not a list of pages.
      if (buffer[at + mark.length] !== 's'.charCodeAt(0)) count++;
    }
    return count > 1;
  });
}

async function hasAllPages(pdf: Pdf, bytes: Uint8Array): Promise<boolean> {
  // Of a file whose list of pages is broken, pdf.js has one page.
  if (pdf.numPages <= 1 && holdsSeveralPages(bytes)) return false;
  try {
    for (let number = 1; number <= pdf.numPages; number++) await pdf.getPage(number);
    return true;
  } catch {
    return false;
  }
}

/**
 * Opens a file. Where pdf.js does not find a page, it finds none behind it either: such a file is mended first.
 * @throws Unreadable with the reason
 */
export async function openPdf(bytes: Uint8Array): Promise<OpenedPdf> {
  const asIs = { bytes, broken: new Set<number>(), isMended: false, isGuessed: false };
  let pdf: Pdf | undefined;
  let reason: unknown;
  try {
    pdf = await openBytes(bytes, false);
    if (await hasAllPages(pdf, bytes)) return { ...asIs, pdf };
  } catch (error) {
    reason = error;
  }
  const mended = withAllPages(bytes);
  const isMore = mended && (!pdf || mended.count > pdf.numPages || mended.broken.size > 0);
  if (isMore) {
    const whole = await openBytes(mended.bytes, false).catch(() => undefined);
    if (whole) {
      await pdf?.loadingTask.destroy();
      return { pdf: whole, ...mended, isMended: true };
    }
  }
  if (!pdf) throw reason;
  return { ...asIs, pdf };
}
