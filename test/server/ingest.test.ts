import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { rowsOf, summaryOf } from '../support/answers.ts';
import { temporaryDirectory } from '../support/call.ts';
import { connected } from '../support/connected.ts';

async function withFolder() {
  const folder = join(await temporaryDirectory(), 'docs');
  await mkdir(folder);
  for (let n = 0; n < 12; n++)
    await writeFile(join(folder, `page-${n}.md`), `# Page ${n}\n\nText of page ${n}.\n`);
  const { client } = await connected({ settings: { enableIngest: true, folders: [folder] } });
  const ingest = (onprogress?: (notice: { progress: number; total?: number | undefined }) => void) =>
    client.callTool({ name: 'ingest', arguments: { paths: [folder] } }, onprogress ? { onprogress } : {});
  return { client, folder, ingest };
}

test('ingesting a folder reports progress that only rises, up to its total', async () => {
  const { ingest } = await withFolder();
  const notices: { progress: number; total?: number | undefined }[] = [];
  await ingest((notice) => notices.push(notice));
  const values = notices.map(({ progress }) => progress);
  expect(values.length).toBeGreaterThan(0);
  expect(values).toEqual([...new Set(values)].sort((a, b) => a - b));
  expect(notices.at(-1)?.progress).toBe(notices.at(-1)?.total);
});

test('a second ingest does only what changed, and a file that is gone disappears', async () => {
  const { client, folder, ingest } = await withFolder();
  expect(summaryOf(await ingest())).toMatch(/12 added, 0 changed, 0 unchanged, 0 removed/);
  await writeFile(join(folder, 'page-1.md'), '# Page 1\n\nAnother text.\n');
  await rm(join(folder, 'page-2.md'));
  expect(summaryOf(await ingest())).toMatch(/0 added, 1 changed, 10 unchanged, 1 removed/);
  const listed = await client.callTool({ name: 'list_documents', arguments: {} });
  expect(rowsOf(listed).map((row) => row['id'])).not.toContain('docs/page-2.md');
});

test('files that are skipped are listed with the reason', async () => {
  const { folder, ingest } = await withFolder();
  await writeFile(join(folder, 'picture.png'), Buffer.from([0x89, 0x50, 0x4e, 0x47]));
  const answer = await ingest();
  expect(summaryOf(answer)).toMatch(/1 file skipped, with the reason below/);
  expect(rowsOf(answer)).toEqual([
    { path: expect.stringMatching(/picture\.png$/), reason: expect.any(String) },
  ]);
});
