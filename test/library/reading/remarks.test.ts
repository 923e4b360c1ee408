import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { remarkNotes } from '../../../src/library/sync/files/remark-notes.ts';
import { rowsOf, summaryOf } from '../../support/answers.ts';
import { temporaryDirectory } from '../../support/call.ts';
import { command } from '../../support/command.ts';
import { connected } from '../../support/connected.ts';
import { bare } from '../../support/process.ts';

/** A folder with a whole file and one with a damaged line. */
async function folderWithDamage(): Promise<string> {
  const folder = join(await temporaryDirectory(), 'docs');
  await mkdir(folder);
  await writeFile(join(folder, 'damaged.jsonl'), '{"pump":"on"}\n{"pump":\n{"pump":"off"}\n');
  await writeFile(join(folder, 'whole.jsonl'), '{"pump":"on"}\n');
  return folder;
}

test('what is not in the text of a file is told when it is read, listed and opened', async () => {
  const folder = await folderWithDamage();
  const { client } = await connected({ settings: { enableIngest: true, folders: [folder] } });
  const call = (name: string, args: object) => client.callTool({ name, arguments: { ...args } });
  expect(summaryOf(await call('ingest', { paths: [folder] }))).toContain('damaged.jsonl: line 2');
  expect(rowsOf(await call('list_documents', {}))).toEqual([
    expect.objectContaining({ id: 'docs/damaged.jsonl', remarks: [expect.stringContaining('line 2')] }),
    expect.not.objectContaining({ remarks: expect.anything() }),
  ]);
  expect(summaryOf(await call('get_document', { id: 'docs/damaged.jsonl' }))).toContain(
    'Of its file: line 2',
  );
  expect(summaryOf(await call('get_document', { id: 'docs/whole.jsonl' }))).not.toContain('Of its file');
});

test('doctor names the documents that were not read whole', async () => {
  const settings = { ...bare, dataDir: await temporaryDirectory() };
  await command(['ingest', await folderWithDamage()], settings);
  const { out } = await command(['doctor', '--json'], settings);
  const { parts } = JSON.parse(out) as { parts: { name: string; state: string; detail: string }[] };
  expect(parts.filter(({ name }) => name === 'reading')).toEqual([
    {
      name: 'reading',
      state: 'up',
      detail: expect.stringMatching(/^1 document has remarks of its reader: docs\/damaged\.jsonl: line 2/),
    },
  ]);
});

test('one kind of remark on many files does not hide another kind', () => {
  const scans = Array.from({ length: 100 }, (_, i) => ({
    path: `scan-${i}.pdf`,
    reason: `${i + 1} page${i > 0 ? 's hold' : ' holds'} no text (${i})`,
  }));
  const notes = remarkNotes([...scans, { path: 'a.docx', reason: '1 chart is not read' }]);
  expect(notes).toHaveLength(7);
  expect(notes).toContain('a.docx: 1 chart is not read.');
  expect(notes.at(-1)).toMatch(/^95 more remarks/);
});
