import { expect, test } from 'vitest';
import { loadDocx } from '../../../src/library/reading/loaders/docx.ts';
import { loadOpenDocument } from '../../../src/library/reading/loaders/open-document.ts';
import { openDocument } from '../../support/files/open-document.ts';
import { paragraph, run, word } from '../../support/files/word.ts';

const styles = (language: string) => ({
  parts: {
    'styles.xml': [
      'styles',
      `<w:styles><w:docDefaults><w:rPrDefault><w:rPr><w:lang w:val="${language}" w:eastAsia="ja-JP"/></w:rPr></w:rPrDefault></w:docDefaults></w:styles>`,
    ] as const,
  },
});
const marked = (language: string): string => paragraph(run('Ventile', `<w:lang w:val="${language}"/>`));
const languageOf = async (bytes: Buffer): Promise<unknown> =>
  (await loadDocx(bytes, 'a.docx')).metadata['language'];

test('a Word document is in the language that its styles set', async () => {
  expect(await languageOf(word(paragraph('Ventile'), styles('de-DE')))).toBe('de-DE');
});

test('a Word document from an English template is in the language of its runs', async () => {
  expect(await languageOf(word(marked('de-AT') + marked('de-AT'), styles('en-US')))).toBe('de-AT');
});

test('one quotation does not give a Word document its language', async () => {
  const body = marked('fr-FR') + paragraph('Ventile').repeat(3);
  expect(await languageOf(word(body, styles('de-DE')))).toBe('de-DE');
});

test.each(['x-none', ''])('a Word document whose language is "%s" says none', async (language) => {
  expect(await languageOf(word(paragraph('Ventile'), styles(language)))).toBeUndefined();
});

test('an OpenDocument text is in the language that its properties say', async () => {
  const meta =
    '<office:document-meta xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" xmlns:dc="http://purl.org/dc/elements/1.1/"><office:meta><dc:language>hu-HU</dc:language></office:meta></office:document-meta>';
  const bytes = openDocument('text', '<text:p>Szelepek</text:p>', { 'meta.xml': meta });
  expect((await loadOpenDocument(bytes, 'a.odt')).metadata).toEqual({ language: 'hu-HU' });
});
