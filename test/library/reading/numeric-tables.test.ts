import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { DocumentType } from '../../../src/library/reading/formats.ts';
import { parseDocument } from '../../../src/library/reading/parse.ts';
import { rowsOf, summaryOf } from '../../support/answers.ts';
import { temporaryDirectory, testCall } from '../../support/call.ts';
import { connected } from '../../support/connected.ts';
import { ods, xlsx } from '../../support/files/office.ts';
import { openLibrary, openOn } from '../support.ts';

/** More rows than are searched one by one. */
const count = 1_200;

const rows = <T>(of: (i: number) => T): T[] => Array.from({ length: count }, (_, i) => of(i));
const pressure = (i: number): string => ((i * 7) % 900).toFixed(1);

interface Read {
  readonly passages: readonly string[];
  readonly headings: readonly (readonly string[])[];
  readonly remarks: unknown;
  readonly text: string;
}

async function read(name: string, type: DocumentType, content: string | Buffer, max?: number): Promise<Read> {
  const file = join(await temporaryDirectory(), name);
  await writeFile(file, content);
  const reply = await parseDocument({
    ...{ id: name, name, type, content: { file, maxBytes: 1e9 } },
    ...(max !== undefined && { maxNumericRows: max }),
  });
  if (!('document' in reply)) throw new Error(JSON.stringify(reply));
  const { chunks, metadata, text } = reply.document;
  return {
    ...{ passages: chunks.map((chunk) => chunk.text), headings: chunks.map(({ heading }) => heading) },
    ...{ remarks: metadata['reader_remarks'], text },
  };
}

const csv = (header: string, of: (i: number) => string): string => [header, ...rows(of)].join('\n');
const numbers = csv('hour,pressure', (i) => `${i},${pressure(i)}`);
const table = rows((i) => [i, Number(pressure(i))]);

test.each<[what: string, name: string, type: DocumentType, content: string | Buffer, line: string]>([
  ['comma-separated values', 'a.csv', 'csv', numbers, 'pressure: 1,200 values from 0.0 to 899.0'],
  [
    'tab-separated values',
    'a.tsv',
    'csv',
    numbers.replaceAll(',', '\t'),
    'hour: 1,200 values from 0 to 1199',
  ],
  [
    'a workbook',
    'a.xlsx',
    'xlsx',
    xlsx({ Log: [['hour', 'bar'], ...table] }),
    'bar: 1,200 values from 0 to 899',
  ],
  ['an OpenDocument sheet', 'a.ods', 'ods', ods({ Log: [['hour', 'bar'], ...table] }), 'bar: 1,200 values'],
  [
    'lines of JSON',
    'a.jsonl',
    'jsonl',
    rows((i) => JSON.stringify({ at: i, bar: { inlet: i / 8 } })).join('\n'),
    'bar.inlet: 1,200 values from 0 to 149.875',
  ],
  [
    'records of JSON',
    'a.json',
    'json',
    JSON.stringify(rows((i) => ({ bar: i }))),
    'bar: 1,200 values from 0',
  ],
  ['a list of numbers', 'a.json', 'json', JSON.stringify({ run: rows((i) => i / 4) }), '1,200 values from 0'],
  [
    'columns of plain text',
    'a.txt',
    'text',
    rows((i) => `${i}  ${pressure(i)}`).join('\n'),
    'column 2: 1,200',
  ],
  [
    'a table of Markdown',
    'a.md',
    'markdown',
    ['| hour | bar |', '| --- | --- |', ...rows((i) => `| ${i} | ${pressure(i)} |`)].join('\n'),
    '1,200 values from 0 to 1199',
  ],
  [
    'days and times',
    'a.csv',
    'csv',
    csv('at,bar', (i) => `2024-01-${10 + (i % 20)} 08:00,${i}`),
    'at: 1,200 values from 2024-01-10 08:00 to 2024-01-29 08:00',
  ],
  [
    'amounts of money',
    'a.csv',
    'csv',
    csv('day;paid', (i) => `${i};${(i * 11).toLocaleString('en', { minimumFractionDigits: 2 })} €`),
    'paid: 1,200 values from 0.00 € to 13,189.00 €',
  ],
  [
    'decimal commas',
    'a.csv',
    'csv',
    csv('day;bar', (i) => `${i};${(i / 4).toFixed(2).replace('.', ',')}`),
    'bar: 1,200 values from 0,00 to 299,75',
  ],
  [
    'a few words, with their counts',
    'a.csv',
    'csv',
    csv('hour,bar,valve', (i) => `${i},${i % 10 === 0 ? '' : i},${i % 3 === 0 ? 'stuck' : 'open'}`),
    'valve: 800 × open; 400 × stuck',
  ],
  [
    'measured values',
    'a.csv',
    'csv',
    csv('hour,inlet', (i) => `${i},${i / 4} bar`),
    'inlet: 1,200 values from 0 bar to 299.75 bar',
  ],
  ['missing values', 'a.csv', 'csv', csv('hour,bar', (i) => `${i},${i % 2 === 0 ? 'n/a' : i}`), '600 × n/a'],
  ['empty cells', 'a.csv', 'csv', csv('hour,bar', (i) => `${i},${i % 4 === 0 ? '' : i}`), '300 empty'],
])('a long table of numbers is a few passages: %s', async (_what, name, type, content, line) => {
  const { passages, remarks } = await read(name, type, content);
  expect(passages.length).toBeLessThanOrEqual(4);
  expect(passages.join('\n')).toContain(line);
  expect(remarks).toEqual([expect.stringMatching(/1,17[5-7] rows of numbers are summed up, not searched/)]);
});

test('its first and last rows are passages, and all of it stays in the text', async () => {
  const { passages, text } = await read('a.csv', 'csv', numbers);
  expect(passages[0]).toContain('hour: 0; pressure: 0.0\nhour: 1; pressure: 7.0');
  expect(passages.at(-1)).toContain('hour: 1199; pressure: ');
  expect(text).toBe(numbers);
});

test.each<[what: string, content: string]>([
  ['names', csv('id,name', (i) => `${i},Valve ${i} of the north line`)],
  ['remarks', csv('id,bar,remark', (i) => `${i},${i},${i % 20 === 0 ? `changed seal ${i}` : ''}`)],
  ['codes with letters', csv('part,price', (i) => `PT-${i},${i}`)],
  ['addresses', csv('no,street', (i) => `${i},${i} ${['Elm', 'Oak', 'Fir', 'Ash'][i % 4]}${i % 30}`)],
  ['a name for each number', rows((i) => `setting_${i}: ${i}`).join('\n')],
  ['more words than numbers', csv('a,b,c', (i) => `${i},on,off`)],
])('a long table with %s stays whole', async (_what, content) => {
  const { passages, remarks } = await read('a.csv', 'csv', content);
  expect(passages.length).toBeGreaterThan(15);
  expect(remarks).toBeUndefined();
});

test('a table of numbers that is not long stays whole', async () => {
  const { passages, remarks } = await read('a.csv', 'csv', numbers.split('\n').slice(0, 1_001).join('\n'));
  expect(passages.join('\n')).toContain('hour: 500; ');
  expect(remarks).toBeUndefined();
});

test('values that are not comparable get no range', async () => {
  const mixed = csv('hour,inlet', (i) => `${i},${i} ${i % 2 === 0 ? 'bar' : 'kPa'}`);
  expect((await read('a.csv', 'csv', mixed)).passages.join('\n')).toMatch(/^inlet: 1,200 values$/m);
});

test('each passage of it says of how many rows it is, so that a few are not taken for all', async () => {
  const { headings } = await read('a.csv', 'csv', numbers);
  expect([...new Set(headings.flat())]).toEqual([
    'First 20 of 1,200 rows',
    'All 1,200 rows',
    'Last 5 of 1,200 rows',
  ]);
});

test('the limit may be another, or none', async () => {
  const { remarks } = await read('a.csv', 'csv', numbers, 100);
  const { passages } = await read('a.csv', 'csv', numbers, 0);
  expect(remarks).toHaveLength(1);
  expect(passages.join('\n')).toContain('hour: 600; ');
});

test('of several sheets only the long one is summed up', async () => {
  const sheets = {
    Log: [['hour', 'bar'], ...table],
    Notes: [
      ['who', 'what'],
      ['Ada', 'changed the seal'],
    ],
  };
  const { passages } = await read('a.xlsx', 'xlsx', xlsx(sheets));
  expect(passages.at(-1)).toBe('who: Ada; what: changed the seal');
});

test('text around a table of numbers stays', async () => {
  const text = `How the tank was filled.\n\n${rows((i) => `${i} ${pressure(i)}`).join('\n')}\n\nThe seal held.`;
  const { passages } = await read('a.txt', 'text', text);
  expect(passages[0]).toContain('How the tank was filled.');
  expect(passages.at(-1)).toContain('The seal held.');
});

test('only a format that can be imported comes with the advice to do so', async () => {
  const ofCsv = await read('a.csv', 'csv', numbers);
  const ofText = await read('a.txt', 'text', rows((i) => `${i} ${pressure(i)}`).join('\n'));
  expect(ofCsv.remarks).toEqual([expect.stringMatching(/import the file \(`hydrogen import`\)$/)]);
  expect(ofText.remarks).toEqual([expect.not.stringContaining('import')]);
});

test.each<[name: string, advice: RegExp]>([
  ['a.ods', /; to query them, import the file \(/],
  ['a.ots', /; to query them, save the file as \.ods and import that \(/],
  ['a.fods', /; to query them, save the file as \.ods and import that \(/],
])('of %s, which an import takes or not, the advice is one that works', async (name, advice) => {
  const table = [['hour', 'bar'], ...Array.from({ length: 1_200 }, (_, i) => [i, i * 2])];
  const { remarks } = await read(name, 'ods', ods({ Data: table }));
  expect(remarks).toEqual([expect.stringMatching(advice)]);
});

test('a table whose name an import does not take comes without advice', async () => {
  const { remarks } = await read('measured.dat', 'csv', numbers);
  expect(remarks).toEqual([expect.not.stringContaining('import')]);
});

test('a client is told of the table when it is read, finds it by its words, and reads all of it', async () => {
  const folder = join(await temporaryDirectory(), 'docs');
  await mkdir(folder);
  const states = csv('hour,valve', (i) => `${i},${i % 100 === 50 ? 'jammed' : 'open'}`);
  await writeFile(join(folder, 'log.csv'), states);
  await writeFile(join(folder, 'tank.md'), 'The tank is cleaned each spring.');
  const { client } = await connected({ settings: { enableIngest: true, folders: [folder] } });
  const call = (name: string, args: object) => client.callTool({ name, arguments: { ...args } });
  expect(summaryOf(await call('ingest', { paths: [folder] }))).toContain(
    '1,175 rows of numbers are summed up',
  );
  expect(rowsOf(await call('search', { query: 'jammed', mode: 'keyword' }))).toEqual([
    expect.objectContaining({ document: 'docs/log.csv' }),
  ]);
  const lines = await call('get_document', { id: 'docs/log.csv', from_line: 652, to_line: 652 });
  expect(JSON.stringify(lines)).toContain('650,jammed');
});

test('files that were read before the limit was changed are read again', async () => {
  const data = await temporaryDirectory();
  const folder = join(await temporaryDirectory(), 'docs');
  await mkdir(folder);
  await writeFile(join(folder, 'log.csv'), numbers);
  const words = { embedding: { model: 'none' } } as const;
  const first = openOn(data, words);
  await first.library.ingest([folder], testCall());
  await first.close();
  const library = await openLibrary({ ...words, directory: data, files: { maxNumericRows: 0 } });
  expect(await library.ingest([folder], testCall())).toMatchObject({ changed: 1 });
  expect(await library.ingest([folder], testCall())).toMatchObject({ unchanged: 1 });
});
