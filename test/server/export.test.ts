import { mkdir, readdir, readFile, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createExportsFolder } from '../../src/stores/documents/export/exports-folder.ts';
import { call, failure, summaryOf } from '../support/answers.ts';
import { temporaryDirectory, testCall } from '../support/call.ts';
import { command } from '../support/command.ts';
import { connected, eras } from '../support/connected.ts';
import { linkFolder } from '../support/links.ts';
import { bare } from '../support/process.ts';

const data = {
  plants: [
    { _id: 1, mw: 10 },
    { _id: 2, mw: 2.5 },
  ],
};

async function folder(): Promise<string> {
  const path = join(await temporaryDirectory(), 'out');
  await mkdir(path);
  return path;
}

test.each(eras)('in %s an export is linked, and the link is read as a resource', async (era) => {
  const { client } = await connected({ data, era });
  const answer = await call(client, 'export', { collection: 'plants', filter: { mw: { $gt: 3 } } });
  expect(summaryOf(answer)).toMatch(
    /^1 document of "plants", 18 bytes as jsonl, in the resource linked here, for a day\.$/,
  );
  const link = answer.content.find((block) => block.type === 'resource_link');
  expect(link).toMatchObject({ name: 'plants.jsonl', mimeType: 'application/jsonl', size: 18 });
  const { contents } = await client.readResource({ uri: link?.uri ?? '' });
  expect(contents).toMatchObject([{ text: '{"_id":1,"mw":10}\n', mimeType: 'application/jsonl' }]);
});

test('an export that is older than a day is gone', async () => {
  const { app, client } = await connected({ data });
  const answer = await call(client, 'export', { collection: 'plants', format: 'csv' });
  const uri = answer.content.flatMap((block) => (block.type === 'resource_link' ? [block.uri] : []))[0] ?? '';
  const [name = ''] = await readdir(join(app.dataDirectory, 'exports'));
  const before = new Date(Date.now() - 25 * 60 * 60 * 1_000);
  await utimes(join(app.dataDirectory, 'exports', name), before, before);
  await expect(client.readResource({ uri })).rejects.toThrow(/kept, for a day/);
  expect(await readdir(join(app.dataDirectory, 'exports'))).toEqual([]);
});

test('exports do not fill the disk: the oldest make room, the newest stays', async () => {
  const exports = createExportsFolder(await temporaryDirectory(), 100);
  const write = (size: number) => exports.write('jsonl', (sink) => sink('x'.repeat(size)), testCall());
  const first = await write(60);
  const second = await write(60);
  await expect(exports.read(first.id, testCall())).rejects.toThrow(/no export/);
  expect((await exports.read(second.id, testCall())).text).toHaveLength(60);
  const third = await write(200);
  await expect(exports.read(second.id, testCall())).rejects.toThrow(/no export/);
  expect((await exports.read(third.id, testCall())).text).toHaveLength(200);
});

test.each(['../../keys.json', 'keys.json', 'x', `${'A'.repeat(22)}.jsonl`])(
  'an export that was never made is not there: %s',
  async (id) => {
    const { client } = await connected({ data });
    const uri = `hydrogen://exports/${encodeURIComponent(id)}`;
    await expect(client.readResource({ uri })).rejects.toThrow(/no export/);
  },
);

test('with an export folder a caller may name the file; one that is there is not replaced', async () => {
  const exportFolder = await folder();
  const { client } = await connected({ data, settings: { exportFolder } });
  const args = { collection: 'plants', format: 'csv', file: 'plants' };
  expect(summaryOf(await call(client, 'export', args))).toMatch(/in "plants.csv" in the folder "out"/);
  expect(await readFile(join(exportFolder, 'plants.csv'), 'utf8')).toBe('_id,mw\r\n1,10\r\n2,2.5\r\n');
  expect(await failure(client, 'export', args)).toMatch(/"plants.csv" already exists/);
});

test.each(['page.html', 'run.sh', 'x.jsonl.exe'])(
  'what would be run when it is opened is no name for an export: %s',
  async (file) => {
    const exportFolder = await folder();
    const { client } = await connected({ data, settings: { exportFolder } });
    expect(await failure(client, 'export', { collection: 'plants', file })).toMatch(/end it with .jsonl/);
    expect(await readdir(exportFolder)).toEqual([]);
  },
);

test('a name that leads out of the export folder is refused', async () => {
  const exportFolder = await folder();
  await linkFolder(await temporaryDirectory(), join(exportFolder, 'link'));
  const { client } = await connected({ data, settings: { exportFolder } });
  for (const file of ['../x.csv', '/tmp/x.csv', 'link/x.csv', 'a/../../x.csv', '.']) {
    expect(await failure(client, 'export', { collection: 'plants', file }), file).toMatch(
      /is not a name in the folder "out"/,
    );
  }
  expect(await readdir(exportFolder)).toEqual(['link']);
});

test('a name that some system does not take, or takes for a device, is refused on every one', async () => {
  const exportFolder = await folder();
  const { client } = await connected({ data, settings: { exportFolder } });
  for (const file of ['x\0.csv', 'x.csv:y.csv', 'NUL.csv', 'com1', 'sub./x.csv', 'What?.csv']) {
    expect(await failure(client, 'export', { collection: 'plants', file }), file).toMatch(
      /is not a name for a file on every system/,
    );
  }
  expect(await readdir(exportFolder)).toEqual([]);
});

test('without an export folder a file name is refused with what to do', async () => {
  const { client } = await connected({ data });
  expect(await failure(client, 'export', { collection: 'plants', file: 'x' })).toMatch(/Leave "file" out/);
});

test('an export that is too large says how much is in it', async () => {
  const many = Array.from({ length: 100 }, (_, n) => ({ _id: n }));
  const { client } = await connected({ data: { many }, settings: { maxExportBytes: 1_000 } });
  expect(summaryOf(await call(client, 'export', { collection: 'many' }))).toMatch(
    /^91 documents of "many".*More remain: an export holds 1,000 bytes/,
  );
});

test('an export refuses what a read must not do, and unknown collections', async () => {
  const { app, client } = await connected({ data });
  const filter = { $where: '1' };
  expect(await failure(client, 'export', { collection: 'plants', filter })).toMatch(/\$where is refused/);
  expect(await failure(client, 'export', { collection: 'plant' })).toMatch(/"plants"/);
  expect(await readdir(join(app.dataDirectory, 'exports'))).toEqual([]);
});

test('a CSV for Excel begins with a byte-order mark where asked, and import takes it off', async () => {
  const exportFolder = await folder();
  const cities = [{ _id: 1, name: 'Zürich' }];
  const { client } = await connected({ data: { cities }, settings: { exportFolder } });
  const asked = { collection: 'cities', format: 'csv' };
  await call(client, 'export', { ...asked, bom: true, file: 'excel' });
  await call(client, 'export', { ...asked, file: 'plain' });
  const csv = '\uFEFF_id,name\r\n1,Zürich\r\n';
  expect(await readFile(join(exportFolder, 'excel.csv'), 'utf8')).toBe(csv);
  expect(await readFile(join(exportFolder, 'plain.csv'), 'utf8')).toBe(csv.slice(1));

  const settings = { ...bare, dataDir: await temporaryDirectory() };
  await command(['import', 'cities', join(exportFolder, 'excel.csv')], settings);
  expect((await command(['find', 'cities'], settings)).out).toBe('{"_id":1,"name":"Zürich"}\n');
  expect((await command(['export', 'cities', '--format', 'csv', '--bom'], settings)).out).toBe(csv);
});

test('a byte-order mark before JSON is refused', async () => {
  const { client } = await connected({ data });
  expect(await failure(client, 'export', { collection: 'plants', bom: true })).toMatch(/Only a CSV/);
});
