import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Progress } from '@modelcontextprotocol/client';
import { expect, test } from 'vitest';
import { packagedModel } from '../../src/embeddings/models.ts';
import { temporaryDirectory } from '../support/call.ts';
import { posix } from '../support/platform.ts';
import { cli, environmentOf, hydrogen, root, stdioClient } from '../support/process.ts';

const sentence = 'Gas is kept in salt caverns that were washed out of the rock, far below the ground. ';

/** A folder whose vectors take longer than its texts. */
async function manyPassages(files: number): Promise<{ folder: string; dataDir: string }> {
  const directory = await temporaryDirectory();
  const folder = join(directory, 'docs');
  await mkdir(folder);
  for (let page = 0; page < files; page++) {
    const text = Array.from({ length: 300 }, (_, i) => `Cavern ${page} ${i}. ${sentence}`).join('\n\n');
    await writeFile(join(folder, `page-${page}.md`), text);
  }
  return { folder, dataDir: join(directory, 'data') };
}

test.runIf(posix('signals that ask'))(
  'an ingest in a job without a terminal that is asked to end says what stays, and the next goes on from there',
  { timeout: 120_000 },
  async () => {
    // Many more than can be had before the first line of progress, after 5 s.
    const { folder, dataDir } = await manyPassages(400);
    const settings = { dataDir, embeddingModel: packagedModel, sampleWorkflows: 'false' };
    const child = spawn(process.execPath, [cli, 'ingest', folder], {
      cwd: root,
      env: environmentOf(settings),
    });
    let shown = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      if (!shown.includes('search by words') && text.includes('search by words')) child.kill('SIGTERM');
      shown += text;
    });
    const [ended] = await once(child, 'close');

    expect(shown).toContain('What has been read stays, and is found by words.');
    expect(shown).not.toMatch(/[^\P{C}\n]/u);
    expect(ended).toBe(143);
    const words = { ...settings, embeddingModel: 'none' };
    expect(hydrogen(['search', 'cavern 399 299'], words).out).toContain('page-399.md');
    expect(hydrogen(['ingest', folder], words).out).toMatch(/^0 documents added, 0 changed, 400 unchanged/);
  },
);

test('a client on stdio hears of one share of the work that only rises, of the same total', async () => {
  const { folder, dataDir } = await manyPassages(6);
  const { client } = await stdioClient({
    ...{ dataDir, embeddingModel: packagedModel, sampleWorkflows: 'false' },
    ...{ enableIngest: 'true', folders: folder },
  });
  const heard: Progress[] = [];
  await client.callTool(
    { name: 'ingest', arguments: { paths: [folder] } },
    { onprogress: (notice) => heard.push(notice), timeout: 60_000 },
  );
  const shares = heard.map(({ progress }) => progress);
  expect(shares).toEqual([...new Set(shares)].sort((a, b) => a - b));
  expect(new Set(heard.map(({ total }) => total))).toEqual(new Set([100]));
  expect(heard.at(-1)?.progress).toBe(100);
  expect(heard.some(({ message }) => message?.includes('search by words works already'))).toBe(true);
}, 60_000);
