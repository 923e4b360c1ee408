import { expect, test } from 'vitest';
import { randomNumbers } from '../../../scripts/random.ts';
import { loadDocx } from '../../../src/library/reading/loaders/docx.ts';
import type { BytesLoader } from '../../../src/library/reading/loaders/loader.ts';
import { loadPptx } from '../../../src/library/reading/loaders/pptx.ts';
import { loadXlsx } from '../../../src/library/reading/loaders/workbook.ts';
import { docx, pptx, xlsx } from '../../support/files/office.ts';
import { packageChanges, partsOf, rewritten } from '../../support/files/package-changes.ts';
import { workbookOfAllParts } from '../../support/files/sheet-parts.ts';
import { slides } from '../../support/files/slides.ts';
import { cell, paragraph, row, run, word } from '../../support/files/word.ts';
import { repetitions } from '../../support/repetitions.ts';

// A package may be written in many ways; what it says is the same.

const chart =
  '<c:chartSpace><c:chart><c:title><a:p><a:r><a:t>Output</a:t></a:r></a:p></c:title><c:ser><c:cat><c:pt idx="0"><c:v>2024</c:v></c:pt></c:cat><c:val><c:pt idx="0"><c:v>41.5</c:v></c:pt></c:val></c:ser></c:chart></c:chartSpace>';

/** A document of whose parts each is found by what refers to it. */
const report = (): Buffer =>
  word(
    [
      paragraph('Scope', '<w:pStyle w:val="H"/><w:numPr><w:ilvl w:val="0"/><w:numId w:val="1"/></w:numPr>'),
      `<w:p w:rsidR="00A1">${run('10')}${run('6', '<w:vertAlign w:val="superscript"/>')}${run(' Pa &amp; more')}<w:r><w:footnoteReference w:id="2"/></w:r></w:p>`,
      '<w:p><w:r><w:drawing><c:chart r:id="chart1"/></w:drawing></w:r></w:p>',
      `<w:p><w:r><mc:AlternateContent><mc:Choice Requires="w14"><w:drawing><w:txbxContent>${paragraph('In the box')}</w:txbxContent></w:drawing></mc:Choice></mc:AlternateContent></w:r></w:p>`,
      `<w:tbl>${row(cell('Machine', '<w:vMerge w:val="restart"/>'), cell('bar'))}${row(cell('', '<w:vMerge/>'), cell('700'))}</w:tbl>`,
      '<w:altChunk r:id="page"/>',
      '<w:sectPr><w:headerReference w:type="default" r:id="header1"/></w:sectPr>',
    ].join(''),
    {
      parts: {
        'styles.xml': [
          'styles',
          '<w:styles><w:style w:type="paragraph" w:styleId="H"><w:name w:val="heading 1"/></w:style></w:styles>',
        ],
        'numbering.xml': [
          'numbering',
          '<w:numbering><w:abstractNum w:abstractNumId="0"><w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="decimal"/><w:lvlText w:val="%1"/></w:lvl></w:abstractNum><w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num></w:numbering>',
        ],
        'footnotes.xml': [
          'footnotes',
          `<w:footnotes><w:footnote w:id="2">${paragraph('A gas.')}</w:footnote></w:footnotes>`,
        ],
        'header1.xml': ['header', `<w:hdr>${paragraph('Procedure QP-7731')}</w:hdr>`],
        'chart1.xml': ['chart', chart.replace('<c:chartSpace', '<w:x').replace('</c:chartSpace', '</w:x')],
        'page.html': ['aFChunk', '<html><body><p>From HTML.</p></body></html>'],
      },
    },
  );

const files: Readonly<Record<string, readonly [Buffer, BytesLoader]>> = {
  'a Word document with all kinds of parts': [report(), loadDocx],
  'a plain Word document': [
    docx([{ heading: 'Storage', level: 1 }, 'The tank holds 700 bar.'], { title: 'Plant' }),
    loadDocx,
  ],
  'a presentation with all kinds of parts': [slides(), loadPptx],
  'a plain presentation': [
    pptx([
      { title: 'Goals', lines: ['Less cost.'], notes: 'Say more.' },
      { title: 'Costs', lines: ['Much.'] },
    ]),
    loadPptx,
  ],
  'a workbook with all kinds of parts': [workbookOfAllParts(), loadXlsx],
  'a plain workbook': [
    xlsx({
      Parts: [
        ['Part', 'Count'],
        ['Bolt', 12],
      ],
      Plan: [['Buy more.']],
    }),
    loadXlsx,
  ],
};
const cases = Object.entries(files).map(([what, [file, load]]) => [what, file, load] as const);

test.each(cases)('%s says the same, whatever one change of its writing', async (_what, file, load) => {
  const expected = await load(file, 'a');
  const parts = await partsOf(file);
  for (const change of packageChanges) {
    for (let seed = 1; seed <= 4; seed++) {
      const changed = rewritten(parts, randomNumbers(seed), [change]);
      expect(await load(changed, 'a').catch(String), `${change}, seed ${seed}`).toEqual(expected);
    }
  }
});

test.each(cases)('%s says the same, however it is written', async (_what, file, load) => {
  const expected = await load(file, 'a');
  const parts = await partsOf(file);
  for (let seed = 1; seed <= repetitions(40, 500); seed++)
    expect(await load(rewritten(parts, randomNumbers(seed)), 'a').catch(String), `seed ${seed}`).toEqual(
      expected,
    );
});
