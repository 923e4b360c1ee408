import { expect, test } from 'vitest';
import { loadOpenDocument } from '../../../src/library/reading/loaders/open-document.ts';
import { openDocument } from '../../support/files/open-document.ts';

const stylesPart = (styles: string, masters = ''): string =>
  `<office:document-styles><office:styles>${styles}</office:styles><office:master-styles>${masters}</office:master-styles></office:document-styles>`;

const load = (body: string, parts = {}, kind: 'text' | 'presentation' = 'text') =>
  loadOpenDocument(openDocument(kind, body, parts), 'a.odt');
const linesOf = async (body: string, styles = ''): Promise<string[]> =>
  (await load(body, { 'styles.xml': stylesPart(styles) })).text.split('\n').filter((line) => line !== '');

const p = (text: string): string => `<text:p>${text}</text:p>`;
const item = (content: string, more = ''): string => `<text:list-item ${more}>${content}</text:list-item>`;
const list = (content: string, more = 'text:style-name="L"'): string =>
  `<text:list ${more}>${content}</text:list>`;
const numbered = (level: number, more: string): string =>
  `<text:list-level-style-number text:level="${level}" ${more}/>`;
const listStyle = (...levels: readonly string[]): string =>
  `<text:list-style style:name="L">${levels.join('')}</text:list-style>`;
const decimal = numbered(1, 'style:num-format="1" style:num-suffix="."');
const lettered = numbered(2, 'style:num-format="a" style:num-suffix=")"');
const legal = numbered(2, 'style:num-format="1" style:num-suffix="." text:display-levels="2"');

test.each<[what: string, levels: readonly string[], body: string, lines: readonly string[]]>([
  ['numbers', [decimal], list(item(p('Close')) + item(p('Open'))), ['1. Close', '2. Open']],
  [
    'letters below numbers',
    [decimal, lettered],
    list(item(p('Close') + list(item(p('Left')) + item(p('Right')), '')) + item(p('Open'))),
    ['1. Close', '  a) Left', '  b) Right', '2. Open'],
  ],
  [
    'numbers of two levels',
    [decimal, legal],
    list(item(p('Scope')) + item(p('Terms') + list(item(p('Gas')), ''))),
    ['1. Scope', '2. Terms', '  2.1. Gas'],
  ],
  [
    'numbers that go on behind a paragraph',
    [decimal],
    `${list(item(p('Close')))}${p('Wait.')}${list(item(p('Open')), 'text:style-name="L" text:continue-numbering="true"')}`,
    ['1. Close', 'Wait.', '2. Open'],
  ],
  [
    'numbers that go on with another list',
    [decimal],
    `${list(item(p('Close')), 'xml:id="a" text:style-name="L"')}${list(item(p('Left')))}${list(item(p('Open')), 'text:continue-list="a" text:style-name="L"')}`,
    ['1. Close', '1. Left', '2. Open'],
  ],
  [
    'numbers that begin anew',
    [decimal],
    list(item(p('Close'))) + list(item(p('Open'))),
    ['1. Close', '1. Open'],
  ],
  [
    'a number of its own',
    [decimal],
    list(item(p('Close'), 'text:start-value="7"') + item(p('Open'))),
    ['7. Close', '8. Open'],
  ],
  [
    'a first number other than one',
    [numbered(1, 'style:num-format="I" text:start-value="4"')],
    list(item(p('Close'))),
    ['IV Close'],
  ],
  [
    'several paragraphs under one number',
    [decimal],
    list(item(p('Close') + p('slowly')) + item(p('Open'))),
    ['1. Close', 'slowly', '2. Open'],
  ],
  [
    'a deeper list alone, whose upper level has begun',
    [decimal, legal],
    list(item(list(item(p('Gas')), ''))) +
      list(item(p('Scope')), 'text:style-name="L" text:continue-numbering="true"'),
    ['  1.1. Gas', '2. Scope'],
  ],
  [
    'the number as newer programs write it',
    [
      numbered(1, 'style:num-format="A" loext:num-list-format="Appendix %1%:" style:num-prefix="x"').replace(
        '/>',
        ' xmlns:loext="urn:loext"/>',
      ),
    ],
    list(item(p('Terms'))),
    ['Appendix A: Terms'],
  ],
  [
    'a number that stands in the text',
    [decimal],
    list(item(`<text:number>3.</text:number>${p('Close')}`)),
    ['3. Close'],
  ],
  [
    'bullets',
    ['<text:list-level-style-bullet text:level="1" text:bullet-char="•"/>'],
    list(item(p('Close'))),
    ['- Close'],
  ],
  ['no numbers', [numbered(1, 'style:num-format=""')], list(item(p('Close'))), ['Close']],
  [
    'a header without a number',
    [decimal],
    list(`<text:list-header>${p('Steps')}</text:list-header>${item(p('Close'))}`),
    ['Steps', '1. Close'],
  ],
  ['a heading', [decimal], list(item('<text:h text:outline-level="2">Scope</text:h>')), ['## 1. Scope']],
  [
    'numbered paragraphs in no list',
    [decimal],
    `<text:numbered-paragraph text:list-id="n" text:style-name="L">${p('Close')}</text:numbered-paragraph>${p('Wait.')}<text:numbered-paragraph text:list-id="n" text:style-name="L">${p('Open')}</text:numbered-paragraph>`,
    ['1. Close', 'Wait.', '2. Open'],
  ],
  [
    'words whose first letter is set apart',
    [decimal],
    list(
      item(p('<text:span>C</text:span>lose')) + item(p('<text:span text:style-name="Drop">O</text:span>pen')),
    ),
    ['1. Close', '2. Open'],
  ],
])('a list of OpenDocument has %s', async (_what, levels, body, lines) => {
  expect(await linesOf(body, listStyle(...levels))).toEqual(lines);
});

const outline =
  '<text:outline-style><text:outline-level-style text:level="1" style:num-format="1"/><text:outline-level-style text:level="2" style:num-format="1" text:display-levels="2"/></text:outline-style>';
const heading = (level: number, text: string, more = ''): string =>
  `<text:h text:outline-level="${level}" ${more}>${text}</text:h>`;

test.each<[what: string, body: string, lines: readonly string[]]>([
  [
    'counted',
    heading(1, 'Scope') + heading(1, 'Terms') + heading(2, 'Gas'),
    ['# 1 Scope', '# 2 Terms', '## 2.1 Gas'],
  ],
  ['of its own', heading(1, 'Scope', 'text:start-value="4"'), ['# 4 Scope']],
  ['in the text', heading(1, '<text:number>9</text:number>Scope'), ['# 9 Scope']],
  [
    'left away',
    heading(1, 'Preface', 'text:is-list-header="true"') + heading(1, 'Scope'),
    ['# Preface', '# 1 Scope'],
  ],
  [
    'that its style has not',
    heading(1, 'Preface', 'text:style-name="Plain"') + heading(1, 'Scope'),
    ['# Preface', '# 1 Scope'],
  ],
])('the number of a heading of OpenDocument may be %s', async (_what, body, lines) => {
  const plain =
    '<style:style style:name="None" style:family="paragraph" style:list-style-name=""/><style:style style:name="Plain" style:family="paragraph" style:parent-style-name="None"/>';
  expect(await linesOf(body, outline + plain)).toEqual(lines);
});

const cellOf = (content: string): string =>
  `<table:table><table:table-row><table:table-cell>${p('Pump')}</table:table-cell><table:table-cell>${content}</table:table-cell></table:table-row></table:table>`;
const box = (text: string): string => `<draw:frame><draw:text-box>${p(text)}</draw:text-box></draw:frame>`;

test.each<[what: string, content: string, expected: string]>([
  ['paragraphs', p('Close') + p('Wait'), 'Close; Wait'],
  ['text in a box', p(`Close ${box('slowly')}`), 'Close; slowly'],
  [
    'a picture that is described',
    p('<draw:frame><draw:image/><svg:desc>Flow</svg:desc></draw:frame>'),
    '[Flow]',
  ],
  ['a shape with text', p('<draw:custom-shape><text:p>Hot</text:p></draw:custom-shape>'), 'Hot'],
  ['a list', list(item(p('Close')) + item(p('Open'))), '1. Close; 2. Open'],
  ['a heading before a paragraph', heading(3, 'Steps') + p('Close'), 'Steps; Close'],
  ['a table', cellOf(p('12 bar')), 'Pump | 12 bar'],
])('a cell of OpenDocument may hold %s', async (_what, content, expected) => {
  expect(await linesOf(cellOf(content), listStyle(decimal))).toEqual([`Pump | ${expected}`]);
});

test('pictures in cells that nothing describes are named', async () => {
  const { remarks } = await load(cellOf(p('<draw:frame><draw:image/></draw:frame>')));
  expect(remarks).toEqual(['1 picture without a description is not read']);
});

test.each<[what: string, body: string, expected: string]>([
  ['an exponent', p('10<text:span text:style-name="Up">6</text:span> Pa'), '10^6 Pa'],
  ['shapes beside a line', p('Text<draw:ellipse><text:p>Hot</text:p></draw:ellipse>'), 'Text\n\nHot'],
  [
    'the description of a shape',
    p('Text<draw:line><svg:title>Flow</svg:title></draw:line>'),
    'Text\n\n[Flow]',
  ],
  [
    'a picture that is a link',
    '<text:p><draw:a><draw:frame><draw:image/><svg:desc>Flow</svg:desc></draw:frame></draw:a></text:p>',
    '[Flow]',
  ],
  [
    'a list of books',
    '<text:bibliography><text:bibliography-source>x</text:bibliography-source><text:index-body><text:p>Ada: Pumps</text:p></text:index-body></text:bibliography>',
    'Ada: Pumps',
  ],
  ['a page number that the text tells', p('See page <text:page-number>3</text:page-number>.'), 'See page 3.'],
  [
    'what was filled in and ticked',
    '<office:forms><form:form><form:text form:id="a" form:current-value="QX-7"/><form:checkbox form:id="b" form:label="Smoking" form:current-state="checked"/></form:form></office:forms><text:p>Serial <draw:control draw:control="a"/><draw:control draw:control="b"/></text:p>',
    'Serial\n\nQX-7\n\n☒ Smoking',
  ],
])('OpenDocument text: %s is read', async (_what, body, expected) => {
  const up =
    '<style:style style:name="Up" style:family="text"><style:text-properties style:text-position="super 58%"/></style:style>';
  expect((await load(body, { 'styles.xml': stylesPart(up) })).text).toBe(expected);
});

test.each<[what: string, master: string, expected: string]>([
  ['a header', `<style:header>${p('Plant handbook')}</style:header>`, '[header] Plant handbook'],
  ['a word', `<style:header>${p('Draft')}</style:header>`, '[header] Draft'],
  [
    'a line without the number of the page',
    `<style:footer>${p('Plant handbook - page <text:page-number>3</text:page-number> of <text:page-count>9</text:page-count>')}</style:footer>`,
    '[footer] Plant handbook',
  ],
  ['the first page', `<style:header-first>${p('Secret')}</style:header-first>`, '[header] Secret'],
  ['left pages', `<style:footer-left>${p('Revision F')}</style:footer-left>`, '[footer] Revision F'],
  ['text in a box', `<style:footer>${p(box('Revision F'))}</style:footer>`, '[footer] Revision F'],
])('headers and footers of OpenDocument: %s', async (_what, master, expected) => {
  const parts = { 'styles.xml': stylesPart('', `<style:master-page>${master}</style:master-page>`) };
  expect((await load(p('Text.'), parts)).text).toBe(`Text.\n\n${expected}`);
});

test('a header of nothing but the number of the page is none', async () => {
  const header = `<style:master-page><style:header>${p('Page <text:page-number>3</text:page-number>')}</style:header></style:master-page>`;
  expect((await load(p('Text.'), { 'styles.xml': stylesPart('', header) })).text).toBe('Text.');
});

test('slides: shapes, comments and footers are read, films are named', async () => {
  const body =
    '<presentation:footer-decl>Plant 7</presentation:footer-decl><draw:page><office:annotation><dc:creator>Ada</dc:creator><text:p>Which?</text:p></office:annotation><draw:connector><text:p>to the tank</text:p></draw:connector><draw:a><draw:frame><draw:text-box><text:p>The manual</text:p></draw:text-box></draw:frame></draw:a><draw:frame><draw:plugin/></draw:frame></draw:page>';
  expect(await load(body, {}, 'presentation')).toMatchObject({
    text: '[slide 1]\n\n[comment 1]\n\nto the tank\n\nThe manual\n\n[comment 1] Ada: Which?\n[footer] Plant 7',
    remarks: ['1 sound or video is not read'],
  });
});

test('slides: words of the design in use are told once, what slides fill in is not', async () => {
  const master = (name: string, content: string): string =>
    `<style:master-page style:name="${name}">${content}</style:master-page>`;
  const framed = (text: string, more = ''): string =>
    `<draw:frame ${more}><draw:text-box>${p(text)}</draw:text-box></draw:frame>`;
  const masters =
    master(
      'A',
      `${framed('Plant 7')}${framed('Click to edit', 'presentation:class="title"')}<draw:frame><draw:image/></draw:frame>`,
    ) + master('B', framed('Not in use'));
  const page = `<draw:page draw:master-page-name="A">${framed('Goals')}</draw:page>`;
  const { text, remarks } = await load(
    page + page,
    { 'styles.xml': stylesPart('', masters) },
    'presentation',
  );
  expect({ text, remarks }).toEqual({
    text: '[slide 1]\n\nGoals\n\n[slide 2]\n\nGoals\n\n[design] Plant 7',
    remarks: undefined,
  });
});

test('charts and formulas of a document are read, other objects are named', async () => {
  const object = (name: string): string =>
    p(`<draw:frame><draw:object xlink:href="./${name}"/><draw:image/></draw:frame>`);
  const parts = {
    'chart/content.xml':
      '<office:body><chart:chart><chart:title><text:p>Flow</text:p></chart:title></chart:chart></office:body>',
    'formula/content.xml': '<math><mi>E</mi><mo>=</mo><mi>m</mi></math>',
    'sheet/content.xml': '<office:body/>',
  };
  expect(await load(object('chart') + object('formula') + object('sheet'), parts)).toMatchObject({
    text: 'Chart: Flow\n\nE=m',
    remarks: ['1 embedded object is not read'],
  });
});

test('a document whose properties are damaged is read without them', async () => {
  expect(await load(p('Text.'), { 'meta.xml': '<meta' })).toMatchObject({ title: 'a.odt', text: 'Text.' });
});

test('title, author, day and language of a document are told', async () => {
  const meta =
    '<office:document-meta><office:meta><dc:title>Anlage</dc:title><dc:creator>Ada</dc:creator><dc:language>de-DE</dc:language><meta:creation-date>2026-03-01T09:30:00</meta:creation-date></office:meta></office:document-meta>';
  expect(await load(p('Text.'), { 'meta.xml': meta })).toMatchObject({
    title: 'Anlage',
    metadata: { author: 'Ada', language: 'de-DE', created: '2026-03-01T09:30:00.000Z' },
  });
});
