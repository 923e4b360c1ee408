import { expect, test } from 'vitest';
import { loadPdf } from '../../../src/library/reading/loaders/pdf.ts';
import { file } from '../../support/files/pdf-objects.ts';

/** Text of a size, that runs in a direction from a place: a matrix of PDF without the place. */
const put = (matrix: string, x: number, y: number, text: string, size = 10): string =>
  `BT /F1 ${size} Tf ${matrix} ${x} ${y} Tm (${text}) Tj ET`;

const [level, upwards, downwards, overhead] = ['1 0 0 1', '0 1 -1 0', '0 -1 1 0', '-1 0 0 -1'];

const read = async (...parts: readonly string[]) => await loadPdf(file([{ raw: parts.join('\n') }]), 'a.pdf');

/** Where the n-th line of a page stands that is written in a direction. */
const places = [
  ['upwards', upwards, (n: number) => [100 + n * 12, 100]],
  ['downwards', downwards, (n: number) => [500 - n * 12, 700]],
  ['upside down', overhead, (n: number) => [500, 100 + n * 12]],
] as const;

test.each(places)(
  'PDF: a page that is written %s has headings and paragraphs as any other',
  async (_, matrix, at) => {
    const line = (n: number, text: string, size = 10): string => {
      const [x = 0, y = 0] = at(n);
      return put(matrix, x, y, text, size);
    };
    const { text, title } = await read(
      line(0, 'Pumps and valves', 16),
      line(3, 'A pump moves water from a place to'),
      line(4, 'another one, as long as it turns.'),
      line(7, 'A valve stops it.'),
    );
    expect(text).toBe(
      '[page 1]\n\n# Pumps and valves\n\nA pump moves water from a place to\nanother one, as long as it turns.\n\nA valve stops it.',
    );
    expect(title).toBe('Pumps and valves');
  },
);

test('PDF: columns of a page that is written upwards are read one after the other', async () => {
  const rows = Array.from({ length: 8 }, (_, i) => i);
  const { text } = await read(
    ...rows.flatMap((i) => [
      put(upwards, 100 + i * 12, 50, `left ${i} a line of the first column that goes on`),
      put(upwards, 100 + i * 12, 320, `right ${i} a line of the other column that goes on`),
    ]),
  );
  const order = [...text.matchAll(/(?:left|right) \d/g)].map(([word]) => word);
  expect(order).toEqual(['left', 'right'].flatMap((side) => rows.map((i) => `${side} ${i}`)));
});

const paragraph = [
  put(level, 100, 700, 'A pump moves water from a place to'),
  put(level, 100, 688, 'another one, as long as it turns.'),
];

test('PDF: a label in the margin is neither a heading nor the title, however large', async () => {
  const { text, title } = await read(
    ...paragraph,
    put(upwards, 30, 200, 'arXiv:2103.15348v2 21 Jun 2021', 20),
  );
  expect(title).toBe('a.pdf');
  expect(text).toBe(
    '[page 1]\n\nA pump moves water from a place to\nanother one, as long as it turns.\n\narXiv:2103.15348v2 21 Jun 2021',
  );
});

test('PDF: a paragraph goes on behind a label at the end of its page', async () => {
  const first = [put(level, 100, 700, 'A pump moves water from'), put(upwards, 30, 200, 'Draft of May')];
  const { text } = await loadPdf(
    file([{ raw: first.join('\n') }, { raw: put(level, 100, 700, 'one place to another.') }]),
    'a.pdf',
  );
  expect(text).toContain('A pump moves water from\none place to another.');
});

test('PDF: columns beside a label in the margin are read one after the other', async () => {
  const rows = Array.from({ length: 8 }, (_, i) => i);
  const { text } = await read(
    put(upwards, 30, 200, 'Draft of May'),
    ...rows.flatMap((i) => [
      put(level, 50, 740 - 12 * i, `left ${i} a line of the first column that goes on`),
      put(level, 320, 740 - 12 * i, `right ${i} a line of the other column that goes on`),
    ]),
  );
  const order = [...text.matchAll(/(?:left|right) \d|Draft of May/g)].map(([word]) => word);
  expect(order).toEqual([
    ...['left', 'right'].flatMap((side) => rows.map((i) => `${side} ${i}`)),
    'Draft of May',
  ]);
});

test.each([
  ['upwards', upwards],
  ['downwards', downwards],
  ['aslant', '.707 .707 -.707 .707'],
])('PDF: titles of columns that run %s stand as words before the rows', async (_, matrix) => {
  const { text } = await read(
    ...['Pressure', 'Temperature', 'Flow rate'].map((word, i) => put(matrix, 200 + i * 40, 700, word)),
    ...[0, 1].map((i) => put(level, 100, 680 - i * 14, `pump ${i} of the first row in the hall`)),
  );
  expect(text).toBe(
    '[page 1]\n\nPressure\nTemperature\nFlow rate\n\npump 0 of the first row in the hall\npump 1 of the first row in the hall',
  );
});

const below = (letters: string): string[] =>
  [...letters].map((letter, i) => put(level, 60, 700 - i * 11, letter));

test.each(['PRESSURE', 'Limit', 'Druck'])(
  'PDF: the letters of "%s" below one another are a word',
  async (word) => {
    expect((await read(...below(word), put(level, 100, 700, 'pump'))).text).toContain(word);
  },
);

test.each(['ABCDE', 'AABBAB', 'yes'])('PDF: a column of "%s" stays one', async (letters) => {
  expect((await read(...below(letters), put(level, 100, 400, 'pump'))).text).toContain(
    [...letters].join('\n'),
  );
});

test('PDF: bookmarks are found on a page that is written upwards', async () => {
  const raw = [
    put(upwards, 100, 100, 'Pumps'),
    put(upwards, 140, 100, 'A pump moves water.'),
    put(upwards, 200, 100, 'A valve stops it.'),
  ].join('\n');
  const objects = [
    '<< /Type /Outlines /First 51 0 R /Last 52 0 R >>',
    '<< /Title (Pumps) /Parent 50 0 R /Dest [10 0 R /XYZ 90 100 0] /Next 52 0 R >>',
    '<< /Title (How it stops) /Parent 50 0 R /Dest [10 0 R /XYZ 190 100 0] >>',
  ];
  const { text } = await loadPdf(file([{ raw }], objects, '/Outlines 50 0 R'), 'a.pdf');
  expect(text).toBe('[page 1]\n\n# Pumps\n\nA pump moves water.\n\n# How it stops\n\nA valve stops it.');
});
