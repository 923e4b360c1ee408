import { expect, test } from 'vitest';
import { contentType } from '../../../src/library/reading/content-type.ts';
import { type DocumentType, documentType, formats } from '../../../src/library/reading/formats.ts';
import type { LoadedDocument } from '../../../src/library/reading/loaders/loader.ts';

const oasis = 'urn:oasis:names:tc:opendocument:xmlns';
const names = ['office', 'meta', 'table', 'text', 'draw', 'style', 'chart']
  .map((name) => `xmlns:${name}="${oasis}:${name}:1.0"`)
  .join(' ');

const flat = (kind: string, body: string, more = ''): Buffer =>
  Buffer.from(
    `<?xml version="1.0" encoding="UTF-8"?>\n<office:document ${names} xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:xlink="http://www.w3.org/1999/xlink" office:mimetype="application/vnd.oasis.opendocument.${kind}"><office:meta><dc:title>Plant</dc:title></office:meta>${more}<office:body><office:${kind}>${body}</office:${kind}></office:body></office:document>`,
  );

/** Reads a file as it is read of a folder, by its name and content. */
async function read(name: string, bytes: Buffer): Promise<LoadedDocument & { type: DocumentType }> {
  const { type } = await contentType(bytes, documentType(name) ?? 'text');
  const format = formats[type];
  if (format.reads !== 'bytes') throw new Error(`read as ${type}`);
  return { ...(await (await format.loader())(bytes, name)), type };
}

const picture =
  '<draw:frame><draw:image><office:binary-data>aGVsbG8gd29ybGQ=</office:binary-data></draw:image></draw:frame>';
const row = (...cells: readonly string[]): string =>
  `<table:table-row>${cells.map((text) => `<table:table-cell office:value-type="string"><text:p>${text}</text:p></table:table-cell>`).join('')}</table:table-row>`;

test.each<[what: string, name: string, bytes: Buffer, type: DocumentType, text: string]>([
  ['a text', 'a.fodt', flat('text', '<text:p>Close the valve.</text:p>'), 'odt', 'Close the valve.'],
  [
    'a presentation',
    'a.fodp',
    flat(
      'presentation',
      '<draw:page><draw:frame><draw:text-box><text:p>Goals</text:p></draw:text-box></draw:frame></draw:page>',
    ),
    'odp',
    '[slide 1]\n\nGoals',
  ],
  [
    'a workbook',
    'a.fods',
    flat(
      'spreadsheet',
      `<table:table table:name="S">${row('name', 'unit')}${row('salt', 'kg')}</table:table>`,
    ),
    'ods',
    '# S\nname: salt; unit: kg',
  ],
  [
    'headers of its own styles',
    'a.fodt',
    flat(
      'text',
      '<text:p>Text.</text:p>',
      '<office:master-styles><style:master-page><style:header><text:p>Draft</text:p></style:header></style:master-page></office:master-styles>',
    ),
    'odt',
    'Text.\n\n[header] Draft',
  ],
  [
    'a formula that stands in it',
    'a.fodt',
    flat(
      'text',
      '<text:p><draw:frame><draw:object><math><mi>E</mi><mo>=</mo><mi>m</mi></math></draw:object></draw:frame></text:p>',
    ),
    'odt',
    'E=m',
  ],
])('OpenDocument in one XML file: %s is read', async (_what, name, bytes, type, text) => {
  expect(await read(name, bytes)).toMatchObject({ type, text, title: 'Plant' });
});

test('the bytes of pictures in one XML file are no text, and the pictures are counted', async () => {
  const { text, remarks } = await read('a.fodt', flat('text', `<text:p>Text.${picture}</text:p>`));
  expect({ text, remarks }).toEqual({
    text: 'Text.',
    remarks: ['1 picture without a description is not read'],
  });
});

test('the tables of charts in a workbook of one XML file are no sheets', async () => {
  const chart = `<draw:frame><draw:object><office:document><office:body><office:chart><chart:chart><chart:title><text:p>Flow</text:p></chart:title><table:table table:name="local">${row('x', 'y')}</table:table></chart:chart></office:chart></office:body></office:document></draw:object>${picture}</draw:frame>`;
  const book = flat(
    'spreadsheet',
    `<table:table table:name="S"><table:shapes>${chart}</table:shapes>${row('name', 'unit')}${row('salt', 'kg')}</table:table>`,
  );
  const { text, metadata } = await read('a.fods', book);
  expect(metadata['sheets']).toEqual(['S']);
  expect(text).toBe('# S\nname: salt; unit: kg\n\nChart: Flow');
});

test('an object in an object is none of the text around it', async () => {
  const inner = '<draw:object><math><mi>m</mi></math></draw:object>';
  const outer = `<text:p>Before<draw:frame><draw:object><office:document><text:p>${inner}</text:p></office:document></draw:object></draw:frame></text:p><text:p>After</text:p>`;
  expect((await read('a.fodt', flat('text', outer))).text).toContain('After');
});

test('a damaged one is refused', async () => {
  const bytes = flat('text', '<text:p>Text.</text:p>').subarray(0, -30);
  await expect(read('a.fodt', Buffer.concat([bytes, Buffer.from('<')]))).rejects.toThrow(/damaged/);
});

test('other XML of such a name is none', async () => {
  await expect(contentType(Buffer.from('<html><body>Not found</body></html>'), 'odt')).resolves.toMatchObject(
    {
      type: 'html',
    },
  );
});
