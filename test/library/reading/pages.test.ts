import { expect, test } from 'vitest';
import { loadEpub } from '../../../src/library/reading/loaders/epub.ts';
import { loadHtml } from '../../../src/library/reading/loaders/html.ts';
import { zip } from '../../support/files/zip.ts';

const textOf = (body: string): string => loadHtml(`<body>${body}</body>`, 'a.html').text;

test.each<[string, string, string]>([
  ['what stands in a form', '<form><h1>Pump</h1><p>Grease it.</p></form>', '# Pump\n\nGrease it.'],
  ['a label and what was filled in', '<p><label>Serial <input value="QX-7"></label></p>', 'Serial QX-7'],
  [
    'a ticked box',
    '<p><input type="checkbox" checked> Smoking <input type="radio"> Other</p>',
    '☒ Smoking ☐ Other',
  ],
  ['the chosen option', '<p>Unit <select><option>bar<option selected>MPa</select></p>', 'Unit MPa'],
  [
    'all options where none is chosen',
    '<p>Unit <select><option>bar<option>MPa</select></p>',
    'Unit bar / MPa',
  ],
  ['a text area', '<textarea>Bearing is warm</textarea>', 'Bearing is warm'],
  [
    'a heading that is a button',
    '<h3><button>How often?</button></h3><p>Daily.</p>',
    '### How often?\n\nDaily.',
  ],
  [
    'a button that opens something, and what it opens',
    '<button aria-controls="x">More</button><div id="x" hidden>Details here.</div>',
    'More\n\nDetails here.',
  ],
  ['details and their summary', '<details><summary>Why</summary>Because.</details>', 'Why\n\nBecause.'],
  ['a dialog', '<dialog><p>Close the valve first.</p></dialog>', 'Close the valve first.'],
  [
    'the caption of a table',
    '<table><caption>Table 4: limits</caption><tr><th>a<th>b<tr><td>1<td>2</table>',
    'Table 4: limits\n\na | b\n1 | 2',
  ],
  [
    'the description of a picture',
    '<figure><img alt="Flow of the plant"><figcaption>Figure 2</figcaption></figure>',
    '[Flow of the plant]\n\nFigure 2',
  ],
  ['an exponent', '<p>10<sup>6</sup> Pa on 3 m<sup>2</sup></p>', '10^6 Pa on 3 m^2'],
  ['the mark of a note', '<p>measured<sup><a href="#n1">1</a></sup> twice</p>', 'measured[1] twice'],
  ['raised letters', '<p>the 4<sup>th</sup> valve</p>', 'the 4th valve'],
  [
    'characters with their reading, as one word',
    '<p><ruby>水<rt>すい</rt>素<rt>そ</rt></ruby>と<ruby>弁<rp>(</rp><rt>べん</rt><rp>)</rp></ruby></p>',
    '水素(すいそ)と弁(べん)',
  ],
  [
    'the first of many options where none is chosen, and how many more there are',
    `<p>Country <select>${Array.from({ length: 30 }, (_, i) => `<option>C${i}`).join('')}</select></p>`,
    `Country ${Array.from({ length: 20 }, (_, i) => `C${i}`).join(' / ')} / … (10 more)`,
  ],
  ['the words in a drawing', '<svg><title>Layout</title><text>Hall 3</text></svg>', '[Layout; Hall 3]'],
  ['a legend', '<fieldset><legend>Site</legend>North</fieldset>', 'Site\n\nNorth'],
  [
    'a formula',
    '<p><math><mi>E</mi><mo>=</mo><mi>m</mi><msup><mi>c</mi><mn>2</mn></msup></math></p>',
    'E=mc^2',
  ],
  [
    'the number of a step',
    '<ol start="3"><li>Open<li value="7">Close<li>Lock</ol>',
    '3. Open\n\n7. Close\n\n8. Lock',
  ],
  [
    'headings without a body',
    '<h1>Manual</h1><h2>Empty section</h2><h2>Next</h2><p>text</p>',
    '# Manual\n\n## Empty section\n\n## Next\n\ntext',
  ],
  [
    'a table over rows and columns, row by row',
    '<table><tr><th>Machine<th colspan=2>Limits<tr><td rowspan=2>Press<td>bar<td>7<tr><td>°C<td>65</table>',
    'Machine | Limits | Limits\nPress | bar | 7\nPress | °C | 65',
  ],
  [
    'a cell with paragraphs, which stay apart',
    '<table><tr><td>1<td><p>close valve</p><p>open vent</p></table>',
    '1 | close valve; open vent',
  ],
  [
    'a table that only arranges, with its words apart',
    '<table role="presentation"><tr><td>left<td>right</table>',
    'left\n\nright',
  ],
  [
    'a page that needs scripts says so',
    '<noscript>This page needs JavaScript.</noscript>',
    'This page needs JavaScript.',
  ],
  [
    'a heading in the header of a page',
    '<header><h1>Plant handbook</h1></header><p>Text.</p>',
    '# Plant handbook\n\nText.',
  ],
  ['a header without a heading', '<header>Plant 7</header><p>Text.</p>', 'Plant 7\n\nText.'],
  ['the footer of a page', '<p>Text.</p><footer>Valid to May</footer>', 'Text.\n\nValid to May'],
  [
    'what stands around the main text',
    '<p>Notice.</p><div><main><h1>Pump</h1><p>Text.</p></main></div><main>More.</main><footer>Valid to May</footer>',
    'Notice.\n\n# Pump\n\nText.\n\nMore.\n\nValid to May',
  ],
  [
    'what stands around the only article',
    '<p>Notice.</p><article><p>Text.</p></article><p>Contact: Ada</p>',
    'Notice.\n\nText.\n\nContact: Ada',
  ],
  [
    'a main text of links, and its headings',
    '<div><main><ul><li><a>A</a><li><a>B</a><li><a>C</a><li><a>D</a></ul></main></div>',
    '- A\n\n- B\n\n- C\n\n- D',
  ],
  [
    'a note beside the text',
    '<p>Text.</p><aside>Warning: hot surface.</aside>',
    'Text.\n\nWarning: hot surface.',
  ],
])('HTML: %s', (_what, body, expected) => {
  expect(textOf(body)).toBe(expected);
});

test.each<[string, string]>([
  ['navigation', '<nav>Home</nav><p>Text.</p>'],
  ['scripts and styles', '<script>x</script><style>y</style><p>Text.</p>'],
  [
    'hidden fields and passwords',
    '<p>Text.<input type="hidden" value="t0k3n"><input type="password" value="secret"></p>',
  ],
  ['a search box', '<div role="search">Find it</div><p>Text.</p>'],
  [
    'a list of links beside the main text',
    '<main><p>Text.</p></main><div><a>Home</a><a>News</a><a>Shop</a><a>Help</a></div>',
  ],
  ['navigation in a header', '<header><nav>Home</nav></header><p>Text.</p>'],
])('HTML: %s is no text', (_what, body) => {
  expect(textOf(body)).toBe('Text.');
});

test('HTML: navigation that is left out is named once', () => {
  const page =
    '<nav>Home</nav><ul><li><a>A</a><li><a>B</a><li><a>C</a><li><a>D</a></ul><p>Text.</p><nav> </nav>';
  expect(loadHtml(page, 'a.html').remarks).toEqual(['2 navigation menus are left out']);
});

test('HTML: what is hidden or embedded is named', () => {
  expect(
    loadHtml('<p>Text.</p><div hidden>old price</div><iframe src="x"></iframe>', 'a.html').remarks,
  ).toEqual(['1 hidden part of the page is not read', '1 embedded frame or player is not read']);
});

test('HTML: author, keywords and language are metadata', () => {
  const page =
    '<html lang="de"><meta name="author" content="Ada"><meta name="keywords" content="pump, valve"><p>x';
  expect(loadHtml(page, 'a.html').metadata).toEqual({
    author: 'Ada',
    keywords: ['pump', 'valve'],
    language: 'de',
  });
});

function book(spine: string, chapters: Readonly<Record<string, string>>, more = ''): Buffer {
  const items = Object.keys(chapters).map(
    (name) => `<item id="${name.replace(/\W/g, '')}" href="${encodeURI(name)}"/>`,
  );
  return zip({
    'META-INF/container.xml': '<container><rootfile full-path="OPS/book.opf"/></container>',
    'OPS/book.opf': `<package><metadata><title>Book</title></metadata><manifest>${items.join('')}${more}</manifest><spine>${spine}</spine></package>`,
    ...Object.fromEntries(
      Object.entries(chapters).map(([name, body]) => [`OPS/${name}`, `<html><body>${body}</body></html>`]),
    ),
  });
}

test('EPUB: chapters beside the reading order are read, and missing ones named', async () => {
  const file = book(
    '<itemref idref="bxhtml"/><itemref idref="a1xhtml" linear="no"/><itemref idref="gone"/>',
    {
      'a 1.xhtml': '<p>Answers.</p>',
      'b.xhtml': '<p>Text.</p>',
    },
  );
  const { text, remarks } = await loadEpub(file, 'a.epub');
  expect(text).toBe('[chapter 1]\n\nText.\n\n[chapter 2]\n\nAnswers.');
  expect(remarks).toEqual(['chapter 3 is missing in the book']);
});

test('EPUB: a chapter without a heading has its name in the table of contents', async () => {
  const file = book(
    '<itemref idref="bxhtml"/>',
    { 'b.xhtml': '<p>Text.</p>', 'nav.xhtml': '<nav><a href="b.xhtml#top">On pumps</a></nav>' },
    '<item id="n" href="nav.xhtml" properties="nav"/>',
  );
  expect((await loadEpub(file, 'a.epub')).text).toBe('[chapter 1]\n\n# On pumps\n\nText.');
});

test('EPUB: a damaged table of contents does not refuse the book', async () => {
  const file = zip({
    'META-INF/container.xml': '<container><rootfile full-path="book.opf"/></container>',
    'META-INF/encryption.xml': '<encryption><CipherReference URI="fonts/100%.otf"/></encryption>',
    'book.opf':
      '<package><manifest><item id="a" href="a.xhtml"/><item id="n" href="toc.ncx" media-type="application/x-dtbncx+xml"/></manifest><spine><itemref idref="a"/></spine></package>',
    'toc.ncx': '<ncx><navPoint></ncx',
    'a.xhtml': '<html><body><p>Text.</p><p hidden="">old</p><video src="x"></video></body></html>',
  });
  const { text, remarks } = await loadEpub(file, 'a.epub');
  expect(text).toBe('[chapter 1]\n\nText.');
  expect(remarks).toEqual([
    '1 hidden part of the page is not read',
    '1 embedded frame or player is not read',
  ]);
});
