import { type Part, zip } from './zip.ts';

// Small Office files and books, as a word processor would write them but for what nobody reads.

const xml = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>';
const office = 'http://schemas.openxmlformats.org';

function escapeXml(text: string): string {
  return text.replace(/[&<>"]/g, (character) => `&#${character.codePointAt(0)};`);
}

function contentTypes(overrides: Readonly<Record<string, string>>): string {
  const parts = Object.entries(overrides).map(
    ([part, type]) =>
      `<Override PartName="/${part}" ContentType="application/vnd.openxmlformats-officedocument.${type}+xml"/>`,
  );
  return `${xml}<Types xmlns="${office}/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/>${parts.join('')}</Types>`;
}

function relations(targets: readonly (readonly [type: string, target: string])[]): string {
  const all = targets.map(
    ([type, target], i) =>
      `<Relationship Id="rId${i + 1}" Type="${office}/officeDocument/2006/relationships/${type}" Target="${target}"/>`,
  );
  return `${xml}<Relationships xmlns="${office}/package/2006/relationships">${all.join('')}</Relationships>`;
}

function core(title: string): string {
  return `${xml}<cp:coreProperties xmlns:cp="${office}/package/2006/metadata/core-properties" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/"><dc:title>${escapeXml(title)}</dc:title><dc:creator>Ada</dc:creator><dcterms:created>2026-03-01T09:30:00Z</dcterms:created></cp:coreProperties>`;
}

/** A paragraph, a heading with its level, or the rows of a table. */
export type DocxPart =
  | string
  | { readonly heading: string; readonly level: number }
  | readonly (readonly string[])[];

function wordParagraph(text: string, style = ''): string {
  const properties = style === '' ? '' : `<w:pPr><w:pStyle w:val="${style}"/></w:pPr>`;
  return `<w:p>${properties}<w:r><w:t xml:space="preserve">${escapeXml(text)}</w:t></w:r></w:p>`;
}

function wordPart(part: DocxPart): string {
  if (typeof part === 'string') return wordParagraph(part);
  if ('heading' in part) return wordParagraph(part.heading, `Heading${part.level}`);
  const rows = part.map(
    (row) => `<w:tr>${row.map((cell) => `<w:tc>${wordParagraph(cell)}</w:tc>`).join('')}</w:tr>`,
  );
  return `<w:tbl>${rows.join('')}</w:tbl>`;
}

export function docx(
  parts: readonly DocxPart[],
  { title = '', extra = {} as Record<string, Part> } = {},
): Buffer {
  const w = `xmlns:w="${office}/wordprocessingml/2006/main"`;
  const styles = [1, 2].map(
    (level) =>
      `<w:style w:type="paragraph" w:styleId="Heading${level}"><w:name w:val="heading ${level}"/></w:style>`,
  );
  return zip({
    '[Content_Types].xml': contentTypes({ 'word/document.xml': 'wordprocessingml.document.main' }),
    '_rels/.rels': relations([
      ['officeDocument', 'word/document.xml'],
      ...(title === '' ? [] : [['core-properties', 'docProps/core.xml'] as const]),
    ]),
    'word/document.xml': `${xml}<w:document ${w}><w:body>${parts.map(wordPart).join('')}</w:body></w:document>`,
    'word/styles.xml': `${xml}<w:styles ${w}>${styles.join('')}</w:styles>`,
    'word/_rels/document.xml.rels': relations([['styles', 'styles.xml']]),
    ...(title !== '' && { 'docProps/core.xml': core(title) }),
    ...extra,
  });
}

export interface Slide {
  readonly title: string;
  readonly lines: readonly string[];
  readonly notes?: string;
}

function shape(lines: readonly string[], placeholder = ''): string {
  const type = placeholder === '' ? '' : `<p:nvPr><p:ph type="${placeholder}"/></p:nvPr>`;
  const paragraphs = lines.map((line) => `<a:p><a:r><a:t>${escapeXml(line)}</a:t></a:r></a:p>`);
  return `<p:sp><p:nvSpPr>${type}</p:nvSpPr><p:txBody>${paragraphs.join('')}</p:txBody></p:sp>`;
}

export function pptx(slides: readonly Slide[]): Buffer {
  const names = `xmlns:p="${office}/presentationml/2006/main" xmlns:a="${office}/drawingml/2006/main" xmlns:r="${office}/officeDocument/2006/relationships"`;
  const tree = (tag: string, shapes: string): string =>
    `${xml}<p:${tag} ${names}><p:cSld><p:spTree>${shapes}</p:spTree></p:cSld></p:${tag}>`;
  const parts: Record<string, Part> = {};
  // The files lie in another order than they are shown in.
  const file = (i: number): string => `slide${slides.length - i}.xml`;
  for (const [i, { title, lines, notes }] of slides.entries()) {
    parts[`ppt/slides/${file(i)}`] = tree(
      'sld',
      shape([title], 'title') + shape(lines) + shape([`${i + 1}`], 'sldNum'),
    );
    if (notes === undefined) continue;
    parts[`ppt/slides/_rels/${file(i)}.rels`] = relations([['notesSlide', `../notesSlides/notes${i}.xml`]]);
    parts[`ppt/notesSlides/notes${i}.xml`] = tree('notes', shape([notes], 'body'));
  }
  return zip({
    '[Content_Types].xml': contentTypes({ 'ppt/presentation.xml': 'presentationml.presentation.main' }),
    '_rels/.rels': relations([['officeDocument', 'ppt/presentation.xml']]),
    'ppt/presentation.xml': `${xml}<p:presentation ${names}><p:sldIdLst>${slides.map((_, i) => `<p:sldId id="${256 + i}" r:id="rId${i + 1}"/>`).join('')}</p:sldIdLst></p:presentation>`,
    'ppt/_rels/presentation.xml.rels': relations(slides.map((_, i) => ['slide', `slides/${file(i)}`])),
    ...parts,
  });
}

/** Rows of cells by the name of their sheet. */
export function xlsx(
  sheets: Readonly<Record<string, readonly (readonly (string | number | null)[])[]>>,
  extra: Record<string, Part> = {},
): Buffer {
  const main = `xmlns="${office}/spreadsheetml/2006/main" xmlns:r="${office}/officeDocument/2006/relationships"`;
  const cell = (value: string | number | null, column: number, row: number): string => {
    const at = `r="${String.fromCharCode(65 + column)}${row + 1}"`;
    if (value === null) return '';
    if (typeof value === 'number') return `<c ${at}><v>${value}</v></c>`;
    return `<c ${at} t="inlineStr"><is><t>${escapeXml(value)}</t></is></c>`;
  };
  const entries = Object.entries(sheets);
  const parts = entries.map(([, rows], i): [string, string] => [
    `xl/worksheets/sheet${i + 1}.xml`,
    `${xml}<worksheet ${main}><sheetData>${rows.map((row, r) => `<row r="${r + 1}">${row.map((value, c) => cell(value, c, r)).join('')}</row>`).join('')}</sheetData></worksheet>`,
  ]);
  return zip({
    '[Content_Types].xml': contentTypes({ 'xl/workbook.xml': 'spreadsheetml.sheet.main' }),
    '_rels/.rels': relations([['officeDocument', 'xl/workbook.xml']]),
    'xl/workbook.xml': `${xml}<workbook ${main}><sheets>${entries.map(([name], i) => `<sheet name="${escapeXml(name)}" sheetId="${i + 1}" r:id="rId${i + 1}"/>`).join('')}</sheets></workbook>`,
    'xl/_rels/workbook.xml.rels': relations(
      entries.map((_, i) => ['worksheet', `worksheets/sheet${i + 1}.xml`]),
    ),
    ...Object.fromEntries(parts),
    ...extra,
  });
}

/** Rows of cells by the name of their sheet, as LibreOffice writes them. */
export function ods(
  sheets: Readonly<Record<string, readonly (readonly (string | number | boolean | Date | null)[])[]>>,
  extra: Record<string, Part> = {},
): Buffer {
  const oasis = 'urn:oasis:names:tc:opendocument:xmlns';
  const main = ['office', 'table', 'text'].map((name) => `xmlns:${name}="${oasis}:${name}:1.0"`).join(' ');
  const cell = (value: string | number | boolean | Date | null): string => {
    if (value === null) return '<table:table-cell/>';
    const text = value instanceof Date ? value.toISOString() : String(value);
    const shown = `<text:p>${escapeXml(typeof value === 'boolean' ? text.toUpperCase() : text)}</text:p>`;
    if (value instanceof Date) {
      const iso = value.toISOString().replace(/(T00:00:00)?\.000Z$/, '');
      return `<table:table-cell office:value-type="date" office:date-value="${iso}">${shown}</table:table-cell>`;
    }
    const type = { string: 'string', number: 'float', boolean: 'boolean' }[
      typeof value as 'string' | 'number' | 'boolean'
    ];
    const told =
      typeof value === 'number'
        ? ` office:value="${value}"`
        : typeof value === 'boolean'
          ? ` office:boolean-value="${value}"`
          : '';
    return `<table:table-cell office:value-type="${type}"${told}>${shown}</table:table-cell>`;
  };
  const tables = Object.entries(sheets).map(
    ([name, rows]) =>
      `<table:table table:name="${escapeXml(name)}">${rows.map((row) => `<table:table-row>${row.map(cell).join('')}<table:table-cell table:number-columns-repeated="1000"/></table:table-row>`).join('')}<table:table-row table:number-rows-repeated="1048000"><table:table-cell table:number-columns-repeated="1024"/></table:table-row></table:table>`,
  );
  return zip({
    mimetype: 'application/vnd.oasis.opendocument.spreadsheet',
    'META-INF/manifest.xml': `${xml}<manifest:manifest xmlns:manifest="${oasis}:manifest:1.0"><manifest:file-entry manifest:full-path="/" manifest:media-type="application/vnd.oasis.opendocument.spreadsheet"/><manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml"/></manifest:manifest>`,
    'content.xml': `${xml}<office:document-content ${main}><office:body><office:spreadsheet>${tables.join('')}</office:spreadsheet></office:body></office:document-content>`,
    ...extra,
  });
}

/** A book whose chapters are bodies of XHTML, in this order. */
export function epub(title: string, chapters: readonly string[], extra: Record<string, Part> = {}): Buffer {
  const items = chapters.map(
    (_, i) => `<item id="c${i}" href="text/c%20${i}.xhtml" media-type="application/xhtml+xml"/>`,
  );
  return zip({
    mimetype: 'application/epub+zip',
    'META-INF/container.xml': `${xml}<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles><rootfile full-path="OPS/book.opf"/></rootfiles></container>`,
    'OPS/book.opf': `${xml}<package xmlns="http://www.idpf.org/2007/opf"><metadata xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>${escapeXml(title)}</dc:title><dc:creator>Ada</dc:creator></metadata><manifest>${items.reverse().join('')}</manifest><spine>${chapters.map((_, i) => `<itemref idref="c${i}"/>`).join('')}</spine></package>`,
    ...Object.fromEntries(
      chapters.map((body, i) => [
        `OPS/text/c ${i}.xhtml`,
        `${xml}<html xmlns="http://www.w3.org/1999/xhtml"><head><title/></head><body>${body}</body></html>`,
      ]),
    ),
    ...extra,
  });
}
