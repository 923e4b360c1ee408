import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Action, oneOf } from './action.ts';
import { assert, type Connection, rowsOf, textOf } from './connection.ts';
import { questions } from './expected.ts';

/** What clients do with the library: search and read, and put documents in and take them out again. */
export function documentActions(folder: string): readonly Action[] {
  /** Distinct words, which no cache has seen. */
  const newWord = ({ random }: Connection): string =>
    Array.from({ length: 10 }, () => String.fromCharCode(97 + Math.floor(random() * 26))).join('');
  return [
    {
      name: 'search',
      weight: 14,
      async run({ call, random }) {
        const [query, document] = oneOf(questions, random);
        const mode = oneOf(['hybrid', 'semantic', 'keyword'], random);
        const filter = random() < 0.3 ? { filter: { title: { $exists: true }, type: { $ne: 'pdf' } } } : {};
        const rows = rowsOf(await call('search', { query, mode, within: 'documents/', ...filter }));
        const found = rows.map((row) => row['document']);
        assert(
          found.includes(`documents/${document}`),
          `"${query}" (${mode}) did not find ${document}`,
          found,
        );
      },
    },
    {
      name: 'search for what nobody asked before',
      weight: 4,
      async run(connection) {
        const { call, random } = connection;
        const query = `${newWord(connection)} ${oneOf(questions, random)[0]} ${newWord(connection)}`;
        const filter = { path: { $ne: newWord(connection) }, title: { $ne: newWord(connection) } };
        const rows = rowsOf(await call('search', { query, filter, within: 'documents/', explain: true }));
        assert(rows.length > 0, 'a search with unknown words found nothing');
      },
    },
    {
      name: 'read a document',
      weight: 6,
      async run({ call, random }) {
        const id = `documents/${oneOf(questions, random)[1]}`;
        const whole = textOf(await call('get_document', { id }), 1);
        assert(whole.includes('hydrogen'), `${id} is not about hydrogen`, whole.slice(0, 200));
        const from = 1 + Math.floor(random() * 8);
        const part = textOf(await call('get_document', { id, from_line: from, to_line: from + 2 }), 1);
        const lines = whole.split('\n').slice(from - 1, from + 2);
        assert(part === lines.join('\n'), `lines ${from} to ${from + 2} of ${id} are others`, part);
      },
    },
    {
      name: 'look around in the library',
      weight: 4,
      async run({ call, random }) {
        const listed = rowsOf(await call('list_documents', { within: 'documents/' }));
        assert(listed.length >= 22, 'documents are missing', listed);
        const id = `documents/${oneOf(questions, random)[1]}`;
        const similar = rowsOf(await call('similar_documents', { id }));
        assert(
          similar.length > 0 && similar.every((row) => row['document'] !== id),
          'odd neighbours',
          similar,
        );
        assert(rowsOf(await call('list_sources')).length > 0, 'there are no sources');
      },
    },
    {
      name: 'put a text in and take it out',
      weight: 3,
      async run(connection) {
        const { call, id } = connection;
        const word = newWord(connection);
        const name = `soak-${id}`;
        const body = Array.from({ length: 40 }, (_, i) => `Paragraph ${i} about ${word}${i}.\n`).join('\n');
        await call('add_document', { name, text: `# ${word}\n\n${body}`, metadata: { [word]: id } });
        const rows = rowsOf(await call('search', { query: `${word}7`, mode: 'keyword', limit: 3 }));
        assert(rows[0]?.['document'] === `inline/${name}`, 'what was put in was not found', rows);
        await call('remove_document', { id: `inline/${name}` });
        const after = rowsOf(await call('search', { query: `${word}7`, mode: 'keyword', limit: 3 }));
        assert(after.length === 0, 'what was taken out was found', after);
      },
    },
    {
      name: 'read a file that changes',
      weight: 1,
      async run(connection) {
        const { call, id } = connection;
        const word = newWord(connection);
        const name = `changing/file-${id}.md`;
        await writeFile(join(folder, name), `# About ${word}\n\nThe word is ${word}.\n`);
        await call('ingest', { paths: [join(folder, name)] });
        const rows = rowsOf(await call('search', { query: word, mode: 'keyword' }));
        assert(String(rows[0]?.['document']).endsWith(name), 'a file that was read was not found', rows);
        await rm(join(folder, name));
        await call('remove_document', { id: String(rows[0]?.['document']) });
      },
    },
  ];
}
