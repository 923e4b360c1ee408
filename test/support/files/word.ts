import { type Part, zip } from './zip.ts';

// Word documents written as their XML, for what a word processor puts into one.

const names =
  'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships" xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math" xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" xmlns:c="http://schemas.openxmlformats.org/drawingml/2006/chart" xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing" xmlns:w14="http://schemas.microsoft.com/office/word/2010/wordml" xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office" xmlns:pic="http://schemas.openxmlformats.org/drawingml/2006/picture"';

/** A run with text, and properties as XML. */
export const run = (text: string, properties = ''): string =>
  `<w:r>${properties === '' ? '' : `<w:rPr>${properties}</w:rPr>`}<w:t xml:space="preserve">${text}</w:t></w:r>`;

/** A paragraph of runs, with properties as XML. */
export const paragraph = (content: string, properties = ''): string =>
  `<w:p>${properties === '' ? '' : `<w:pPr>${properties}</w:pPr>`}${content.startsWith('<') ? content : run(content)}</w:p>`;

export const cell = (content: string, properties = ''): string =>
  `<w:tc><w:tcPr>${properties}</w:tcPr>${content.startsWith('<') ? content : paragraph(content)}</w:tc>`;

export const row = (...cells: readonly string[]): string => `<w:tr>${cells.join('')}</w:tr>`;

interface WordParts {
  /** Parts beside the main one: their relation's type, and their content. */
  readonly parts?: Readonly<Record<string, readonly [type: string, content: Part]>>;
  readonly main?: string;
}

/** A package with a body, its parts referred to by their names without an ending. */
export function word(body: string, { parts = {}, main = 'word/document.xml' }: WordParts = {}): Buffer {
  const slash = main.lastIndexOf('/') + 1;
  const [folder, file] = [main.slice(0, slash), main.slice(slash)];
  const relations = (all: readonly (readonly [id: string, type: string, target: string])[]): string =>
    `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">${all.map(([id, type, target]) => `<Relationship Id="${id}" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/${type}" Target="${target}"/>`).join('')}</Relationships>`;
  const entries = Object.entries(parts);
  const isXml = (content: Part): content is string =>
    typeof content === 'string' && content.startsWith('<w:');
  return zip({
    '[Content_Types].xml': '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>',
    '_rels/.rels': relations([['rId1', 'officeDocument', main]]),
    [main]: `<w:document ${names}><w:body>${body}</w:body></w:document>`,
    [`${folder}_rels/${file}.rels`]: relations(
      entries.map(([name, [type]]) => [name.replace(/\..*$/, ''), type, name]),
    ),
    ...Object.fromEntries(
      entries.map(([name, [, content]]) => [
        `${folder}${name}`,
        isXml(content) ? content.replace(/^<[\w:]+/, (start) => `${start} ${names}`) : content,
      ]),
    ),
  });
}
