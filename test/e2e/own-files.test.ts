import { linkSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createLog } from '../../src/observability/log.ts';
import { createKeyRing } from '../../src/stores/data-directory.ts';
import { call, rowsOf, summaryOf } from '../support/answers.ts';
import { temporaryDirectory, testCall } from '../support/call.ts';
import { command } from '../support/command.ts';
import { openedApp } from '../support/connected.ts';
import { posix } from '../support/platform.ts';
import { bare, type Settings, stdioClient } from '../support/process.ts';

// A server's keys, settings and secrets may lie where documents are read. None of them becomes a document.

interface Setting {
  readonly docs: string;
  readonly data: string;
  readonly config: string;
  readonly settings: Settings;
}

/** A folder of documents that also holds the data directory, the settings in use and a secret file. */
async function setting(): Promise<Setting> {
  const docs = join(await realpath(await temporaryDirectory()), 'docs');
  const data = join(docs, 'state');
  const config = join(docs, 'prod.json');
  mkdirSync(docs);
  writeFileSync(join(docs, 'a.md'), '# Pumps\n\nA page about pumps.\n');
  writeFileSync(join(docs, 'url.txt'), 'mongodb://xylophone:xylophone@127.0.0.1:1/');
  writeFileSync(join(docs, 'token.txt'), 'xylophone');
  const connections = { sales: { urlFile: 'url.txt' }, other: { url: 'mongodb://x:xylophone@127.0.0.1:1/' } };
  writeFileSync(config, JSON.stringify({ connections, folders: [docs], enableIngest: true }));
  const settings = { ...bare, dataDir: data, embeddingTokenFile: join(docs, 'token.txt') };
  await createKeyRing(data, createLog('silent')).current();
  return { docs, data, config, settings };
}

const run = ({ config, settings }: Setting, ...args: string[]) =>
  command(['--config', config, ...args], settings);

async function ids({ data }: Setting): Promise<string[]> {
  const { library } = await openedApp({ settings: { dataDir: data } });
  return (await library.list({ limit: 100 }, testCall())).documents.map(({ id }) => id);
}

test('keys, settings and secret files in a folder that is read are left out, and the report says so once', async () => {
  const here = await setting();

  const { out, err, code } = await run(here, 'ingest', here.docs);

  expect(code).toBe(0);
  expect(out).toMatch(/1 document added/);
  expect(await ids(here)).toEqual(['docs/a.md']);
  expect(err.trim().split('\n').sort()).toEqual([
    'skipped docs/prod.json: left out: it holds settings or secrets of a Hydrogen server',
    'skipped docs/state: left out: a Hydrogen server keeps its data there',
    'skipped docs/token.txt: left out: it holds settings or secrets of a Hydrogen server',
    'skipped docs/url.txt: left out: it holds settings or secrets of a Hydrogen server',
  ]);
  expect(out + err).not.toContain('xylophone');
});

test('a client that names them gets them neither', async () => {
  const here = await setting();
  const { client } = await stdioClient({ ...here.settings, folders: here.docs, enableIngest: 'true' });

  const answer = await call(client, 'ingest', {
    paths: ['state', 'state/keys.json', 'token.txt'].map((path) => join(here.docs, path)),
  });

  expect(summaryOf(answer)).toMatch(/0 added.*3 files skipped/);
  expect(rowsOf(answer).map(({ path }) => path)).toEqual(['state', 'keys.json', 'token.txt']);
  expect(rowsOf(await call(client, 'list_documents'))).toEqual([]);
});

test.runIf(posix('symbolic links that any user may make'))('other names lead to them as little', async () => {
  const here = await setting();
  const more = join(here.docs, 'more');
  mkdirSync(more);
  linkSync(join(here.data, 'keys.json'), join(more, 'k.json'));
  linkSync(here.config, join(more, 's.json'));
  linkSync(join(here.docs, 'token.txt'), join(more, 't.txt'));
  symlinkSync(here.data, join(more, 'way'));

  const folder = await run(here, 'ingest', more);
  const file = await run(here, 'ingest', join(more, 'k.json'));
  const through = await run(here, 'ingest', join(more, 'way', 'keys.json'));

  expect(await ids(here)).toEqual([]);
  expect(folder.err.match(/left out/g)).toHaveLength(3);
  expect([file, through].map(({ err }) => /left out/.test(err))).toEqual([true, true]);
});

test('a folder inside the data directory is not read', async () => {
  const here = await setting();
  const inside = join(here.data, 'exports');
  mkdirSync(inside);
  writeFileSync(join(inside, 'x.csv'), 'a,b\n1,2\n');

  expect((await run(here, 'ingest', inside)).err).toMatch(/left out/);

  expect(await ids(here)).toEqual([]);
});

test("another server's settings and data directory are recognised, a data file of that name is read", async () => {
  const here = await setting();
  const [other, mine] = [join(here.docs, 'other'), join(here.docs, 'mine')];
  for (const folder of [other, join(other, 'data'), mine]) mkdirSync(folder);
  writeFileSync(join(other, 'hydrogen.json'), '{"mongodbUrl": "mongodb://x:xylophone@127.0.0.1:1/"}');
  for (const name of ['hydrogen.sqlite', 'keys.json']) writeFileSync(join(other, 'data', name), '{"a":1}');
  writeFileSync(join(mine, 'hydrogen.json'), '{"symbol": "H", "number": 1}');

  await run(here, 'ingest', other, mine);

  expect(await ids(here)).toEqual(['mine/hydrogen.json']);
});

const url = 'mongodb://x:xylophone@127.0.0.1:1/';

/** By folder: settings of other servers, which are recognised though not every name in them is one of a setting. */
const ofOthers: Readonly<Record<string, object>> = {
  'beside-a-secret': { mongodbUrl: url, comment: 'ours', a: 1, b: 2, c: 3 },
  'a-token': { embeddingToken: 'xylophone', model: 'x', note: 'y' },
  'another-spelling': { MONGODB_URL: 'localhost', x: 1 },
  'a-misspelt-name': { mongoUrl: url, x: 1 },
  connections: { connections: { sales: { url } }, a: 1, b: 2, c: 3 },
  'a-mirror': { embeddingMirror: 'https://me:xylophone@hub.example/', a: 1 },
  'no-secret': { dataDir: 'd', folders: ['x'], logLevel: 'info', colour: 'red' },
};

/** Documents that are named like settings, and share a name or two with them. */
const documents: Readonly<Record<string, unknown>> = {
  'one-name': { symbol: 'H', include: ['protium', 'deuterium'] },
  'two-names-of-three': { include: ['protium'], exclude: ['tritium'], symbol: 'H' },
  grid: { name: 'Grid', connections: [{ from: 'Emden', to: 'Oude' }], unit: 'km' },
  links: { connections: { home: { url: 'https://grid.example/?page=2' } }, title: 'Links' },
  'no-password': { server: 'mongodb://127.0.0.1/', a: 1 },
  list: [{ mongodbUrl: 'x' }],
};

test("another server's settings with unknown names are recognised, documents that share names are read", async () => {
  const here = await setting();
  const folder = join(here.docs, 'all');
  mkdirSync(folder);
  for (const [name, values] of Object.entries({ ...ofOthers, ...documents })) {
    mkdirSync(join(folder, name));
    writeFileSync(join(folder, name, 'hydrogen.json'), JSON.stringify(values));
  }

  const { out, err } = await run(here, 'ingest', folder);
  const imported = await run(here, 'import', 'stolen', join(folder, 'beside-a-secret', 'hydrogen.json'));

  const skipped = [...err.matchAll(/skipped all\/(.*)\/hydrogen\.json: left out: it holds settings/g)];
  expect(skipped.map(([, name]) => name).sort()).toEqual(Object.keys(ofOthers).sort());
  const read = Object.keys(documents).map((name) => `all/${name}/hydrogen.json`);
  expect((await ids(here)).sort()).toEqual(read.sort());
  expect(imported.err).toMatch(/is not imported: it is a Hydrogen server's own/);
  expect(out + err + imported.err).not.toContain('xylophone');
});

test('what was read of them before disappears with the next ingest, also of another folder', async () => {
  const here = await setting();
  const elsewhere = join(await realpath(await temporaryDirectory()), 'elsewhere');
  mkdirSync(elsewhere);
  writeFileSync(join(elsewhere, 'b.md'), '# B\n');
  // To this server, the settings in use are documents like others.
  const before = { ...here.settings, embeddingTokenFile: '', dataDir: here.data };
  expect((await command(['ingest', here.docs], before)).code).toBe(0);
  expect(await ids(here)).toContain('docs/prod.json');

  expect((await run(here, 'ingest', elsewhere)).out).toMatch(/3 removed/);

  expect(await ids(here)).toEqual(['docs/a.md', 'elsewhere/b.md']);
});

test('what was read of them before disappears when a server starts', async () => {
  const here = await setting();
  const before = { ...here.settings, embeddingTokenFile: '' };
  expect((await command(['ingest', here.docs], before)).code).toBe(0);

  const { client } = await stdioClient(here.settings);

  // The token's file is a secret of this server; the settings in use are those of the other one.
  const id = 'docs/token.txt';
  await expect
    .poll(async () => (await client.callTool({ name: 'get_document', arguments: { id } })).isError, {
      timeout: 60_000,
    })
    .toBe(true);
  expect(rowsOf(await call(client, 'list_documents')).length).toBeGreaterThan(0);
});

test('doctor warns of such a layout and says what to do', async () => {
  const here = await setting();

  const { out, code } = await run(here, 'doctor');

  expect(out).toMatch(/warn folders: the data directory is in "docs", where documents are read/);
  expect(out).toMatch(/"prod\.json" with settings or secrets is in "docs"/);
  expect(out).toMatch(/set dataDir \(HYDROGEN_DATA_DIR\)/);
  expect(code).not.toBe(0);
});

test('they are not imported as data, alone or with their folder', async () => {
  const here = await setting();
  writeFileSync(join(here.docs, 'plants.jsonl'), '{"_id": 1}\n');

  const alone = await run(here, 'import', 'stolen', join(here.data, 'keys.json'));
  const folder = await run(here, 'import', here.docs);

  expect(alone.err).toMatch(/is not imported: it is a Hydrogen server's own/);
  expect(folder.err).toMatch(/skipped .*prod\.json: a Hydrogen server's own/);
  expect(folder.out).toMatch(/1 document inserted/);
});

test('they are not written over by an export, whether they are there or not', async () => {
  const here = await setting();
  writeFileSync(join(here.docs, 'plants.jsonl'), '{"_id": 1}\n');
  await run(here, 'import', 'plants', join(here.docs, 'plants.jsonl'));

  for (const file of [join(here.data, 'hydrogen.sqlite'), join(here.data, 'new.jsonl'), here.config]) {
    const { code, err } = await run(here, 'export', 'plants', '--out', file);
    expect(err).toMatch(/Hydrogen server's own.*Export into another file/);
    expect(code).not.toBe(0);
  }
  expect((await command(['find', 'plants'], here.settings)).code).toBe(0);
});
