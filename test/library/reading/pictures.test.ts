import { expect, test } from 'vitest';
import { loadEmail } from '../../../src/library/reading/loaders/email.ts';
import { loadEpub } from '../../../src/library/reading/loaders/epub.ts';
import { loadHtml } from '../../../src/library/reading/loaders/html.ts';
import { loadMarkdown } from '../../../src/library/reading/loaders/markdown.ts';
import { loadNotebook } from '../../../src/library/reading/loaders/notebook.ts';
import { loadRestructuredText } from '../../../src/library/reading/loaders/restructured-text.ts';
import { zip } from '../../support/files/zip.ts';

const remark = '1 picture without a description is not read';
const gif = 'data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7';

/** Pictures of HTML, which Markdown may hold, too. */
const undescribed: readonly (readonly [string, string])[] = [
  ['a picture without alt', '<img src="a.png">'],
  ['one that is a link', '<a href="b"><img src="a.png"></a>'],
  ['one of several, of which others are described', '<img src="a.png"><img src="b.png" alt="Flow">'],
  ['one in a figure without a caption', '<figure><img src="a.png"></figure>'],
  ['one that comes later', `<img src="${gif}" data-src="a.png">`],
];
const inHtmlAlone: readonly (readonly [string, string])[] = [
  ['one in a cell', '<table><tr><td>Pump<td><img src="a.png"></table>'],
  ['one in a heading', '<h2>Pump <img src="a.png"></h2>'],
  ['one beside a raised number', '<p>m<sup>2<img src="a.png"></sup></p>'],
  ['a drawing that is called a picture', '<svg role="img"><path d="M0 0"/></svg>'],
  ['a picture in a drawing', '<svg><image href="cover.jpg"/></svg>'],
  ['one in a figure whose caption is empty', '<figure><img src="a.png"><figcaption> </figcaption></figure>'],
];
const described: readonly (readonly [string, string])[] = [
  ['one with alt', '<img src="a.png" alt="Flow">'],
  ['one that decorates', '<img src="a.png" alt="">'],
  ['one that decorates by its role', '<img src="a.png" role="presentation">'],
  ['one that is hidden from readers of the screen', '<img src="a.png" aria-hidden="true">'],
  ['one that counts who reads', '<img src="https://example.org/t?u=1" width="1" height="1">'],
  ['an empty one', `<img src="${gif}">`],
  ['one with a label', '<img src="a.png" aria-label="Flow">'],
  ['one with a title', '<img src="a.png" title="Flow">'],
  [
    'one in a figure with a caption',
    '<figure><a href="b"><img src="a.png"></a><figcaption>Flow</figcaption></figure>',
  ],
];

test.each<readonly [string, string]>([...undescribed, ...inHtmlAlone])('HTML: %s is named', (_what, part) => {
  expect(loadHtml(`<body><p>Text.</p>${part}</body>`, 'a.html').remarks).toEqual([remark]);
});

test.each<readonly [string, string]>([
  ...described,
  ['a sign that is drawn', '<button>Save <svg><path d="M0 0"/></svg></button>'],
  ['one where scripts do not run', '<noscript><img src="a.png"></noscript>'],
  ['a drawing with words', '<svg role="img"><text>Hall 3</text></svg>'],
])('HTML: %s is not', (_what, part) => {
  expect(loadHtml(`<body><p>Text.</p>${part}</body>`, 'a.html').remarks).toBeUndefined();
});

test.each(['aria-label', 'title'])('HTML: a picture is in the text by its %s', (name) => {
  expect(loadHtml(`<img src="a.png" ${name}="Flow of the plant">`, 'a.html').text).toBe(
    '[Flow of the plant]',
  );
});

test.each<readonly [string, string]>([
  ...undescribed,
  ['a picture without words', '![](a.png)'],
  ['one by reference', '![][flow]'],
  ['one in a link', '[![](a.png)](b)'],
  ['one that is written in its address', `![](data:image/png;base64,${'A'.repeat(5_000)})`],
  ['one of a cell of a notebook', '![](attachment:a.png)'],
  ['one in notes', '![[a.png|300]]'],
  ['one of a component', '<Image src={plan} />'],
])('Markdown: %s is named', (_what, part) => {
  expect(loadMarkdown(`Text.\n\n${part}\n`, 'a.md').remarks).toEqual([remark]);
});

test.each<readonly [string, string]>([
  ...described,
  ['one with words', '![Flow](a.png)'],
  ['one with a title', '![](a.png "Flow")'],
  ['one in notes with words', '![[a.png|Flow]]'],
  ['another note', '![[pumps]]'],
  ['one in code', '```\n![](a.png)\n```'],
  ['one in code of a line', 'Write `![](a.png)` or ``<img src="a.png">``.'],
  ['one in a comment', '<!-- ![](a.png) -->'],
  ['one without an address', '![]()'],
  ['one that is not meant', '\\![](a.png)'],
])('Markdown: %s is not', (_what, part) => {
  expect(loadMarkdown(`Text.\n\n${part}\n`, 'a.md').remarks).toBeUndefined();
});

test.each<readonly [string, string, boolean]>([
  ['a picture without alt', '.. image:: a.png\n   :width: 300\n\nMore.', true],
  ['one with alt', '.. image:: a.png\n   :width: 300\n   :alt: Flow\n', false],
  ['a figure without a caption', '.. figure:: a.png\n   :width: 300\n\nMore.', true],
  ['a figure with a caption', '.. figure:: a.png\n   :width: 300\n\n   Flow of the plant\n', false],
])('reStructuredText: %s is named or not', (_what, part, isNamed) => {
  const { remarks } = loadRestructuredText(`Text.\n\n${part}`, 'a.rst');
  expect(remarks).toEqual(isNamed ? [remark] : undefined);
});

const cells = (...all: readonly object[]): string =>
  JSON.stringify({ nbformat: 4, metadata: {}, cells: all });

test('a notebook: pictures in its texts are named', () => {
  const text = { cell_type: 'markdown', source: '![](attachment:a.png)' };
  expect(loadNotebook(cells(text), 'a.ipynb').remarks).toEqual([remark]);
});

test('a notebook: pictures in the HTML of an output are named', () => {
  const output = { output_type: 'display_data', data: { 'text/html': '<p>Flow</p><img src="a.png">' } };
  const code = { cell_type: 'code', source: 'x', outputs: [output] };
  expect(loadNotebook(cells(code), 'a.ipynb').remarks).toEqual(['1 picture of an output is not read']);
});

test('EPUB: pictures of all chapters are counted', async () => {
  const chapter = (id: string): string =>
    `<html><body><p>Text ${id}.</p><img src="${id}.png"/></body></html>`;
  const book = zip({
    'META-INF/container.xml': '<c><rootfiles><rootfile full-path="b.opf"/></rootfiles></c>',
    'b.opf':
      '<package><manifest><item id="a" href="a.xhtml"/><item id="b" href="b.xhtml"/></manifest><spine><itemref idref="a"/><itemref idref="b"/></spine></package>',
    'a.xhtml': chapter('a'),
    'b.xhtml': chapter('b'),
  });
  expect((await loadEpub(book, 'a.epub')).remarks).toEqual(['2 pictures without a description are not read']);
});

test('e-mail: pictures are named, and what counts who reads is not', async () => {
  const html = '<p>See the plan.</p><img src="cid:plan"><img src="https://example.org/t" width=1 height=1>';
  const mail = Buffer.from(`From: a@example.org\nSubject: Plan\nContent-Type: text/html\n\n${html}`);
  expect((await loadEmail(mail, 'a.eml')).remarks).toEqual([remark]);
});
