import { attachedFile, type PdfAttachment } from './pdf-attachments.ts';
import { annotationLines } from './pdf-fields.ts';

/** The part of a PDF that is used. */
interface Annotated {
  getAnnotationsByType(types: Set<unknown>, skipped: Set<number>): Promise<readonly object[] | null>;
}

interface Page {
  getAnnotations(): Promise<readonly object[]>;
}

/** The part of pdf.js's annotations that says where they stand and whether they are seen. */
interface Annotation {
  readonly pageIndex?: number;
  readonly subtype?: string;
  readonly fieldName?: string;
  readonly fieldType?: string | null;
  readonly annotationFlags?: number;
  readonly quadPoints?: unknown;
  readonly contentsObj?: { readonly str?: string };
  /** Of an attached one. */
  readonly file?: unknown;
}

/** pdf.js's numbers of kinds that hold no text of their own. */
const [link, popup] = [2, 16];
const kinds = 26;
/** All other kinds, and those that it does not know. Links are most of what files hold, and dear to make. */
const withText: ReadonlySet<number | undefined> = new Set([
  undefined,
  ...Array.from({ length: kinds }, (_, i) => i + 1).filter((kind) => ![link, popup].includes(kind)),
]);

/** Flags of an annotation that no viewer shows: Invisible, NoView. */
const unseen = 1 | 32;

function isSeen({ subtype, annotationFlags = 0, quadPoints }: Annotation): boolean {
  return subtype === 'Widget' || (quadPoints !== null && (annotationFlags & unseen) === 0);
}

/** A field that does not say what it belongs to: pdf.js finds that out only when it reads a page's annotations. */
function isOrphan({ subtype, fieldName, fieldType }: Annotation): boolean {
  return subtype === 'Widget' && !(fieldName && fieldType);
}

/** Gives the lines of what was filled in and noted on a page (its number from 0). */
export type AnnotationReader = (page: Page, index: number) => Promise<string[]>;

/**
 * Reads the whole file's annotations at once, which leaves out links; page by page where that fails.
 * @param attach is told of files that are attached to a place of a page
 */
export async function annotationReader(
  pdf: Annotated,
  attach: (file: PdfAttachment) => void,
): Promise<AnnotationReader> {
  const all: readonly Annotation[] | undefined = await pdf
    .getAnnotationsByType(new Set(withText), new Set())
    .then((found) => found ?? [])
    // One broken page spoils it.
    .catch(() => undefined);
  const pages = all && Map.groupBy(all, ({ pageIndex }) => pageIndex);
  const attachFrom = (annotations: readonly Annotation[]): void => {
    for (const { subtype, file, contentsObj } of annotations) {
      if (subtype === 'FileAttachment') attach(attachedFile(file, '', contentsObj?.str));
    }
  };
  return async (page, index) => {
    const found = pages ? (pages.get(index) ?? []) : undefined;
    const isWhole = found !== undefined && !found.some(isOrphan);
    const annotations: readonly Annotation[] = isWhole ? found : await page.getAnnotations();
    // What is attached to a place that no viewer shows is still in its list of files.
    attachFrom(found ?? annotations);
    return annotationLines(isWhole ? annotations.filter(isSeen) : annotations);
  };
}
