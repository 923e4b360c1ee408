import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { temporaryDirectory, testCall } from '../support/call.ts';
import { folderOf, openLibrary, smallLibrary } from './support.ts';

const script = fileURLToPath(new URL('./ingest-child.ts', import.meta.url));

function ingestElsewhere(directory: string, folder: string): ChildProcess {
  const child = spawn(process.execPath, [script, directory, folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  return child;
}

/** Waits for a line of the child's that contains `text`. */
async function line(child: ChildProcess, text: string): Promise<void> {
  if (!child.stdout) throw new Error('no output');
  for await (const found of createInterface({ input: child.stdout })) if (found.includes(text)) return;
  throw new Error(`no line with ${text}`);
}

/** Enough passages that embedding them takes a while: no two say the same. */
async function manyPages(): Promise<string> {
  const page = await readFile(new URL('../../samples/documents/safety.md', import.meta.url), 'utf8');
  return folderOf(
    Object.fromEntries(
      Array.from({ length: 40 }, (_, i) => [`page-${i}.md`, page.replaceAll('. ', `. (${i}) `)]),
    ),
  );
}

const patient = () => testCall({ deadline: Date.now() + 60_000 });

test('what another process ingests is found by the next search', async () => {
  const directory = await temporaryDirectory();
  const library = await openLibrary({ directory });
  await library.add(
    { name: 'first', text: 'Something about hydrogen.', type: 'text', metadata: {} },
    testCall(),
  );
  await library.search({ query: 'alarm sensor', limit: 3, mode: 'hybrid' }, testCall());

  const child = ingestElsewhere(directory, await folderOf(smallLibrary));
  expect(await once(child, 'exit')).toEqual([0, null]);
  const { hits } = await library.search(
    { query: 'notice an escape', limit: 3, mode: 'semantic' },
    testCall(),
  );

  expect(hits[0]?.document).toBe('docs/safety.md');
});

test('an ingest that is killed while it embeds is finished by the next server', async () => {
  const directory = await temporaryDirectory();
  const child = ingestElsewhere(directory, await manyPages());
  await line(child, 'embedding, 64');
  child.kill('SIGKILL');
  await once(child, 'exit');

  const library = await openLibrary({ directory });
  const { documents, chunks, embedded } = await library.status(testCall());
  expect(documents).toBe(40);
  expect(embedded).toBeLessThan(chunks);
  library.warm();

  await expect
    .poll(async () => (await library.status(patient())).embedded, { timeout: 60_000, interval: 100 })
    .toBe(chunks);
});

test('an ingest that is killed while it reads can be repeated', async () => {
  const directory = await temporaryDirectory();
  const folder = await manyPages();
  const child = ingestElsewhere(directory, folder);
  await line(child, 'file 20');
  child.kill('SIGKILL');
  await once(child, 'exit');

  const library = await openLibrary({ directory });
  const report = await library.ingest([folder], patient());

  expect(report.added + report.unchanged).toBe(40);
  expect(report).toMatchObject({ changed: 0, pending: 0, skipped: [] });
});

test('two processes that ingest the same folder at once end with one copy, complete', async () => {
  const directory = await temporaryDirectory();
  const folder = await manyPages();
  const children = [ingestElsewhere(directory, folder), ingestElsewhere(directory, folder)];
  for (const child of children) child.stdout?.resume();
  const codes = await Promise.all(children.map(async (child) => (await once(child, 'exit'))[0]));

  const library = await openLibrary({ directory });
  const report = await library.ingest([folder], patient());

  expect(codes).toEqual([0, 0]);
  expect(report).toMatchObject({ added: 0, changed: 0, unchanged: 40, pending: 0 });
});

test('while another process holds the write lock, searches are answered and additions say why they are not', async () => {
  const directory = await temporaryDirectory();
  const before = await openLibrary({ directory, embedding: { model: 'none' } });
  await before.ingest([await folderOf(smallLibrary)], testCall());
  const holder = new DatabaseSync(join(directory, 'hydrogen.sqlite'));
  onTestFinished(() => holder.close());
  holder.exec('BEGIN IMMEDIATE');

  const library = await openLibrary({ directory });
  const { hits } = await library.search({ query: 'steel bottles', limit: 1, mode: 'hybrid' }, testCall());
  const addition = library.add(
    { name: 'a', text: 'text', type: 'text', metadata: {} },
    testCall({ deadline: Date.now() + 4_000 }),
  );

  expect(hits[0]?.document).toBe('docs/storage.md');
  await expect(addition).rejects.toThrow(/Another process kept writing/);
});
