/** A stream as it stands in a file. */
export const stream = (content: string): string =>
  `<< /Length ${content.length} >>\nstream\n${content}\nendstream`;
const font = '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>';

export interface Page {
  readonly text?: string;
  /** Numbers of objects. */
  readonly annotations?: readonly number[];
  readonly font?: number;
  readonly raw?: string;
}

/** A file of pages and of other objects, from number 50 on; without a table of where they are, which readers rebuild. */
export function file(
  pages: readonly Page[],
  objects: readonly string[] = [],
  catalog = '',
  info = '',
): Buffer {
  const numbered: [number, string][] = [
    [1, `<< /Type /Catalog /Pages 2 0 R ${catalog} >>`],
    [
      2,
      `<< /Type /Pages /Count ${pages.length} /Kids [${pages.map((_, i) => `${10 + i} 0 R`).join(' ')}] >>`,
    ],
    [3, font],
    [4, `<< ${info} >>`],
    ...pages.flatMap((page, i): [number, string][] => [
      [
        10 + i,
        `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Contents ${30 + i} 0 R /Resources << /Font << /F1 ${page.font ?? 3} 0 R >> >> /Annots [${(page.annotations ?? []).map((n) => `${n} 0 R`).join(' ')}] >>`,
      ],
      [
        30 + i,
        stream(page.raw ?? (page.text === undefined ? '' : `BT /F1 12 Tf 50 700 Td (${page.text}) Tj ET`)),
      ],
    ]),
    ...objects.map((object, i): [number, string] => [50 + i, object]),
  ];
  const body = numbered.map(([number, object]) => `${number} 0 obj\n${object}\nendobj\n`).join('');
  return Buffer.from(`%PDF-1.7\n${body}trailer << /Root 1 0 R /Info 4 0 R /Size 99 >>\n%%EOF\n`, 'latin1');
}

/** Texts at places of a page, in the order in which they are written. */
export const placed = (texts: readonly (readonly [x: number, y: number, text: string])[]): string =>
  `BT /F1 10 Tf ${texts.map(([x, y, text]) => `1 0 0 1 ${x} ${y} Tm (${text}) Tj`).join('\n')} ET`;
