import { type Part, zip } from './zip.ts';

// Presentations written as their XML, for what a program for slides puts into one.

const office = 'http://schemas.openxmlformats.org';
const names = `xmlns:p="${office}/presentationml/2006/main" xmlns:a="${office}/drawingml/2006/main" xmlns:r="${office}/officeDocument/2006/relationships" xmlns:c="${office}/drawingml/2006/chart" xmlns:dgm="${office}/drawingml/2006/diagram" xmlns:m="${office}/officeDocument/2006/math" xmlns:mc="${office}/markup-compatibility/2006" xmlns:a14="http://schemas.microsoft.com/office/drawing/2010/main" xmlns:p14="http://schemas.microsoft.com/office/powerpoint/2010/main" xmlns:p15="http://schemas.microsoft.com/office/powerpoint/2012/main"`;

const relations = (all: readonly (readonly [id: string, type: string, target: string])[]): string =>
  `<Relationships xmlns="${office}/package/2006/relationships">${all.map(([id, type, target]) => `<Relationship Id="${id}" Type="${office}/officeDocument/2006/relationships/${type}" Target="${target}"/>`).join('')}</Relationships>`;

export const paragraphs = (...lines: readonly string[]): string =>
  lines.map((line) => `<a:p>${line.startsWith('<') ? line : `<a:r><a:t>${line}</a:t></a:r>`}</a:p>`).join('');

/** A shape with text. @param placeholder its attributes, such as `type="title"` */
export const shape = (text: string, placeholder = ''): string =>
  `<p:sp><p:nvSpPr><p:cNvPr id="2" name="Shape 1"/><p:nvPr>${placeholder === '' ? '' : `<p:ph ${placeholder}/>`}</p:nvPr></p:nvSpPr><p:txBody><a:bodyPr/>${text.startsWith('<a:p>') ? text : paragraphs(text)}</p:txBody></p:sp>`;

export const frame = (content: string, properties = ''): string =>
  `<p:graphicFrame><p:nvGraphicFramePr><p:cNvPr id="4" name="Content" ${properties}/></p:nvGraphicFramePr><a:graphic><a:graphicData>${content}</a:graphicData></a:graphic></p:graphicFrame>`;

export const tableCell = (text: string, attributes = ''): string =>
  `<a:tc ${attributes}><a:txBody>${paragraphs(text)}</a:txBody></a:tc>`;

export const tableRow = (...cells: readonly string[]): string => `<a:tr>${cells.join('')}</a:tr>`;

/** What a slide refers to: parts by their names without an ending, with the type of the relation and their content. */
export type SlideParts = Readonly<Record<string, readonly [type: string, content: Part]>>;

export interface SlideXml {
  /** What stands on it. */
  readonly shapes: string;
  readonly parts?: SlideParts;
  readonly attributes?: string;
  /** Behind the shapes: transitions, animations, extensions. */
  readonly more?: string;
}

interface PresentationXml {
  /** What follows the list of slides. */
  readonly more?: string;
  readonly parts?: SlideParts;
}

const isOurs = (content: Part): content is string => typeof content === 'string' && /^<\w+:/.test(content);

const declared = (content: Part): Part =>
  isOurs(content) ? content.replace(/^<[\w:]+/, (start) => `${start} ${names}`) : content;

/** A part with shapes, such as the notes of a slide. */
export const tree = (tag: string, shapes: string, { attributes = '', more = '' } = {}): string =>
  `<p:${tag} ${attributes}><p:cSld><p:spTree>${shapes}</p:spTree></p:cSld>${more}</p:${tag}>`;

export function presentation(
  all: readonly SlideXml[],
  { more = '', parts: own = {} }: PresentationXml = {},
): Buffer {
  const parts: Record<string, Part> = {};
  const add = (folder: string, owner: string, added: SlideParts): void => {
    const entries = Object.entries(added);
    for (const [name, [, content]] of entries) parts[`ppt/parts/${folder}${name}`] = declared(content);
    const found = entries.map(
      ([name, [type]]) => [name.replace(/\..*$/, ''), type, `/ppt/parts/${folder}${name}`] as const,
    );
    parts[owner] = relations([
      ...(owner.includes('presentation')
        ? all.map((_, i) => [`s${i}`, 'slide', `slides/s${i}.xml`] as const)
        : []),
      ...found,
    ]);
  };
  for (const [i, { shapes, parts: referred = {}, ...options }] of all.entries()) {
    parts[`ppt/slides/s${i}.xml`] = declared(tree('sld', shapes, options));
    add(`${i}-`, `ppt/slides/_rels/s${i}.xml.rels`, referred);
  }
  add('', 'ppt/_rels/presentation.xml.rels', own);
  const list = all.map((_, i) => `<p:sldId id="${256 + i}" r:id="s${i}"/>`).join('');
  return zip({
    '[Content_Types].xml': `<Types xmlns="${office}/package/2006/content-types"><Override PartName="/ppt/presentation.xml" ContentType="application/vnd.openxmlformats-officedocument.presentationml.presentation.main+xml"/></Types>`,
    '_rels/.rels': relations([
      ['rId1', 'officeDocument', 'ppt/presentation.xml'],
      ['rId2', 'metadata/core-properties', 'docProps/core.xml'],
    ]),
    'docProps/core.xml': `<cp:coreProperties xmlns:cp="${office}/package/2006/metadata/core-properties" xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:creator>Ada</dc:creator></cp:coreProperties>`,
    'ppt/presentation.xml': `<p:presentation ${names}><p:sldIdLst>${list}</p:sldIdLst>${more}</p:presentation>`,
    ...parts,
  });
}

export const chartPart =
  '<c:chartSpace><c:chart><c:title><c:tx><c:rich><a:p><a:r><a:t>Output</a:t></a:r></a:p></c:rich></c:tx></c:title><c:plotArea><c:barChart><c:ser><c:tx><c:strRef><c:strCache><c:pt idx="0"><c:v>Plant A</c:v></c:pt></c:strCache></c:strRef></c:tx><c:cat><c:strRef><c:strCache><c:pt idx="0"><c:v>2024</c:v></c:pt></c:strCache></c:strRef></c:cat><c:val><c:numRef><c:numCache><c:pt idx="0"><c:v>41.5</c:v></c:pt></c:numCache></c:numRef></c:val></c:ser></c:barChart></c:plotArea></c:chart></c:chartSpace>';

export const diagramPart =
  '<dgm:dataModel><dgm:ptLst><dgm:pt><dgm:t><a:p><a:r><a:t>Plan</a:t></a:r></a:p></dgm:t></dgm:pt><dgm:pt><dgm:t><a:p><a:r><a:t>Build</a:t></a:r></a:p></dgm:t></dgm:pt></dgm:ptLst></dgm:dataModel>';

/** A presentation of whose parts each is found by what refers to it. */
export const slides = (): Buffer =>
  presentation([
    {
      shapes: `${shape('Goals', 'idx="7"')}${shape('Less &amp; less cost.')}${frame('<c:chart r:id="chart"/>')}`,
      parts: {
        'layout.xml': ['slideLayout', tree('sldLayout', shape('Title', 'type="title" idx="7"'))],
        'chart.xml': ['chart', chartPart],
        'notes.xml': ['notesSlide', tree('notes', shape('Say more.', 'type="body"'))],
        'comments.xml': ['comments', '<p:cmLst><p:cm authorId="0"><p:text>Which?</p:text></p:cm></p:cmLst>'],
      },
    },
    {
      shapes: `${shape('Costs', 'type="ctrTitle"')}${frame('<dgm:relIds r:dm="data"/>')}${frame(`<a:tbl>${tableRow(tableCell('bar'), tableCell('700'))}</a:tbl>`)}`,
      parts: { 'data.xml': ['diagramData', diagramPart] },
    },
  ]);
