import { expect, test } from 'vitest';
import { loadJson } from '../../../src/library/reading/loaders/json.ts';
import { loadNotebook } from '../../../src/library/reading/loaders/notebook.ts';
import { loadOpenDocument } from '../../../src/library/reading/loaders/open-document.ts';
import { loadRestructuredText } from '../../../src/library/reading/loaders/restructured-text.ts';
import { loadRtf } from '../../../src/library/reading/loaders/rtf.ts';
import { openDocument } from '../../support/files/open-document.ts';

const notebook = (...cells: readonly object[]): string =>
  JSON.stringify({ nbformat: 4, metadata: { language_info: { name: 'python' } }, cells });
const code = (source: string, ...outputs: readonly object[]): object => ({
  cell_type: 'code',
  source,
  outputs,
});

test.each<[string, object, string]>([
  [
    'text',
    { cell_type: 'markdown', source: ['# Study\n', '\n', 'The pump runs.'] },
    '# Study\n\nThe pump runs.',
  ],
  ['code', code('x = 1'), '```python\nx = 1\n```'],
  ['what it printed', code('', { output_type: 'stream', text: ['12 bar\n'] }), '```\n12 bar\n```'],
  ['a result', code('', { output_type: 'execute_result', data: { 'text/plain': '42' } }), '```\n42\n```'],
  [
    'an error, without the colours',
    code('', { output_type: 'error', ename: 'ValueError', evalue: '\u001b[31mbad\u001b[0m' }),
    '```\nValueError: bad\n```',
  ],
  [
    'a table',
    code('', {
      output_type: 'display_data',
      data: { 'text/plain': 'x', 'text/html': '<table><tr><td>bar</td><td>700</td></tr></table>' },
    }),
    '```\nbar\n700\n```',
  ],
])('a notebook: %s is in the text', (_what, cell, expected) => {
  expect(loadNotebook(notebook(cell), 'a.ipynb').text).toBe(expected);
});

test('a notebook: pictures are named', () => {
  const picture = code('plot()', {
    output_type: 'display_data',
    data: { 'image/png': 'aGk=', 'text/plain': '<Figure size 1>' },
  });
  expect(loadNotebook(notebook(picture), 'a.ipynb').remarks).toEqual(['1 picture of an output is not read']);
});

test('a notebook: an error is told with the lines where it happened', () => {
  const failed = code('1 / 0', {
    output_type: 'error',
    ename: 'ZeroDivisionError',
    evalue: 'division by zero',
    traceback: ['\u001b[31mTraceback\u001b[0m in cell 1', 'ZeroDivisionError: division by zero'],
  });

  expect(loadNotebook(notebook(failed), 'a.ipynb').text).toContain(
    '```\nTraceback in cell 1\nZeroDivisionError: division by zero\n```',
  );
});

test('a notebook of version 3', () => {
  const old = {
    nbformat: 3,
    worksheets: [
      {
        cells: [
          { cell_type: 'heading', level: 2, source: 'Old' },
          { cell_type: 'code', input: 'y', outputs: [] },
        ],
      },
    ],
  };
  expect(loadNotebook(JSON.stringify(old), 'a.ipynb').text).toBe('## Old\n\n```\ny\n```');
});

test('reStructuredText: titles are levels in the order of their signs', () => {
  const text =
    '=====\nGuide\n=====\n\nIntro.\n\nPumps\n-----\n\nText.\n\nValves\n^^^^^^\n\nMore.\n\nTanks\n-----\n\nLast.\n';
  expect(
    loadRestructuredText(text, 'a.rst').blocks.map(({ heading, text }) => [heading.join(' › '), text]),
  ).toEqual([
    ['Guide', 'Intro.'],
    ['Guide › Pumps', 'Text.'],
    ['Guide › Pumps › Valves', 'More.'],
    ['Guide › Tanks', 'Last.'],
  ]);
});

test.each<[string, string, readonly string[]]>([
  ['of two letters', 'C#\n==\n\nText.', ['C#']],
  ['of two letters with a line above', '==\nC#\n==\n\nText.', ['C#']],
  ['of one letter', 'R\n-\n\nText.', ['R']],
  ['that are wider than their line of four signs', 'Storage tanks\n----\n\nText.', ['Storage tanks']],
  ['right below another', 'Guide\n=====\nC#\n--\nText.', ['Guide', 'C#']],
  ['right below a label', '.. _pumps:\nPumps\n=====\n\nText.', ['Pumps']],
  ['right below code', 'Run::\n\n   start\nPumps\n=====\n\nText.', ['Pumps']],
])('reStructuredText: titles %s are found', (_what, text, expected) => {
  expect(loadRestructuredText(text, 'a.rst').blocks.at(-1)).toMatchObject({
    heading: expected,
    text: 'Text.',
  });
});

test.each<[string, string]>([
  ['words above a line that is too short', 'The pump\n---\n\nText.'],
  ['words between lines that are too short', '==\nThe pump\n==\n\nText.'],
  ['two letters before code', 'or\n::\n\n   start'],
  ['a bullet without words', '-\nA\n-\nText.'],
  ['the second line of a paragraph', 'The pump\nruns\n====\n\nText.'],
])('reStructuredText: %s are no title', (_what, text) => {
  expect(loadRestructuredText(text, 'a.rst').blocks.flatMap(({ heading }) => heading)).toEqual([]);
});

test('GeoJSON: each feature is a record, long geometries are counted', () => {
  const line = Array.from({ length: 9 }, (_, i) => [i, i]);
  const source = JSON.stringify({
    type: 'FeatureCollection',
    features: [
      {
        type: 'Feature',
        properties: { name: 'Nord', bar: 700 },
        geometry: { type: 'Point', coordinates: [9.5, 54] },
      },
      { type: 'Feature', properties: { name: 'Line' }, geometry: { type: 'LineString', coordinates: line } },
    ],
  });
  const { text, remarks } = loadJson(source, 'a.geojson');
  expect(text).toBe(
    'name: Nord\nbar: 700\ngeometry: Point, [9.5,54]\n\nname: Line\ngeometry: LineString, 9 positions',
  );
  expect(remarks).toEqual(['the coordinates of 1 geometries are counted, not written']);
});

const rtfText = async (content: string): Promise<string> =>
  (await loadRtf(Buffer.from(`{\\rtf1\\ansi\\ansicpg1252 ${content}}`, 'latin1'), 'a.rtf')).text;

test.each<[string, string, string]>([
  ['paragraphs', 'The pump\\par runs.', 'The pump\n\nruns.'],
  ['letters of a code page', "Gr\\'f6\\'dfe", 'Größe'],
  ["letters of a font's code page", "{\\fonttbl{\\f1\\fcharset204 Arial;}}\\f1 \\'e2\\'ee\\'e4\\'e0", 'вода'],
  ['letters by number, whose stand-in is left out', '\\uc1\\u27700?\\u32032?', '水素'],
  ['signs', '5\\~bar \\endash  a\\_b \\{x\\}', '5 bar – a-b {x}'],
  ['a heading', '\\pard\\outlinelevel0 Storage\\par\\pard Text.', '# Storage\n\nText.'],
  [
    'a table',
    '\\trowd\\pard\\intbl bar\\cell 700\\cell\\row\\trowd\\pard\\intbl °C\\cell 65\\cell\\row\\pard After',
    'bar | 700\n°C | 65\n\nAfter',
  ],
  ['a link by its text', '{\\field{\\*\\fldinst HYPERLINK "x"}{\\fldrslt the manual}}', 'the manual'],
  [
    'no fonts, styles or unknown groups',
    '{\\fonttbl{\\f0 Arial;}}{\\stylesheet{Normal;}}{\\*\\unknown x}Text',
    'Text',
  ],
])('RTF: %s', async (_what, content, expected) => {
  expect(await rtfText(content)).toBe(expected);
});

test('RTF: title and author are told, pictures and hidden text are named', async () => {
  const content = '{\\rtf1{\\info{\\title Plant}{\\author Ada}}Text {\\v secret}{\\pict 00ff}\\par}';
  expect(await loadRtf(Buffer.from(content), 'a.rtf')).toMatchObject({
    title: 'Plant',
    metadata: { author: 'Ada' },
    text: 'Text',
    remarks: ['1 picture is not read', '1 piece of hidden or deleted text is left out'],
  });
});

const odt = async (body: string, parts = {}): Promise<string> =>
  (await loadOpenDocument(openDocument('text', body, parts), 'a.odt')).text;
const cell = (text: string, more = ''): string =>
  `<table:table-cell ${more}><text:p>${text}</text:p></table:table-cell>`;

test.each<[string, string, string]>([
  [
    'headings',
    '<text:h text:outline-level="2">Storage</text:h><text:p>Text.</text:p>',
    '## Storage\n\nText.',
  ],
  [
    'spaces, tabs and breaks',
    '<text:p>a<text:s text:c="2"/>b<text:tab/>c<text:line-break/>d</text:p>',
    'a b c d',
  ],
  [
    'lists in lists',
    '<text:list><text:list-item><text:p>one</text:p><text:list><text:list-item><text:p>two</text:p></text:list-item></text:list></text:list-item></text:list>',
    '- one\n\n  - two',
  ],
  [
    'a table over rows and columns',
    `<table:table><table:table-row>${cell('Machine')}${cell('Limits', 'table:number-columns-spanned="2"')}<table:covered-table-cell/></table:table-row><table:table-row>${cell('Press', 'table:number-rows-spanned="2"')}${cell('bar')}${cell('7')}</table:table-row><table:table-row><table:covered-table-cell/>${cell('°C')}${cell('65')}</table:table-row></table:table>`,
    'Machine | Limits | Limits\nPress | bar | 7\nPress | °C | 65',
  ],
  [
    'a note with its mark',
    '<text:p>Gas<text:note><text:note-citation>1</text:note-citation><text:note-body><text:p>Light.</text:p></text:note-body></text:note> burns.</text:p>',
    'Gas[1] burns.\n\n[1] Light.',
  ],
  [
    'a comment',
    '<text:p>Gas<office:annotation><dc:creator>Ada</dc:creator><text:p>Which?</text:p></office:annotation></text:p>',
    'Gas[comment 1]\n\n[comment 1] Ada: Which?',
  ],
  [
    'text in a box',
    '<text:p>Beside<draw:frame><draw:text-box><text:p>In the box</text:p></draw:text-box></draw:frame></text:p>',
    'Beside\n\nIn the box',
  ],
  [
    'the description of a picture',
    '<text:p><draw:frame><draw:image/><svg:desc>Flow of the plant</svg:desc></draw:frame></text:p>',
    '[Flow of the plant]',
  ],
])('OpenDocument: %s', async (_what, body, expected) => {
  expect(await odt(body)).toBe(expected);
});

test('OpenDocument: deleted text and a table of contents are no text', async () => {
  const body =
    '<text:tracked-changes><text:changed-region><text:deletion><text:p>gone</text:p></text:deletion></text:changed-region></text:tracked-changes><text:table-of-content><text:index-body><text:p>Storage 3</text:p></text:index-body></text:table-of-content><text:p>Kept.</text:p>';
  expect(await odt(body)).toBe('Kept.');
});

test('OpenDocument: slides have titles and notes', async () => {
  const frame = (more: string, text: string): string =>
    `<draw:frame ${more}><draw:text-box><text:p>${text}</text:p></draw:text-box></draw:frame>`;
  const page = `<draw:page>${frame('presentation:class="title"', 'Goals')}${frame('', 'Less cost.')}<presentation:notes>${frame('', 'Say more.')}</presentation:notes></draw:page>`;
  expect((await loadOpenDocument(openDocument('presentation', page), 'a.odp')).text).toBe(
    '[slide 1]\n\n# Goals\n\nLess cost.\n\nNotes: Say more.',
  );
});

test('OpenDocument: what is not read is named, and an encrypted one refused', async () => {
  const pictures = openDocument('text', '<text:p>Text<draw:frame><draw:image/></draw:frame></text:p>');
  expect((await loadOpenDocument(pictures, 'a.odt')).remarks).toEqual([
    '1 picture without a description is not read',
  ]);
  const encrypted = openDocument('text', '', { 'META-INF/manifest.xml': '<m><encryption-data/></m>' });
  await expect(loadOpenDocument(encrypted, 'a.odt')).rejects.toThrow(/needs a password/);
});
