import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { failure } from '../support/answers.ts';
import { temporaryDirectory } from '../support/call.ts';
import { connected } from '../support/connected.ts';

test('an ingest that takes longer than its time limit is told what it can do, not what a query could', async () => {
  const folder = join(await temporaryDirectory(), 'docs');
  await mkdir(folder);
  for (let n = 0; n < 50; n++) await writeFile(join(folder, `page-${n}.md`), `# Page ${n}\n\nText.\n`);
  const { client } = await connected({
    settings: { enableIngest: true, folders: [folder], callTimeoutMs: 30 },
  });

  const message = await failure(client, 'ingest', { paths: [folder] });

  expect(message).toMatch(/longer than its time limit.*What was read is kept: repeat the call/);
  expect(message).not.toMatch(/filter|\$match|limit\)/);
});

test.each([
  ['find', { collection: 'plants', filter: { a: 1 } }, /filter/],
  ['list_collections', {}, /Try again/],
  ['search', { query: 'hydrogen' }, /Try again.*mode "keyword"/],
  ['add_document', { name: 'a.md', text: '# A\n\nText.' }, /Try again, or send it in parts/],
])('a call of %s that is too late is told what fits it', async (tool, args, says) => {
  // The store is not even open within so short a time.
  const { client } = await connected({ settings: { enableIngest: true, callTimeoutMs: 1 } });
  expect(await failure(client, tool, args)).toMatch(says);
});
