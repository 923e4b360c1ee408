import { type Part, zip } from './zip.ts';

// Workbooks from their parts, for what the simple ones in office.ts cannot hold.

const office = 'http://schemas.openxmlformats.org';
const types = `${office}/officeDocument/2006/relationships`;
const sheetNames = `xmlns="${office}/spreadsheetml/2006/main" xmlns:r="${types}"`;

/** A relation of a part: its id, the last part of its type, and its target. */
export type Related = readonly [id: string, type: string, target: string];

const relationsPart = (all: readonly Related[]): string =>
  `<Relationships xmlns="${office}/package/2006/relationships">${all
    .map(([id, type, target]) => {
      const mode = /^https?:/.test(target) ? ' TargetMode="External"' : '';
      return `<Relationship Id="${id}" Type="${type.includes('/') ? type : `${types}/${type}`}" Target="${target}"${mode}/>`;
    })
    .join('')}</Relationships>`;

interface SheetParts {
  /** What stands in `sheetData`. */
  readonly rows: string;
  readonly name?: string;
  readonly state?: string;
  /** What stands before and behind `sheetData`. */
  readonly before?: string;
  readonly after?: string;
  readonly related?: readonly Related[];
}

export interface WorkbookParts {
  readonly sheets: readonly SheetParts[];
  /** Children of `styleSheet`. */
  readonly styles?: string;
  /** Children of `sst`. */
  readonly strings?: string;
  /** Children of `workbook` before its sheets. */
  readonly workbook?: string;
  readonly extra?: Readonly<Record<string, Part>>;
}

/** The parts of a workbook by their names. */
export function workbookParts({
  sheets,
  styles = '',
  strings = '',
  workbook = '',
  extra = {},
}: WorkbookParts) {
  const parts: Record<string, Part> = {
    '[Content_Types].xml': `<Types xmlns="${office}/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/></Types>`,
    '_rels/.rels': relationsPart([['rId1', 'officeDocument', 'xl/workbook.xml']]),
    'xl/workbook.xml': `<workbook ${sheetNames}>${workbook}<sheets>${sheets
      .map(
        ({ name, state }, i) =>
          `<sheet name="${name ?? `Sheet${i + 1}`}" sheetId="${i + 1}"${state === undefined ? '' : ` state="${state}"`} r:id="rId${i + 1}"/>`,
      )
      .join('')}</sheets></workbook>`,
    'xl/_rels/workbook.xml.rels': relationsPart([
      ...sheets.map((_, i): Related => [`rId${i + 1}`, 'worksheet', `worksheets/sheet${i + 1}.xml`]),
      ['rIdS', 'styles', 'styles.xml'],
      ['rIdT', 'sharedStrings', 'sharedStrings.xml'],
    ]),
    'xl/styles.xml': `<styleSheet ${sheetNames}>${styles}</styleSheet>`,
    'xl/sharedStrings.xml': `<sst ${sheetNames}>${strings}</sst>`,
  };
  for (const [i, { rows, before = '', after = '', related }] of sheets.entries()) {
    parts[`xl/worksheets/sheet${i + 1}.xml`] =
      `<worksheet ${sheetNames}>${before}<sheetData>${rows}</sheetData>${after}</worksheet>`;
    if (related) parts[`xl/worksheets/_rels/sheet${i + 1}.xml.rels`] = relationsPart(related);
  }
  return { ...parts, ...extra };
}

export const workbookOf = (parts: WorkbookParts): Buffer => zip(workbookParts(parts));

/** A cell with a text. */
export const textCell = (text: string, at = ''): string =>
  `<c${at === '' ? '' : ` r="${at}"`} t="inlineStr"><is><t>${text}</t></is></c>`;

/** A cell with a number and the index of its style. */
export const numberCell = (value: number | string, style = 0, at = ''): string =>
  `<c${at === '' ? '' : ` r="${at}"`} s="${style}"><v>${value}</v></c>`;

export const sheetRow = (...cells: readonly string[]): string => `<row>${cells.join('')}</row>`;

const drawingNames = `xmlns:xdr="${office}/drawingml/2006/spreadsheetDrawing" xmlns:a="${office}/drawingml/2006/main" xmlns:c="${office}/drawingml/2006/chart" xmlns:r="${types}"`;

/** A workbook of whose parts each is found by what refers to it; its second sheet has names with a prefix. */
export const workbookOfAllParts = (): Buffer =>
  workbookOf({
    workbook: '<workbookPr date1904="0"/>',
    styles:
      '<numFmts count="1"><numFmt numFmtId="164" formatCode="#,##0.00&quot; EUR&quot;"/></numFmts><fonts count="2"><font><sz val="11"/></font><font><b/></font></fonts><cellXfs count="5"><xf numFmtId="0" fontId="0"/><xf numFmtId="14" fontId="0"/><xf numFmtId="164" fontId="0"/><xf numFmtId="0" fontId="1"/><xf numFmtId="9" fontId="0"/></cellXfs>',
    strings:
      '<si><t>Part</t></si><si><r><t>Price &amp; </t></r><r><rPr><b/></rPr><t>cost</t></r></si><si><t>Bought</t></si><si><t xml:space="preserve">Bolt M8 </t></si><si><t>東京</t><rPh sb="0" eb="2"><t>トウキョウ</t></rPh></si>',
    sheets: [
      {
        name: 'Store &amp; more',
        rows: [
          '<row r="2" spans="1:4" ht="20" customHeight="1"><c r="A2" s="3" t="s"><v>0</v></c><c r="B2" s="3" t="s"><v>1</v></c><c r="C2" s="3" t="s"><v>2</v></c><c r="D2" s="3" t="inlineStr"><is><t>Share</t></is></c></row>',
          '<row r="3" spans="1:4"><c r="A3" t="s"><v>3</v></c><c r="B3" s="2"><v>1234.5</v></c><c r="C3" s="1" t="n"><v>45000</v></c><c r="D3" s="4"><f>B3/SUM(B3:B5)</f><v>0.25</v></c></row>',
          '<row r="4" spans="1:4"><c r="A4" t="inlineStr"><is><r><t>Nut &lt;small&gt; </t></r><r><t>M8</t></r></is></c><c r="B4" s="2"><v>0.1</v></c><c r="C4" s="1"><v>45001.5</v></c><c r="D4" s="0" t="str"><f>IF(B4&lt;1,"low","")</f><v>low_x000D_ &amp; rare</v></c></row>',
          '<row r="5" spans="1:4"><c r="A5" t="s"><v>4</v></c><c r="B5" t="b"><v>1</v></c><c r="C5" t="e"><v>#N/A</v></c><c r="D5" s="0"/></row>',
          '<row r="6"><c r="B6"><v>12345678901234567890</v></c></row>',
        ].join(''),
        before: '<sheetPr/><dimension ref="A2:D6"/>',
        after:
          '<mergeCells count="1"><mergeCell ref="A5:A6"/></mergeCells><hyperlinks><hyperlink ref="A3" r:id="rIdL"/></hyperlinks><headerFooter><oddHeader>&amp;L&amp;"Arial,Bold"Store 7&amp;RPage &amp;P</oddHeader></headerFooter><drawing r:id="rIdD"/><legacyDrawing r:id="rIdV"/><tableParts count="1"><tablePart r:id="rIdTable"/></tableParts>',
        related: [
          ['rIdD', 'drawing', '../drawings/drawing1.xml'],
          ['rIdN', 'comments', '../comments1.xml'],
          ['rIdThreads', `${office}/x/threadedComment`, '../threadedComments/threadedComment1.xml'],
          ['rIdL', 'hyperlink', 'https://example.org/bolt?a=1&amp;b=2'],
          ['rIdV', 'vmlDrawing', '../drawings/vmlDrawing1.vml'],
          ['rIdTable', 'table', '../tables/table1.xml'],
        ],
      },
      { name: 'Plan', rows: '' },
    ],
    extra: {
      'xl/worksheets/sheet2.xml': `<x:worksheet xmlns:x="${office}/spreadsheetml/2006/main"><x:sheetData><x:row r="1"><x:c r="A1" t="s"><x:v>0</x:v></x:c><x:c r="C1" t="inlineStr"><x:is><x:t>Needed</x:t></x:is></x:c></x:row><x:row r="4"><x:c r="A4" t="s"><x:v>3</x:v></x:c><x:c r="C4" t="n"><x:v>12</x:v></x:c></x:row></x:sheetData></x:worksheet>`,
      'xl/comments1.xml': `<comments xmlns="${office}/spreadsheetml/2006/main"><authors><author>Ada</author></authors><commentList><comment ref="B3" authorId="0"><text><r><t xml:space="preserve">without </t></r><r><t>tax</t></r></text></comment><comment ref="C3" authorId="0"><text><t>[Threaded comment]</t></text></comment></commentList></comments>`,
      'xl/threadedComments/threadedComment1.xml':
        '<ThreadedComments xmlns="http://schemas.microsoft.com/office/spreadsheetml/2018/threadedcomments"><threadedComment ref="C3" personId="{1}"><text>Which day?</text></threadedComment></ThreadedComments>',
      'xl/tables/table1.xml': `<table xmlns="${office}/spreadsheetml/2006/main" id="1" name="Parts" displayName="Parts" ref="A2:D5"/>`,
      'xl/drawings/drawing1.xml': `<xdr:wsDr ${drawingNames}><xdr:twoCellAnchor><xdr:sp><xdr:nvSpPr><xdr:cNvPr id="2" name="Box"/></xdr:nvSpPr><xdr:txBody><a:p><a:r><a:t>Ask Ada first</a:t></a:r></a:p></xdr:txBody></xdr:sp></xdr:twoCellAnchor><xdr:twoCellAnchor><xdr:pic><xdr:nvPicPr><xdr:cNvPr id="3" name="P" descr="Shelf &amp; ladder"/></xdr:nvPicPr></xdr:pic></xdr:twoCellAnchor><xdr:twoCellAnchor><xdr:graphicFrame><a:graphic><a:graphicData><c:chart r:id="rIdChart"/></a:graphicData></a:graphic></xdr:graphicFrame></xdr:twoCellAnchor></xdr:wsDr>`,
      'xl/drawings/_rels/drawing1.xml.rels': relationsPart([['rIdChart', 'chart', '../charts/chart1.xml']]),
      'xl/charts/chart1.xml': `<c:chartSpace ${drawingNames}><c:chart><c:title><c:tx><c:rich><a:p><a:r><a:t>Parts in store</a:t></a:r></a:p></c:rich></c:tx></c:title><c:plotArea><c:barChart><c:ser><c:cat><c:strRef><c:strCache><c:pt idx="0"><c:v>Bolt</c:v></c:pt></c:strCache></c:strRef></c:cat><c:val><c:numRef><c:numCache><c:pt idx="0"><c:v>9</c:v></c:pt></c:numCache></c:numRef></c:val></c:ser></c:barChart></c:plotArea></c:chart></c:chartSpace>`,
      'xl/drawings/vmlDrawing1.vml':
        '<xml xmlns:v="urn:schemas-microsoft-com:vml" xmlns:x="urn:schemas-microsoft-com:office:excel"><v:shape><x:ClientData ObjectType="Note"><x:Row>2</x:Row></x:ClientData></v:shape><v:shape><x:ClientData ObjectType="Checkbox"/></v:shape></xml>',
    },
  });
