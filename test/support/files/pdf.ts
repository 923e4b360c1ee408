/** A line of a page: the size of its type and the height of its baseline on a page of 800 units. */
export interface PdfLine {
  readonly text: string;
  readonly y: number;
  readonly size?: number;
}

const escaped = (text: string): string => text.replace(/[\\()]/g, '\\$&');

/**
 * A PDF of the given pages in Helvetica.
 * @param trailer goes into the trailer, such as an `/Encrypt` dictionary
 */
export function pdf(pages: readonly (readonly PdfLine[])[], { title = '', trailer = '' } = {}): Buffer {
  const objects: string[] = [];
  const kids = pages.map((_, i) => `${4 + 2 * i} 0 R`).join(' ');
  objects.push('<< /Type /Catalog /Pages 2 0 R >>');
  objects.push(`<< /Type /Pages /Kids [${kids}] /Count ${pages.length} >>`);
  objects.push('<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>');
  for (const [i, lines] of pages.entries()) {
    const content = lines
      .map(({ text, y, size = 10 }) => `BT /F1 ${size} Tf 1 0 0 1 70 ${y} Tm (${escaped(text)}) Tj ET`)
      .join('\n');
    objects.push(
      `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Resources << /Font << /F1 3 0 R >> >> /Contents ${5 + 2 * i} 0 R >>`,
    );
    objects.push(`<< /Length ${content.length} >>\nstream\n${content}\nendstream`);
  }
  objects.push(`<< /Title (${escaped(title)}) /CreationDate (D:20260301093000Z) >>`);
  let body = '%PDF-1.4\n';
  const offsets: number[] = [];
  for (const [i, object] of objects.entries()) {
    offsets.push(body.length);
    body += `${i + 1} 0 obj\n${object}\nendobj\n`;
  }
  const table = offsets.map((offset) => `${String(offset).padStart(10, '0')} 00000 n \n`).join('');
  const size = objects.length + 1;
  return Buffer.from(
    `${body}xref\n0 ${size}\n0000000000 65535 f \n${table}trailer\n<< /Size ${size} /Root 1 0 R /Info ${size - 1} 0 R ${trailer} >>\nstartxref\n${body.length}\n%%EOF\n`,
    'latin1',
  );
}

/** A PDF that only opens with a password. */
export function encryptedPdf(): Buffer {
  const noise = 'a3'.repeat(32);
  return pdf([[{ text: 'secret', y: 700 }]], {
    trailer: `/ID [<${noise}> <${noise}>] /Encrypt << /Filter /Standard /V 1 /R 2 /O <${noise}> /U <${noise}> /P -4 >>`,
  });
}
