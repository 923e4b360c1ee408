import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Client } from '@modelcontextprotocol/client';
import { expect, test } from 'vitest';
import { packagedModel } from '../../src/embeddings/models.ts';
import { call, rowsOf, summaryOf } from '../support/answers.ts';
import { temporaryDirectory, testCall } from '../support/call.ts';
import { openedApp } from '../support/connected.ts';
import { pdf } from '../support/files/pdf.ts';
import { root, stdioClient } from '../support/process.ts';

const alarms = `---
topic: safety
year: 2026
---
# Alarms

A sensor at the ceiling raises the alarm when gas escapes from a fitting.
`;
const cost = `---
topic: economy
year: 2025
---
# Cost

Electricity makes up most of the cost of electrolysis.
`;
const manual = pdf([
  [{ text: 'Valves are shut by hand before the crew goes home.', y: 700 }],
  [{ text: 'The compressors run at night, when electricity is cheap.', y: 700 }],
]);

async function written(): Promise<string> {
  const folder = join(await temporaryDirectory(), 'docs');
  await mkdir(folder);
  await writeFile(join(folder, 'alarms.md'), alarms);
  await writeFile(join(folder, 'cost.md'), cost);
  await writeFile(join(folder, 'manual.pdf'), manual);
  return folder;
}

const noNetwork = ['--import', fileURLToPath(new URL('../support/no-network.ts', import.meta.url))];

async function asked(
  client: Client,
  query: string,
  args: object = {},
): Promise<{ notes: string; first: Record<string, unknown> | undefined }> {
  const answer = await call(client, 'search', { query, ...args });
  return { notes: summaryOf(answer), first: rowsOf(answer)[0] };
}

test('without a network, a question in other words is answered with file and lines or page, filtered on front matter; what has no vector yet is told', async () => {
  const dataDir = await temporaryDirectory();
  const folder = await written();
  const settings = { dataDir, folders: folder, enableIngest: 'true' };
  const { client } = await stdioClient(settings, '2026-07-28', noNetwork);
  await call(client, 'ingest', { paths: [folder] });

  const question = 'how do we notice a hydrogen leak?';
  expect((await asked(client, question, { mode: 'keyword' })).first).toBeUndefined();
  const leak = await asked(client, question);
  expect(leak.first).toMatchObject({ document: 'docs/alarms.md', lines: '7' });
  const machines = await asked(client, 'what machines does the plant use after dark?');
  expect(machines.first).toMatchObject({ document: 'docs/manual.pdf', page: 2 });
  expect(machines.notes).toMatch(
    /^No passage has a word of the question: .*\(hybrid\)\..*The next block is data/,
  );
  const filtered = await asked(client, 'alarm when gas escapes', { filter: { topic: 'economy' } });
  expect(filtered.first).toMatchObject({ document: 'docs/cost.md', lines: '7' });

  // Another process without a model adds a page.
  const { library } = await openedApp({ settings: { dataDir, embeddingModel: 'none' } });
  await library.add({ name: 'new', text: 'A new page.', type: 'text', metadata: {} }, testCall());
  const { notes } = await asked(client, 'a new page');
  expect(notes).toMatch(/1 of 5 passages have no vector yet and were searched by keyword only\./);
});

test('a model that is missing, and one that does not fit the index, are each told in one line; words go on', async () => {
  const dataDir = await temporaryDirectory();
  const { library } = await openedApp({ settings: { dataDir, embeddingModel: packagedModel } });
  await library.ingest([await written()], testCall());
  const model = join(await temporaryDirectory(), 'our-model');
  const { client } = await stdioClient({ dataDir, embeddingModel: model }, '2025-11-25', noNetwork);

  const missing = await asked(client, 'alarm when gas escapes');
  await cp(join(root, 'models', 'hydrogen-embed-small-en'), model, { recursive: true });
  const config = join(model, 'tokenizer_config.json');
  const changed = { ...JSON.parse(await readFile(config, 'utf8')), model_max_length: 64 };
  await writeFile(config, JSON.stringify(changed));
  const other = await asked(client, 'alarm when gas escapes');

  expect(missing.notes).toMatch(/\(keyword\)\. Searched by keyword only\. .*our-model/);
  expect(other.notes).toMatch(
    /\(keyword\)\. Searched by keyword only\. The index was built with "hydrogen-embed-small-en", not "our-model".*`hydrogen reindex`/,
  );
  for (const { notes, first } of [missing, other]) {
    expect(notes).not.toContain('\n');
    expect(notes).not.toContain(dataDir);
    expect(first).toMatchObject({ document: 'docs/alarms.md', lines: '7' });
  }
});
