import { linkSync, mkdirSync, readdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { realpath } from 'node:fs/promises';
import { join } from 'node:path';
import type { Client, Progress } from '@modelcontextprotocol/client';
import { expect, test } from 'vitest';
import { call, isOfWork, rowsOf, summaryOf } from '../support/answers.ts';
import { temporaryDirectory } from '../support/call.ts';
import { posix } from '../support/platform.ts';
import { bare, hydrogen, stdioClient } from '../support/process.ts';

const links = 'symbolic links that any user may make';

// Who may write in an allowed folder can put a link in the place of what the server has just looked at. The
// notice "file 1 of N" comes when all files have been found and none but the first is read.

interface Setting {
  readonly client: Client;
  readonly docs: string;
  readonly outside: string;
}

/** A folder to read, whose last file lies in a folder of its own, and a file outside that nobody may read. */
async function setting(): Promise<Setting> {
  const base = await realpath(await temporaryDirectory());
  const [docs, outside] = [join(base, 'docs'), join(base, 'outside')];
  for (const folder of [docs, join(docs, 'sub'), outside]) mkdirSync(folder);
  for (let n = 10; n < 40; n++) writeFileSync(join(docs, `page-${n}.txt`), `Page ${n} is about pumps.\n`);
  writeFileSync(join(docs, 'sub', 'z.txt'), 'A harmless page about valves.\n');
  writeFileSync(join(outside, 'z.txt'), 'The passphrase is zymurgy.\n');
  const { client } = await stdioClient({
    dataDir: join(base, 'data'),
    enableIngest: 'true',
    folders: docs,
    ...bare,
  });
  return { client, docs, outside };
}

/** Ingests the folder, and does something at the first notice. */
async function ingestWhile({ client, docs }: Setting, happens: () => void) {
  let notices = 0;
  const onprogress = (notice: Progress): void => {
    if (isOfWork(notice) && notices++ === 0) happens();
  };
  const answer = await client.callTool({ name: 'ingest', arguments: { paths: [docs] } }, { onprogress });
  expect(notices).toBeGreaterThan(0);
  return answer;
}

async function found(client: Client, query: string): Promise<unknown[]> {
  return rowsOf(await call(client, 'search', { query, mode: 'keyword' }));
}

/** Moves the folder aside and puts a link to the one outside in its place. */
function swapFolder({ docs, outside }: Setting): void {
  renameSync(join(docs, 'sub'), join(docs, '.aside'));
  symlinkSync(outside, join(docs, 'sub'), 'junction');
}

const swaps: Readonly<Record<string, (setting: Setting) => void>> = {
  'a file was replaced by a link': ({ docs, outside }) => {
    rmSync(join(docs, 'sub', 'z.txt'));
    symlinkSync(join(outside, 'z.txt'), join(docs, 'sub', 'z.txt'));
  },
  'its folder was replaced by a link': swapFolder,
  'a file was replaced by a second name of one outside': ({ docs, outside }) => {
    rmSync(join(docs, 'sub', 'z.txt'));
    linkSync(join(outside, 'z.txt'), join(docs, 'sub', 'z.txt'));
  },
};

test.runIf(posix(links)).for(Object.entries(swaps))(
  'nothing from outside is read when %s between the walk and the reading',
  async ([, swap]) => {
    const here = await setting();

    const answer = await ingestWhile(here, () => swap(here));

    expect(await found(here.client, 'zymurgy')).toEqual([]);
    expect(summaryOf(answer)).toMatch(/30 added/);
    expect(rowsOf(answer)).toEqual([
      { path: 'docs/sub/z.txt', reason: expect.stringMatching(/while being read/) },
    ]);
  },
);

test('a folder that was a link for a while is read again as it was, and its document was never lost', async () => {
  const here = await setting();
  const { client, docs } = here;
  await call(client, 'ingest', { paths: [join(docs, 'sub')] });
  writeFileSync(join(docs, 'sub', 'z.txt'), 'A changed page about valves.\n');

  await ingestWhile(here, () => swapFolder(here));
  const meanwhile = await found(client, 'valves');
  rmSync(join(docs, 'sub'));
  renameSync(join(docs, '.aside'), join(docs, 'sub'));
  const answer = await call(client, 'ingest', { paths: [docs] });

  expect(meanwhile).toHaveLength(1);
  expect(summaryOf(answer)).toMatch(/0 added, 1 changed, 30 unchanged, 0 removed/);
});

test('a file that a program saves anew meanwhile is read as it is now', async () => {
  const here = await setting();
  const { client, docs } = here;

  const answer = await ingestWhile(here, () => {
    writeFileSync(join(docs, 'sub', '.z.txt.tmp'), 'The page is about gaskets now.\n');
    renameSync(join(docs, 'sub', '.z.txt.tmp'), join(docs, 'sub', 'z.txt'));
  });

  expect(rowsOf(answer)).toEqual([]);
  expect(await found(client, 'gaskets')).toHaveLength(1);
});

test.runIf(posix(links))(
  'an export goes into the folder that was checked, though a link takes its place meanwhile',
  async () => {
    const base = await realpath(await temporaryDirectory());
    const [folder, aside, outside] = [join(base, 'exports'), join(base, 'aside'), join(base, 'outside')];
    const documents = join(base, 'plants.jsonl');
    for (const one of [folder, outside]) mkdirSync(one);
    writeFileSync(documents, Array.from({ length: 5_000 }, (_, n) => `{"_id": ${n}}\n`).join(''));
    const settings = { dataDir: join(base, 'data'), exportFolder: folder, ...bare };
    expect(hydrogen(['import', 'plants', documents], settings).code).toBe(0);
    const { client } = await stdioClient(settings);
    let notices = 0;
    const onprogress = (notice: Progress): void => {
      if (!isOfWork(notice) || notices++ > 0) return;
      renameSync(folder, aside);
      symlinkSync(outside, folder);
    };

    const answer = await client.callTool(
      { name: 'export', arguments: { collection: 'plants', file: 'plants.jsonl' } },
      { onprogress },
    );

    expect(notices).toBeGreaterThan(0);
    expect(summaryOf(answer)).toMatch(/5,000 documents/);
    expect(readdirSync(outside)).toEqual([]);
    expect(readdirSync(aside)).toEqual(['plants.jsonl']);
  },
);

test.runIf(posix(links))('links in a folder are not imported, and told of', async () => {
  const base = await realpath(await temporaryDirectory());
  const folder = join(base, 'folder');
  mkdirSync(folder);
  writeFileSync(join(base, 'secret.jsonl'), '{"_id": 1}\n');
  writeFileSync(join(folder, 'plants.jsonl'), '{"_id": 2}\n');
  symlinkSync(join(base, 'secret.jsonl'), join(folder, 'stolen.jsonl'));

  const { out, err } = hydrogen(['import', folder], { dataDir: join(base, 'data') });

  expect(out).toMatch(/^plants: 1 document inserted/);
  expect(err).toMatch(/skipped .*stolen\.jsonl: a link/);
});
