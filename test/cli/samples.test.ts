import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { samples } from '../../src/samples.ts';
import { rowsOf } from '../support/answers.ts';
import { temporaryDirectory } from '../support/call.ts';
import { command } from '../support/command.ts';
import { clientOf, openedApp } from '../support/connected.ts';
import type { Settings } from '../support/process.ts';

async function directoryWith(settings: Settings = {}): Promise<Settings> {
  return {
    embeddingModel: 'none',
    sampleWorkflows: 'true',
    dataDir: await temporaryDirectory(),
    ...settings,
  };
}

test('after `samples` the questions that it names can be asked; `--remove` takes out what it put in', async () => {
  const settings = await directoryWith();
  const before = await command(['workflows'], settings);
  const added = await command(['samples'], settings);
  const found = await command(['search', 'embrittlement in pipelines', '--limit', '1'], settings);
  const rows = await command(
    ['find', 'technologies', '{"technology":"Electrolysis"}', '--limit', '1'],
    settings,
  );
  const run = await command(['run', 'electrolyser-cost-brief', '--json'], settings);

  expect(before).toMatchObject({ code: 0, out: '', err: expect.stringContaining('`hydrogen samples`') });
  expect(added.out).toMatch(/22 documents.*technologies \(646\), materials \(266\), sources \(147\)/);
  expect(added.out).toContain('Run the electrolyser cost brief.');
  expect(found.out).toMatch(/^documents\//);
  expect(rows.out).toMatch(/"technology":"Electrolysis"/);
  expect(JSON.parse(run.out)).toMatchObject({ state: 'completed' });

  const removed = await command(['samples', '--remove', '--json'], settings);
  expect(JSON.parse(removed.out)).toEqual({
    documents: 22,
    collections: { technologies: 646, materials: 266, sources: 147 },
  });
  expect((await command(['list'], settings)).err).toMatch(/library is empty/);
  expect((await command(['find', 'technologies'], settings)).code).toBe(3);
  expect((await command(['workflows'], settings)).out).toBe('');
}, 60_000);

test('adding the samples again changes nothing', async () => {
  const settings = await directoryWith();
  const first = await command(['samples', '--json'], settings);
  const second = await command(['samples', '--json'], settings);
  expect(second.out).toBe(first.out);
  expect((await command(['find', 'sources', '--limit', '1'], settings)).err).toMatch(/1 document/);
}, 60_000);

test("a collection of the user's own with the same name is left alone, and nothing is added", async () => {
  const settings = await directoryWith();
  const own = join(await temporaryDirectory(), 'own.jsonl');
  await writeFile(own, '{"_id":1,"mine":true}\n');
  await command(['import', 'materials', own], settings);

  const refused = await command(['samples'], settings);
  expect(refused).toMatchObject({ code: 2, out: '' });
  expect(refused.err).toMatch(/your own in "materials".*nothing was added.*--data-dir FOLDER samples/);
  expect((await command(['list'], settings)).out).toBe('');

  expect((await command(['samples', '--remove'], settings)).code).toBe(0);
  expect((await command(['find', 'materials'], settings)).out).toBe('{"_id":1,"mine":true}\n');
}, 60_000);

test("documents of the user's own in a sample collection stay when the samples go", async () => {
  const settings = await directoryWith();
  await command(['samples'], settings);
  const own = join(await temporaryDirectory(), 'own.jsonl');
  await writeFile(own, '{"_id":1,"mine":true}\n');
  await command(['import', 'materials', own], settings);
  await command(['samples', '--remove'], settings);
  expect((await command(['find', 'materials'], settings)).out).toBe('{"_id":1,"mine":true}\n');
}, 60_000);

test('a source of which the sample documents are only a part is not removed', async () => {
  const settings = await directoryWith();
  await command(['ingest', join(samples.documents, 'safety.md')], settings);
  await command(['samples'], settings);
  await command(['samples', '--remove'], settings);
  expect((await command(['list'], settings)).out).toMatch(/^documents\/safety\.md/m);
}, 60_000);

test('a client is offered the sample workflows only while their collection is there', async () => {
  const app = await openedApp({ settings: { sampleWorkflows: true } });
  const client = await clientOf(app);
  const names = async (): Promise<unknown[]> =>
    rowsOf(await client.callTool({ name: 'list_workflows', arguments: {} })).map(({ name }) => name);
  expect(await names()).toEqual([]);

  const { store } = app.connections.get('embedded');
  const call = { ...(await import('../support/call.ts')).testCall() };
  await store.put({ database: 'main', collection: 'technologies' }, [{ a: 1 }], { drop: false }, call);
  expect(await names()).toEqual(['electrolyser-cost-brief', 'reading-list', 'technology-profile']);
}, 60_000);
