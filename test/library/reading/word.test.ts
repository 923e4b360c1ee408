import { expect, test } from 'vitest';
import { loadDocx } from '../../../src/library/reading/loaders/docx.ts';
import { cell, paragraph, row, run, word } from '../../support/files/word.ts';

const textOf = async (body: string, parts: Parameters<typeof word>[1] = {}): Promise<string> =>
  (await loadDocx(word(body, parts), 'a.docx')).text;

const styled = (style: string): string => `<w:pStyle w:val="${style}"/>`;
const numbered = (list: number, level = 0): string =>
  `<w:numPr><w:ilvl w:val="${level}"/><w:numId w:val="${list}"/></w:numPr>`;
const field = (instruction: string, result: string, data = ''): string =>
  `<w:r><w:fldChar w:fldCharType="begin">${data}</w:fldChar></w:r><w:r><w:instrText>${instruction}</w:instrText></w:r><w:r><w:fldChar w:fldCharType="separate"/></w:r>${run(result)}<w:r><w:fldChar w:fldCharType="end"/></w:r>`;

const levels = (...texts: readonly (readonly [format: string, text: string])[]): string =>
  texts
    .map(
      ([format, text], i) =>
        `<w:lvl w:ilvl="${i}"><w:start w:val="1"/><w:numFmt w:val="${format}"/><w:lvlText w:val="${text}"/></w:lvl>`,
    )
    .join('');
const numbering = `<w:numbering>
  <w:abstractNum w:abstractNumId="0">${levels(['decimal', '%1'], ['decimal', '%1.%2'])}</w:abstractNum>
  <w:abstractNum w:abstractNumId="1">${levels(['upperRoman', '%1.'], ['lowerLetter', '%2)'])}</w:abstractNum>
  <w:abstractNum w:abstractNumId="2">${levels(['bullet', 'o'])}</w:abstractNum>
  <w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num>
  <w:num w:numId="2"><w:abstractNumId w:val="1"/></w:num>
  <w:num w:numId="3"><w:abstractNumId w:val="2"/></w:num>
  <w:num w:numId="4"><w:abstractNumId w:val="0"/><w:lvlOverride w:ilvl="0"><w:startOverride w:val="7"/></w:lvlOverride></w:num>
</w:numbering>`;
const withNumbers = { parts: { 'numbering.xml': ['numbering', numbering] as const } };

test.each<[string, string, string | RegExp]>([
  [
    'an equation',
    `<w:p><m:oMath><m:r><m:t>E=m</m:t></m:r><m:sSup><m:e><m:r><m:t>c</m:t></m:r></m:e><m:sup><m:r><m:t>2</m:t></m:r></m:sup></m:sSup></m:oMath></w:p>`,
    'E=mc^2',
  ],
  [
    'a fraction',
    `<w:p><m:oMath><m:f><m:num><m:r><m:t>a+b</m:t></m:r></m:num><m:den><m:r><m:t>c</m:t></m:r></m:den></m:f></m:oMath></w:p>`,
    '(a+b)/c',
  ],
  [
    'a root, a sum and brackets',
    `<w:p><m:oMath><m:rad><m:deg/><m:e><m:r><m:t>x</m:t></m:r></m:e></m:rad><m:nary><m:naryPr><m:chr m:val="∑"/></m:naryPr><m:sub><m:r><m:t>i=1</m:t></m:r></m:sub><m:sup><m:r><m:t>n</m:t></m:r></m:sup><m:e><m:d><m:e><m:r><m:t>i</m:t></m:r></m:e></m:d></m:e></m:nary></m:oMath></w:p>`,
    '√(x)∑_(i=1)^n (i)',
  ],
  [
    'the base of ruby text',
    `<w:p><w:r><w:ruby><w:rt>${run('すいそ')}</w:rt><w:rubyBase>${run('水素')}</w:rubyBase></w:ruby></w:r></w:p>`,
    /^水素$/,
  ],
  [
    'a ticked box of a control',
    `<w:p><w:sdt><w:sdtPr><w14:checkbox><w14:checked w14:val="1"/></w14:checkbox></w:sdtPr><w:sdtContent>${run('x')}</w:sdtContent></w:sdt>${run(' Smoking')}</w:p>`,
    '☒ Smoking',
  ],
  [
    'an empty box of an old form',
    `<w:p>${field('FORMCHECKBOX', '', '<w:ffData><w:checkBox><w:default w:val="0"/></w:checkBox></w:ffData>')}${run(' Diabetes')}</w:p>`,
    '☐ Diabetes',
  ],
  [
    'the choice of an old form',
    `<w:p>${field('FORMDROPDOWN', '', '<w:ffData><w:ddList><w:result w:val="1"/><w:listEntry w:val="red"/><w:listEntry w:val="green"/></w:ddList></w:ffData>')}</w:p>`,
    /^green$/,
  ],
  [
    'what a control holds',
    `<w:sdt><w:sdtContent>${paragraph('Valve V-12')}</w:sdtContent></w:sdt>`,
    'Valve V-12',
  ],
  [
    'the result of a field, not its instruction',
    `<w:p>${run('See ')}${field('HYPERLINK "https://example.org"', 'the manual')}</w:p>`,
    /^See the manual$/,
  ],
  [
    'an exponent',
    `<w:p>${run('10')}${run('6', '<w:vertAlign w:val="superscript"/>')}${run(' Pa, 5 m')}${run('3', '<w:vertAlign w:val="superscript"/>')}</w:p>`,
    '10^6 Pa, 5 m^3',
  ],
  [
    'an ordinal as it stands',
    `<w:p>${run('the 4')}${run('th', '<w:vertAlign w:val="superscript"/>')}${run(' pump')}</w:p>`,
    'the 4th pump',
  ],
  [
    'an index as it stands',
    `<w:p>${run('H')}${run('2', '<w:vertAlign w:val="subscript"/>')}${run('O')}</w:p>`,
    'H2O',
  ],
  [
    'a sign of a symbol font',
    `<w:p>${run('25 ')}<w:r><w:sym w:font="Symbol" w:char="F0B0"/></w:r>${run('C')}</w:p>`,
    '25 °C',
  ],
  [
    'inserted and moved text',
    `<w:p><w:ins>${run('open ')}</w:ins><w:moveTo>${run('now')}</w:moveTo></w:p>`,
    /^open now$/,
  ],
  [
    'hyphens that do not break',
    `<w:p>${run('V')}<w:r><w:noBreakHyphen/></w:r>${run('12, hydro')}<w:r><w:softHyphen/></w:r>${run('gen')}</w:p>`,
    'V-12, hydrogen',
  ],
  [
    'text in a box, once',
    `<w:p>${run('Beside.')}<w:r><mc:AlternateContent><mc:Choice><w:drawing><w:txbxContent>${paragraph('In the box')}</w:txbxContent></w:drawing></mc:Choice><mc:Fallback><w:pict><w:txbxContent>${paragraph('In the box')}</w:txbxContent></w:pict></mc:Fallback></mc:AlternateContent></w:r></w:p>`,
    /^Beside\.\n\nIn the box$/,
  ],
  [
    'text in a box of older programs',
    `<w:p><w:r><w:pict><v:textbox><w:txbxContent>${paragraph('Old box')}</w:txbxContent></v:textbox></w:pict></w:r></w:p>`,
    'Old box',
  ],
  [
    'the description of a picture',
    `<w:p><w:r><w:drawing><wp:docPr descr="Flow diagram of the plant"/></w:drawing></w:r></w:p>`,
    'Flow diagram of the plant',
  ],
  [
    'an exponent in an equation',
    `<w:p><m:oMath><m:sSup><m:e><m:r><m:t>10</m:t></m:r></m:e><m:sup><m:r><m:t>-6</m:t></m:r></m:sup></m:sSup></m:oMath></w:p>`,
    '10^(-6)',
  ],
  [
    'an exponent of several runs',
    `<w:p>${run('10')}${run('-', '<w:vertAlign w:val="superscript"/>')}${run('12', '<w:vertAlign w:val="superscript"/>')}${run(' m')}</w:p>`,
    '10^-12 m',
  ],
  [
    'the mark of a note that was written by hand, apart from its word',
    `<w:p>${run('as measured')}${run('1,2', '<w:vertAlign w:val="superscript"/>')}</w:p>`,
    'as measured[1,2]',
  ],
  [
    'words that are drawn',
    '<w:p><w:r><w:pict><v:shape><v:textpath string="Do not open"/></v:shape></w:pict></w:r></w:p>',
    'Do not open',
  ],
  [
    'the description of each picture of a group',
    '<w:p><w:r><w:drawing><wp:inline><wp:docPr id="1"/><a:graphic><w:wgp><pic:pic><pic:nvPicPr><pic:cNvPr id="2" descr="Inlet"/></pic:nvPicPr></pic:pic><pic:pic><pic:nvPicPr><pic:cNvPr id="3" descr="Outlet"/></pic:nvPicPr></pic:pic></w:wgp></a:graphic></wp:inline></w:drawing></w:r></w:p>',
    '[Inlet; Outlet]',
  ],
])('Word: %s is in the text', async (_what, body, expected) => {
  expect(await textOf(body)).toEqual(
    typeof expected === 'string' ? expect.stringContaining(expected) : expect.stringMatching(expected),
  );
});

test.each<[string, string, string]>([
  ['deleted text', `<w:p>${run('kept')}<w:del><w:r><w:delText>gone</w:delText></w:r></w:del></w:p>`, 'kept'],
  [
    'a table of contents, whose headings follow',
    paragraph('Storage 3', styled('TOC1')) + paragraph('Text.'),
    'Text.',
  ],
])('Word: %s is not', async (_what, body, expected) => {
  const styles = `<w:styles><w:style w:type="paragraph" w:styleId="TOC1"><w:name w:val="toc 1"/></w:style></w:styles>`;
  expect(await textOf(body, { parts: { 'styles.xml': ['styles', styles] } })).toBe(expected);
});

test.each<[string, string, RegExp]>([
  [
    'a picture without a description',
    '<w:p><w:r><w:drawing><a:pic/></w:drawing></w:r></w:p>',
    /^1 picture without a description/,
  ],
  [
    'one picture without a description beside one that has it',
    '<w:p><w:r><w:drawing><wp:inline><a:graphic><pic:pic><pic:nvPicPr><pic:cNvPr descr="Inlet"/></pic:nvPicPr></pic:pic><pic:pic/></a:graphic></wp:inline></w:drawing></w:r></w:p>',
    /^1 picture without a description/,
  ],
  [
    'an object of another program, without counting its picture',
    '<w:p><w:r><w:object><v:shape><v:imagedata/></v:shape><o:OLEObject ProgID="Excel.Sheet.12"/></w:object></w:r></w:p>',
    /^1 embedded object is not read \(Excel\.Sheet\.12\)$/,
  ],
  [
    'a chart that is not there',
    '<w:p><w:r><w:drawing><c:chart r:id="none"/></w:drawing></w:r></w:p>',
    /^1 part/,
  ],
  ['a document in another file', '<w:subDoc r:id="x"/>', /^1 document in another file/],
  ['hidden text', `<w:p>${run('secret', '<w:vanish/>')}</w:p>`, /^1 piece of hidden text/],
  [
    'a symbol that nobody knows',
    '<w:p><w:r><w:sym w:font="House Font" w:char="F041"/></w:r></w:p>',
    /^1 symbol of an unknown font/,
  ],
  [
    'an inserted document that is not there',
    '<w:altChunk r:id="none"/>',
    /^1 part that the document refers to/,
  ],
])('Word: %s is named', async (_what, body, expected) => {
  const { remarks } = await loadDocx(word(`${paragraph('Text.')}${body}`), 'a.docx');
  expect(remarks).toEqual([expect.stringMatching(expected)]);
});

test('Word: headings and lists have the numbers that Word computes', async () => {
  const body = [
    paragraph('Scope', styled('Heading1') + numbered(1)),
    paragraph('Definitions', styled('Heading1') + numbered(1)),
    paragraph('Terms', styled('Heading2') + numbered(1, 1)),
    paragraph('First', numbered(2)),
    paragraph('inner', numbered(2, 1)),
    paragraph('inner too', numbered(2, 1)),
    paragraph('Second', numbered(2)),
    paragraph('inner again', numbered(2, 1)),
    paragraph('a point', numbered(3)),
    paragraph('Begins anew', numbered(4)),
  ].join('');
  expect((await textOf(body, withNumbers)).split('\n').filter((line) => line !== '')).toEqual([
    ...['# 1 Scope', '# 2 Definitions', '## 2.1 Terms'],
    ...[
      'I. First',
      '  a) inner',
      '  b) inner too',
      'II. Second',
      '  a) inner again',
      '- a point',
      '7 Begins anew',
    ],
  ]);
});

test('Word: a heading is one by its level in the outline, and by what its style is based on', async () => {
  const styles = `<w:styles>
    <w:style w:type="paragraph" w:styleId="H"><w:name w:val="heading 2"/></w:style>
    <w:style w:type="paragraph" w:styleId="Mine"><w:name w:val="Chapter"/><w:basedOn w:val="H"/></w:style>
    <w:style w:type="paragraph" w:styleId="Body"><w:name w:val="TOC Heading"/><w:basedOn w:val="H"/><w:pPr><w:outlineLvl w:val="9"/></w:pPr></w:style>
  </w:styles>`;
  const body = [
    paragraph('By outline', '<w:outlineLvl w:val="0"/>'),
    paragraph('By base', styled('Mine')),
    paragraph('No heading', styled('Body')),
  ].join('');
  expect(await textOf(body, { parts: { 'styles.xml': ['styles', styles] } })).toBe(
    '# By outline\n\n## By base\n\nNo heading',
  );
});

test('Word: each row of a table reads whole, with cells over several rows and columns in each of them', async () => {
  const body = `<w:tbl>${row(cell('Machine'), cell('Limits', '<w:gridSpan w:val="2"/>'))}${row(cell('Compressor', '<w:vMerge w:val="restart"/>'), cell('bar'), cell('700'))}${row(cell('', '<w:vMerge/>'), cell('°C'), cell('65'))}</w:tbl>`;
  expect(await textOf(body)).toBe('Machine | Limits | Limits\nCompressor | bar | 700\nCompressor | °C | 65');
});

test('Word: paragraphs and tables in a cell stay apart', async () => {
  const inner = `<w:tbl>${row(cell('a'), cell('b'))}</w:tbl>`;
  const body = `<w:tbl>${row(cell(paragraph('Close valve') + paragraph('Open vent')), cell(inner + paragraph('')))}</w:tbl>`;
  expect(await textOf(body)).toBe('Close valve; Open vent | a | b');
});

test('Word: notes and comments follow with their marks', async () => {
  const body = `<w:p>${run('Hydrogen')}<w:r><w:footnoteReference w:id="2"/></w:r>${run(' burns')}<w:r><w:commentReference w:id="0"/></w:r></w:p>`;
  const text = await textOf(body, {
    parts: {
      'footnotes.xml': [
        'footnotes',
        `<w:footnotes><w:footnote w:id="2">${paragraph('A gas.')}</w:footnote></w:footnotes>`,
      ],
      'comments.xml': [
        'comments',
        `<w:comments><w:comment w:id="0" w:author="Ada">${paragraph('Invisibly.')}</w:comment></w:comments>`,
      ],
    },
  });
  expect(text).toBe('Hydrogen[1] burns[comment 1]\n\n[1] A gas.\n[comment 1] Ada: Invisibly.');
});

test('Word: a character style makes text superscript, or hides it', async () => {
  const styles =
    '<w:styles><w:style w:type="character" w:styleId="Up"><w:rPr><w:vertAlign w:val="superscript"/></w:rPr></w:style><w:style w:type="character" w:styleId="Off"><w:rPr><w:vanish/></w:rPr></w:style></w:styles>';
  const body = `<w:p>${run('10')}${run('6', '<w:rStyle w:val="Up"/>')}${run(' Pa')}${run('secret', '<w:rStyle w:val="Off"/>')}</w:p>`;
  expect(await textOf(body, { parts: { 'styles.xml': ['styles', styles] } })).toBe('10^6 Pa');
});

test('Word: cells that older programs merge side by side hold the same', async () => {
  const body = `<w:tbl>${row(cell('Limits', '<w:hMerge w:val="restart"/>'), cell('', '<w:hMerge/>'), cell('Unit'))}${row(cell('1'), cell('2'), cell('bar'))}</w:tbl>`;
  expect(await textOf(body)).toBe('Limits | Limits | Unit\n1 | 2 | bar');
});

test.each<[string, string, string]>([
  ['a short code', paragraph('ACME'), '[header] ACME'],
  [
    'a code beside the number of the page',
    `<w:p>${run('QP-7731 ')}${field('PAGE', '3')}</w:p>`,
    '[header] QP-7731',
  ],
  [
    'a code beside words for the number of the page',
    `<w:p>${run('Rev. B | Seite ')}${field('PAGE', '3')}${run(' von ')}${field('NUMPAGES', '7')}</w:p>`,
    '[header] Rev. B',
  ],
  [
    'a table, row by row',
    `<w:tbl>${row(cell('Doc'), cell('QP-7731'))}${row(cell('Page'), cell(`<w:p>${field('PAGE', '3')}</w:p>`))}</w:tbl>`,
    '[header] Doc | QP-7731\n[header] Page',
  ],
  [
    'a watermark',
    '<w:p><w:r><w:pict><v:shape><v:textpath string="DRAFT"/></v:shape></w:pict></w:r></w:p>',
    '[header] DRAFT',
  ],
])('Word: of a header %s is read', async (_what, content, expected) => {
  const text = await textOf(
    paragraph('Text.', '<w:sectPr><w:headerReference w:type="default" r:id="header1"/></w:sectPr>'),
    { parts: { 'header1.xml': ['header', `<w:hdr>${content}</w:hdr>`] } },
  );
  expect(text).toBe(`Text.\n\n${expected}`);
});

test('Word: tables and boxes in notes are read', async () => {
  const box = `<w:p><w:r><w:pict><w:txbxContent>${paragraph('Boxed.')}</w:txbxContent></w:pict></w:r></w:p>`;
  const note = `<w:footnote w:id="2">${paragraph('See')}<w:tbl>${row(cell('a'), cell('b'))}</w:tbl>${box}</w:footnote>`;
  const text = await textOf(`<w:p>${run('Gas')}<w:r><w:footnoteReference w:id="2"/></w:r></w:p>`, {
    parts: { 'footnotes.xml': ['footnotes', `<w:footnotes>${note}</w:footnotes>`] },
  });
  expect(text).toBe('Gas[1]\n\n[1] See a | b Boxed.');
});

test('Word: headers and footers are there once, without the numbers of pages', async () => {
  const reference =
    '<w:sectPr><w:headerReference w:type="default" r:id="header1"/><w:footerReference r:id="footer1"/></w:sectPr>';
  const text = await textOf(paragraph('Text.', reference) + reference, {
    parts: {
      'header1.xml': ['header', `<w:hdr>${paragraph('Procedure QP-7731')}</w:hdr>`],
      'footer1.xml': [
        'footer',
        `<w:ftr><w:p>${run('Page ')}${field('PAGE', '3')}${run(' of ')}${field('NUMPAGES', '9')}</w:p></w:ftr>`,
      ],
    },
  });
  expect(text).toBe('Text.\n\n[header] Procedure QP-7731');
});

test('Word: inserted documents are read', async () => {
  const body = `${paragraph('Before.')}<w:altChunk r:id="page"/><w:altChunk r:id="other"/>`;
  const text = await textOf(body, {
    parts: {
      'page.html': ['aFChunk', '<html><body><p>From HTML.</p></body></html>'],
      'other.docx': ['aFChunk', word(paragraph('From Word.'))],
    },
  });
  expect(text).toBe('Before.\n\nFrom HTML.\n\nFrom Word.');
});

test('Word: inserted RTF and pages with their pictures in one file are read', async () => {
  const page =
    'MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary="x"\r\n\r\n--x\r\nContent-Type: text/html\r\n\r\n<html><body><p>From a page.</p></body></html>\r\n--x--\r\n';
  const text = await textOf(`<w:altChunk r:id="rich"/><w:altChunk r:id="page"/>`, {
    parts: {
      'rich.rtf': ['aFChunk', '{\\rtf1\\ansi From RTF.\\par}'],
      'page.mht': ['aFChunk', page],
    },
  });
  expect(text).toBe('From RTF.\n\nFrom a page.');
});

test('Word: of an inserted page is told what is not read', async () => {
  const page = '<html><body><p>Text.</p><iframe src="x"></iframe></body></html>';
  const file = word('<w:altChunk r:id="page"/>', { parts: { 'page.html': ['aFChunk', page] } });
  expect((await loadDocx(file, 'a.docx')).remarks).toEqual(['1 embedded frame or player is not read']);
});

test('Word: a chart in a text box is read once, with what is drawn on it', async () => {
  const chart = '<w:chartSpace><c:chart/><c:userShapes r:id="rId1"/></w:chartSpace>';
  const drawing = '<w:p><w:r><w:drawing><c:chart r:id="chart1"/></w:drawing></w:r></w:p>';
  const text = await textOf(
    `<w:p><w:r><w:drawing><w:txbxContent>${drawing}</w:txbxContent></w:drawing></w:r></w:p>`,
    {
      parts: {
        'chart1.xml': ['chart', chart],
        '_rels/chart1.xml.rels': [
          'none',
          '<Relationships xmlns="x"><Relationship Id="rId1" Type="chartUserShapes" Target="drawn.xml"/></Relationships>',
        ],
        'drawn.xml': [
          'none',
          '<w:userShapes><a:txBody><a:p><a:r><a:t>Peak</a:t></a:r></a:p></a:txBody></w:userShapes>',
        ],
      },
    },
  );
  expect(text).toBe('Chart\nPeak');
});

test('Word: a chart is its title and its values', async () => {
  const point = (value: string): string => `<c:pt idx="0"><c:v>${value}</c:v></c:pt>`;
  const chart = `<c:chartSpace><c:chart><c:title><a:p><a:r><a:t>Output</a:t></a:r></a:p></c:title><c:plotArea><c:ser><c:tx>${point('Plant A')}</c:tx><c:cat>${point('2024')}</c:cat><c:val>${point('41.5')}</c:val></c:ser></c:plotArea></c:chart></c:chartSpace>`;
  const text = await textOf('<w:p><w:r><w:drawing><c:chart r:id="chart1"/></w:drawing></w:r></w:p>', {
    parts: { 'chart1.xml': ['chart', chart] },
  });
  expect(text).toBe('Chart: Output\nPlant A - 2024: 41.5');
});

test('Word: the main part may have any name, and prefixes and namespaces may be others', async () => {
  expect(await textOf(paragraph('Text.'), { main: 'word/document2.xml' })).toBe('Text.');
  const strict = word(paragraph('Text.'), { main: 'content/Main.xml' });
  expect((await loadDocx(strict, 'a.docx')).text).toBe('Text.');
});
