import { expect, test } from 'vitest';
import { loadPdf } from '../../../src/library/reading/loaders/pdf.ts';
import { type OutlineItem, withOutline } from '../../../src/library/reading/loaders/pdf-outline.ts';
import { file, placed } from '../../support/files/pdf-objects.ts';

interface Item {
  readonly title: string;
  /** As it stands in the file. */
  readonly dest?: string;
  readonly below?: readonly Item[];
}

/** Objects 50 and on: the outline, and its items in their order. */
function outline(items: readonly Item[]): string[] {
  const objects: string[] = [];
  const add = (list: readonly Item[], parent: number): string => {
    const numbers = list.map(({ title, dest, below = [] }) => {
      const at = objects.push('') - 1;
      const children = add(below, 50 + at);
      const target = dest === undefined ? '' : `/Dest ${dest}`;
      objects[at] = `/Title (${title}) /Parent ${parent} 0 R ${target} ${children}`;
      return at;
    });
    for (const [i, at] of numbers.entries()) {
      const next = numbers[i + 1];
      objects[at] = `<< ${objects[at] ?? ''} ${next === undefined ? '' : `/Next ${50 + next} 0 R`} >>`;
    }
    const [first, last] = [numbers[0], numbers.at(-1)];
    return first === undefined || last === undefined ? '' : `/First ${50 + first} 0 R /Last ${50 + last} 0 R`;
  };
  objects.push('');
  objects[0] = `<< /Type /Outlines ${add(items, 50)} >>`;
  return objects;
}

const at = (page: number, y?: number): string =>
  `[${9 + page} 0 R ${y === undefined ? '/Fit' : `/XYZ 50 ${y} 0`}]`;

/** Two pages in one size of type, with titles that only the outline tells from other lines. */
const pages = [
  {
    raw: placed([
      [50, 700, 'Pumps'],
      [50, 660, 'A pump moves water.'],
      [50, 600, 'Limits'],
      [50, 560, 'At most 700 bar.'],
    ]),
  },
  {
    raw: placed([
      [50, 700, 'It goes on.'],
      [50, 600, 'Valves'],
      [50, 560, 'A valve stops water.'],
    ]),
  },
];

async function read(items: readonly Item[], more: readonly string[] = [], of = pages) {
  const objects = outline(items);
  const { text, blocks, title, remarks } = await loadPdf(
    file(of, [...objects, ...more], '/Outlines 50 0 R'),
    'a.pdf',
  );
  const headings = blocks.map((block) => [block.heading.join(' > '), block.text] as const);
  return { text, title, remarks, headings };
}

const byOutline = [
  { title: 'Pumps', dest: at(1, 712), below: [{ title: 'Limits', dest: at(1, 612) }] },
  { title: 'Valves', dest: at(2, 612) },
];

test('PDF: passages stand under the headings of the outline, which are not doubled', async () => {
  const { text, headings } = await read(byOutline);
  expect(headings).toEqual([
    ['Pumps', 'A pump moves water.'],
    ['Pumps > Limits', 'At most 700 bar.'],
    ['Pumps > Limits', 'It goes on.'],
    ['Valves', 'A valve stops water.'],
  ]);
  expect(text).toBe(
    '[page 1]\n\n# Pumps\n\nA pump moves water.\n\n## Limits\n\nAt most 700 bar.\n\n[page 2]\n\nIt goes on.\n\n# Valves\n\nA valve stops water.',
  );
});

test.each([
  ['by the page alone', (page: number) => at(page)],
  ['by its number', (page: number) => `[${page - 1} /XYZ null null null]`],
  ['by a height', (page: number) => `[${9 + page} 0 R /FitH 620]`],
  ['by a rectangle', (page: number) => `[${9 + page} 0 R /FitR 0 0 300 620]`],
])('PDF: a title of the outline that says its place %s is found there', async (_, dest) => {
  const { headings } = await read([{ title: 'Valves', dest: dest(2) }]);
  expect(headings.at(-1)).toEqual(['Valves', 'A valve stops water.']);
});

test('PDF: a title that the page does not show is a heading at its place', async () => {
  const { headings } = await read([{ title: 'How far it goes', dest: at(1, 612) }]);
  expect(headings.slice(0, 3)).toEqual([
    ['', 'Pumps'],
    ['', 'A pump moves water.'],
    ['How far it goes', 'Limits'],
  ]);
});

test.each([
  ['with the number that the outline has', 'Valves', '2.1 Valves', '2.1 Valves'],
  ['with the number that the page has', '2.1 Valves', 'Valves', '2.1 Valves'],
  ['in other letters', 'VALVES', 'Valves', 'VALVES'],
])('PDF: a title of the outline is known again %s', async (_, shown, title, heading) => {
  const raw = placed([
    [50, 700, shown],
    [50, 660, 'A valve stops water.'],
  ]);
  const { text } = await read([{ title, dest: at(1, 712) }], [], [{ raw }]);
  expect(text).toBe(`[page 1]\n\n# ${heading}\n\nA valve stops water.`);
});

test('PDF: a title of the outline that fills several lines is one heading', async () => {
  const raw = placed([
    [50, 700, 'Chapter 2'],
    [50, 680, 'Valves and what they do'],
    [50, 640, 'A valve stops water.'],
  ]);
  const { text } = await read(
    [{ title: 'Chapter 2: Valves and what they do', dest: at(1, 712) }],
    [],
    [{ raw }],
  );
  expect(text).toBe('[page 1]\n\n# Chapter 2 Valves and what they do\n\nA valve stops water.');
});

test('PDF: headings in larger type stand under those of the outline', async () => {
  const raw = `${placed([
    [50, 700, 'Valves'],
    [50, 560, 'A valve stops water, as its name says.'],
  ])} BT /F1 14 Tf 1 0 0 1 50 600 Tm (How it works) Tj ET`;
  const lower =
    'BT /F1 10 Tf 1 0 0 1 50 500 Tm (It turns, and does so for many years without any care.) Tj ET';
  const { text } = await read([{ title: 'Valves', dest: at(1, 712) }], [], [{ raw: `${raw} ${lower}` }]);
  expect(text).toContain('# Valves');
  expect(text).toContain('## How it works');
});

test.each([
  ['names of pages', ['page 1', 'Page 2', 'Seite 3', 'Blank Page', 'Page vierge']],
  ['names of files', ['scan.jpg', 'Chapter 3.ps', 'C:\\\\x\\\\y.doc', 'Microsoft Word - x.doc']],
  ['nothing', ['', '12', '???', 'untitled']],
])('PDF: %s in an outline are no headings', async (_, titles) => {
  const plain = await loadPdf(file(pages), 'a.pdf');
  const { text } = await read(titles.map((title) => ({ title, dest: at(2, 612) })));
  expect(text).toBe(plain.text);
});

test.each([
  ['pages that it does not have', [{ title: 'Lost', dest: '[88 0 R /Fit]' }]],
  ['a page beyond its last one', [{ title: 'Lost', dest: '[77 /Fit]' }]],
  ['names that it does not have', [{ title: 'Lost', dest: '(nowhere)' }]],
  ['nothing', [{ title: 'Lost' }]],
  ['something else', [{ title: 'Lost', dest: '12' }]],
])('PDF: an outline that leads to %s changes nothing', async (_, items) => {
  const plain = await loadPdf(file(pages), 'a.pdf');
  expect(await read(items)).toMatchObject({ text: plain.text, title: plain.title });
});

test('PDF: an outline in a circle is read as far as it goes', async () => {
  const objects = outline([{ title: 'Valves', dest: at(2, 612) }]);
  const round = objects.map((object) => object.replace('/Title', '/Next 51 0 R /First 51 0 R /Title'));
  const { text } = await loadPdf(file(pages, round, '/Outlines 50 0 R'), 'a.pdf');
  expect(text.match(/Valves/g)).toHaveLength(1);
});

test('PDF: an outline of 1,000 levels does not keep its file from being read', async () => {
  const levels = Array.from({ length: 1_000 }, (_, i) => `<< /Title (Level ${i}) /First ${102 + i} 0 R >>`);
  const pdf = file(pages, ['<< /Type /Outlines /First 101 0 R >>'], '/Outlines 50 0 R').toString('latin1');
  const objects = levels.map((level, i) => `${101 + i} 0 obj\n${level}\nendobj\n`).join('');
  const { text } = await loadPdf(Buffer.from(pdf.replace('trailer', `${objects}trailer`), 'latin1'), 'a.pdf');
  expect(text).toContain('A valve stops water.');
});

test('PDF: an outline of many titles at one page that does not show them changes nothing', async () => {
  const plain = await loadPdf(file(pages), 'a.pdf');
  const items = Array.from({ length: 2_000 }, (_, i) => ({
    title: `Entry number ${i} of it`,
    dest: at(1, 612),
  }));
  expect((await read(items)).text).toBe(plain.text);
});

test('PDF: 10,000 titles are looked for among 5,000 lines without comparing all with all', () => {
  const lines = Array.from({ length: 5_000 }, (_, i) => ({ text: `Line ${i % 10}`, x: 0, y: -i, size: 10 }));
  const items = Array.from(
    { length: 10_000 },
    (_, i): OutlineItem => ({ title: `Title of it ${i}`, depth: 1, page: 0, x: 0, y: i }),
  );
  // It would take minutes, which is far beyond the limit of a test.
  expect(withOutline([lines], items)[0]).toHaveLength(lines.length);
});
