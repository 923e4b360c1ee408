import { expect, test } from 'vitest';
import type { LoadedDocument } from '../../../src/library/reading/loaders/loader.ts';
import { loadPptx } from '../../../src/library/reading/loaders/pptx.ts';
import {
  chartPart,
  diagramPart,
  frame,
  paragraphs,
  presentation,
  type SlideParts,
  type SlideXml,
  shape,
  tableCell,
  tableRow,
  tree,
} from '../../support/files/slides.ts';

const slide = (shapes: string, parts: SlideParts = {}): SlideXml => ({ shapes, parts });
const loaded = (...slides: readonly SlideXml[]): Promise<LoadedDocument> =>
  loadPptx(presentation(slides), 'a.pptx');
const picture = (properties: string, more = ''): string =>
  `<p:pic><p:nvPicPr><p:cNvPr id="5" name="Picture 4" ${properties}/><p:nvPr>${more}</p:nvPr></p:nvPicPr><p:blipFill/></p:pic>`;
const field = (type: string, text: string): string => `<a:fld type="${type}"><a:t>${text}</a:t></a:fld>`;
const raised = (text: string): string => `<a:r><a:rPr baseline="30000"/><a:t>${text}</a:t></a:r>`;
const plain = (text: string): string => `<a:r><a:t>${text}</a:t></a:r>`;
const square =
  '<m:oMath><m:r><m:t>E=m</m:t></m:r><m:sSup><m:e><m:r><m:t>c</m:t></m:r></m:e><m:sup><m:r><m:t>2</m:t></m:r></m:sup></m:sSup></m:oMath>';
const choice = (first: string, second: string): string =>
  `<mc:AlternateContent><mc:Choice Requires="a14">${first}</mc:Choice><mc:Fallback>${second}</mc:Fallback></mc:AlternateContent>`;

const newerChart =
  '<cx:chartSpace xmlns:cx="x"><cx:chartData><cx:data id="0"><cx:strDim type="cat"><cx:lvl><cx:pt idx="0">Open</cx:pt></cx:lvl></cx:strDim><cx:numDim type="val"><cx:lvl><cx:pt idx="0">7</cx:pt></cx:lvl></cx:numDim></cx:data></cx:chartData><cx:chart><cx:title><cx:tx><cx:rich><a:p><a:r><a:t>Steps</a:t></a:r></a:p></cx:rich></cx:tx></cx:title><cx:series><cx:tx><cx:txData><cx:v>2024</cx:v></cx:txData></cx:tx><cx:dataId val="0"/></cx:series></cx:chart></cx:chartSpace>';
const groupedChart = chartPart.replace(
  /<c:cat>.*<\/c:cat>/,
  '<c:cat><c:multiLvlStrRef><c:multiLvlStrCache><c:lvl><c:pt idx="0"><c:v>Q1</c:v></c:pt></c:lvl><c:lvl><c:pt idx="0"><c:v>2024</c:v></c:pt></c:lvl></c:multiLvlStrCache></c:multiLvlStrRef></c:cat>',
);

const marked = (...lines: readonly string[]): string => ['[slide 1]', ...lines].join('\n\n');

test.each<[string, SlideXml, string]>([
  ['a title', slide(shape('Goals', 'type="title"')), marked('# Goals')],
  [
    'a title that only its layout calls so',
    slide(shape('Goals', 'idx="7"'), {
      'layout.xml': ['slideLayout', tree('sldLayout', shape('Click here', 'type="title" idx="7"'))],
    }),
    marked('# Goals'),
  ],
  [
    'shapes of groups',
    slide(`<p:grpSp><p:grpSp>${shape('Inner')}</p:grpSp>${shape('Outer')}</p:grpSp>`),
    marked('Inner', 'Outer'),
  ],
  [
    'the description of a group',
    slide('<p:grpSp><p:nvGrpSpPr><p:cNvPr id="9" descr="Flow of the plant"/></p:nvGrpSpPr></p:grpSp>'),
    marked('[Flow of the plant]'),
  ],
  [
    'a table with cells over several columns and rows',
    slide(
      frame(
        `<a:tbl>${tableRow(tableCell('Machine'), tableCell('Limits', 'gridSpan="2"'), tableCell('', 'hMerge="1"'))}${tableRow(tableCell('Press', 'rowSpan="2"'), tableCell('bar'), tableCell('7'))}${tableRow(tableCell('', 'vMerge="1"'), tableCell('°C'), tableCell('65'))}</a:tbl>`,
      ),
    ),
    marked('Machine | Limits | Limits\nPress | bar | 7\nPress | °C | 65'),
  ],
  [
    'a chart with its title, series and categories',
    slide(frame('<c:chart r:id="chart"/>'), { 'chart.xml': ['chart', chartPart] }),
    marked('Chart: Output\nPlant A - 2024: 41.5'),
  ],
  [
    'a chart with categories in groups',
    slide(frame('<c:chart r:id="chart"/>'), { 'chart.xml': ['chart', groupedChart] }),
    marked('Chart: Output\nPlant A - 2024 Q1: 41.5'),
  ],
  [
    'a chart of newer programs',
    slide(frame('<cx:chart xmlns:cx="x" r:id="chart"/>'), { 'chart.xml': ['chartEx', newerChart] }),
    marked('Chart: Steps\n2024 - Open: 7'),
  ],
  [
    'the description of a chart beside it',
    slide(frame('<c:chart r:id="chart"/>', 'descr="Output grows"'), { 'chart.xml': ['chart', chartPart] }),
    marked('Chart: Output\nPlant A - 2024: 41.5', '[Output grows]'),
  ],
  [
    'a diagram',
    slide(frame('<dgm:relIds r:dm="data"/>'), { 'data.xml': ['diagramData', diagramPart] }),
    marked('Plan\nBuild'),
  ],
  [
    'notes',
    slide(shape('Text.'), { 'notes.xml': ['notesSlide', tree('notes', shape('Say more.', 'type="body"'))] }),
    marked('Text.', 'Notes: Say more.'),
  ],
  [
    'comments of newer programs, with answers',
    slide(shape('Text.'), {
      'talk.xml': [
        'comments',
        `<p:cmLst><p:cm><p:replyLst><p:reply><p:txBody>${paragraphs('This one.')}</p:txBody></p:reply></p:replyLst><p:txBody>${paragraphs('Which?')}</p:txBody></p:cm></p:cmLst>`,
      ],
    }),
    marked('Text.', 'Comments: Which?\nThis one.'),
  ],
  [
    'the description of a picture',
    slide(picture('descr="Flow of the plant"')),
    marked('[Flow of the plant]'),
  ],
  [
    'an equation, once',
    slide(
      choice(shape(`<a:p>${choice(`<a14:m>${square}</a14:m>`, plain('?'))}</a:p>`), shape('a picture of it')),
    ),
    marked('E=mc^2'),
  ],
  [
    'exponents, and marks of notes',
    slide(shape(`<a:p>${plain('10')}${raised('6')}${plain(' Pa, as measured')}${raised('2')}</a:p>`)),
    marked('10^6 Pa, as measured[2]'),
  ],
  [
    'the numbers of steps',
    slide(
      shape(
        `<a:p><a:pPr><a:buAutoNum type="arabicPeriod" startAt="3"/></a:pPr>${plain('Open')}</a:p><a:p><a:pPr><a:buAutoNum type="arabicPeriod"/></a:pPr>${plain('Close')}</a:p>`,
      ),
    ),
    marked('3. Open\n4. Close'),
  ],
  [
    'a slide that is not shown',
    { shapes: shape('Text.'), attributes: 'show="0"' },
    marked('[hidden slide]', 'Text.'),
  ],
  [
    'no number of the slide, no date of today',
    slide(
      `${shape('Text.')}${shape(`<a:p>${field('slidenum', '3')}</a:p>`)}${shape(`<a:p>${field('datetime1', '1/2/24')}</a:p>`, 'type="dt"')}${shape('3', 'type="sldNum"')}`,
    ),
    marked('Text.'),
  ],
  [
    'words of the design, not those that say what goes where',
    slide(shape('Text.'), {
      'layout.xml': [
        'slideLayout',
        tree('sldLayout', shape('Internal') + shape('Click to edit', 'type="body"')),
      ],
    }),
    marked('Text.', '[design] Internal'),
  ],
])('a slide: %s', async (_what, content, expected) => {
  expect((await loaded(content)).text).toBe(expected);
});

test('footers are there once', async () => {
  const one = slide(shape('Text.') + shape('ACME', 'type="ftr"'));
  expect((await loaded(one, one)).text).toBe('[slide 1]\n\nText.\n\n[footer] ACME\n\n[slide 2]\n\nText.');
});

test('a comment has its author', async () => {
  const file = presentation(
    [
      slide(shape('Text.'), {
        'talk.xml': ['comments', '<p:cmLst><p:cm authorId="4"><p:text>Which?</p:text></p:cm></p:cmLst>'],
      }),
    ],
    {
      parts: {
        'who.xml': ['commentAuthors', '<p:cmAuthorLst><p:cmAuthor id="4" name="Ada"/></p:cmAuthorLst>'],
      },
    },
  );
  expect((await loadPptx(file, 'a.pptx')).text).toContain('Comments: Ada: Which?');
});

test('a section is named on its first slide', async () => {
  const sections =
    '<p:extLst><p:ext><p14:sectionLst><p14:section name="Costs"><p14:sldIdLst><p14:sldId id="257"/></p14:sldIdLst></p14:section></p14:sectionLst></p:ext></p:extLst>';
  const file = presentation([slide(shape('One')), slide(shape('Two'))], { more: sections });
  const { text, metadata } = await loadPptx(file, 'a.pptx');
  expect(text).toBe('[slide 1]\n\nOne\n\n[slide 2]\n\n[section Costs]\n\nTwo');
  expect(metadata['slides']).toBe(2);
});

test.each<[string, SlideXml, RegExp]>([
  ['a picture without a description', slide(picture('')), /^1 picture without a description/],
  [
    'a picture in the notes',
    slide('', { 'notes.xml': ['notesSlide', tree('notes', picture(''))] }),
    /^1 picture without a description/,
  ],
  [
    'a shape that is filled with a picture',
    slide('<p:sp><p:spPr><a:blipFill/></p:spPr></p:sp>'),
    /^1 picture without a description/,
  ],
  [
    'an embedded workbook, without counting its picture',
    slide(
      frame(
        choice(
          '<p:oleObj progId="Excel.Sheet.12"/>',
          `<p:oleObj progId="Excel.Sheet.12">${picture('')}</p:oleObj>`,
        ),
      ),
    ),
    /^1 embedded object is not read \(Excel\.Sheet\.12\)$/,
  ],
  ['a video', slide(picture('', '<a:videoFile r:link="x"/>')), /^1 sound or video is not read$/],
  [
    'what only its program knows',
    slide('<p:graphicFrame><a:graphic><a:graphicData uri="x"/></a:graphic></p:graphicFrame>'),
    /^1 embedded object/,
  ],
  ['a control', { shapes: '', more: '<p:controls><p:control name="Slider"/></p:controls>' }, /\(Slider\)$/],
  ['a chart that is not there', slide(frame('<c:chart r:id="none"/>')), /^1 part that a slide refers to/],
])('a slide: %s is named', async (_what, content, expected) => {
  expect((await loaded({ ...content, shapes: shape('Text.') + content.shapes })).remarks).toEqual([
    expect.stringMatching(expected),
  ]);
});

test('a picture that only decorates is not named', async () => {
  const decorative = picture('', '').replace(
    '/><p:nvPr>',
    '><a:extLst><a:ext><x:decorative xmlns:x="x" val="1"/></a:ext></a:extLst></p:cNvPr><p:nvPr>',
  );
  expect((await loaded(slide(shape('Text.') + decorative))).remarks).toBeUndefined();
});
