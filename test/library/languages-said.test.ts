import { expect, test } from 'vitest';
import { testCall } from '../support/call.ts';
import { paragraph, run, word } from '../support/files/word.ts';
import { folderOf, wordsOnly } from './support.ts';

test('a title alone in a Word document is found in another inflection of the language it says', async () => {
  const title = paragraph(run('Prüfung Sicherheitsventile', '<w:lang w:val="de-DE"/>'));
  const library = await wordsOnly();
  await library.ingest([await folderOf({ 'a.docx': word(title) })], testCall());
  const { hits } = await library.search(
    { query: 'Sicherheitsventilen', limit: 1, mode: 'keyword' },
    testCall(),
  );
  expect(hits.map(({ document }) => document)).toEqual(['docs/a.docx']);
});
