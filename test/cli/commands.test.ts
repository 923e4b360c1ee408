import { spawnSync } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeSettings } from '../../src/config.ts';
import { packagedModel } from '../../src/embeddings/models.ts';
import { temporaryDirectory } from '../support/call.ts';
import { command } from '../support/command.ts';
import { xlsx } from '../support/files/office.ts';
import { posix } from '../support/platform.ts';
import { bare, cli, environmentOf, hydrogen, root, type Settings } from '../support/process.ts';

/** In a folder: documents in `docs`, of which one is no text, and plants as CSV. */
async function filesIn(directory: string): Promise<{ docs: string; plants: string }> {
  const docs = join(directory, 'docs');
  await mkdir(docs);
  await writeFile(join(docs, 'caverns.md'), '# Caverns\n\nGas is kept in salt caverns.\n');
  await writeFile(join(docs, 'image.bin'), Buffer.from([0, 1, 2, 3]));
  const plants = join(directory, 'plants.csv');
  await writeFile(plants, 'name,mw,code\nNorth,10,007\nSouth,2.5,\n');
  return { docs, plants };
}

/** Files to be read, and an empty data directory: without a model, since most commands are the same with one. */
async function empty(more: Settings = {}) {
  const directory = await temporaryDirectory();
  const settings: Settings = { ...bare, dataDir: join(directory, 'data'), ...more };
  return { directory, settings, ...(await filesIn(directory)) };
}

/** Where commands have read the documents and imported the plants. */
let made: string;
let files: Awaited<ReturnType<typeof filesIn>>;

beforeAll(async () => {
  made = await mkdtemp(join(tmpdir(), 'hydrogen-test-'));
  files = await filesIn(made);
  const settings = { ...bare, dataDir: join(made, 'data') };
  expect(hydrogen(['ingest', files.docs], settings).code).toBe(0);
  expect(hydrogen(['import', 'plants', files.plants], settings).code).toBe(0);
});
afterAll(() => rm(made, { recursive: true, force: true }));

/** A copy of that. */
async function filled() {
  const directory = await temporaryDirectory();
  const dataDir = join(directory, 'data');
  await cp(join(made, 'data'), dataDir, { recursive: true });
  return { directory, settings: { ...bare, dataDir }, plants: files.plants };
}

test('ingest reports what went in and what was skipped', async () => {
  const { settings, docs } = await empty({ embeddingModel: packagedModel });
  const { code, out, err } = hydrogen(['ingest', docs], settings);
  expect({ code, out }).toEqual({
    code: 0,
    out: '1 document added, 0 changed, 0 unchanged, 0 removed; 1 passage read, 1 embedded.\n',
  });
  expect(err).toMatch(/skipped docs\/image\.bin: /);
});

test('ingest without a path reads again what has changed', async () => {
  const { settings, docs } = await empty({ embeddingModel: packagedModel });
  await command(['ingest', docs], settings);
  await writeFile(join(docs, 'caverns.md'), '# Caverns\n\nGas is kept in lined rock.\n');
  await writeFile(join(docs, 'domes.md'), '# Domes\n\nSalt rises as a dome.\n');
  expect(await command(['ingest'], settings)).toMatchObject({
    code: 0,
    out: '1 document added, 1 changed, 0 unchanged, 0 removed; 2 passages read, 2 embedded.\n',
  });
  await rm(join(docs, 'domes.md'));
  expect((await command(['ingest'], settings)).out).toBe(
    '0 documents added, 0 changed, 1 unchanged, 1 removed; 0 passages read, 0 embedded.\n',
  );
});

test('ingest without a path on an empty library says what to give', async () => {
  const { settings } = await empty();
  expect(await command(['ingest'], settings)).toMatchObject({
    code: 2,
    out: '',
    err: 'hydrogen: The library is empty: give the files or folders to ingest.\n',
  });
});

test('a whole source is taken out by its name, and stays out; a single document comes back', async () => {
  const { settings } = await filled();
  const one = await command(['remove', 'docs/caverns.md'], settings);
  const back = await command(['ingest'], settings);
  const all = await command(['remove', 'docs/'], settings);
  const none = await command(['ingest'], settings);

  expect(one).toMatchObject({ out: '1 document removed from the library.\n' });
  expect(one.err).toMatch(/1 of them will be read again.*hydrogen remove FOLDER/);
  expect(back.out).toMatch(/^1 document added/);
  expect(all).toMatchObject({ out: '1 document removed from the library.\n', err: '' });
  expect(none).toMatchObject({ code: 2, err: expect.stringContaining('The library is empty') });
});

test('what was ingested is found, with its place', async () => {
  const { settings } = await filled();
  const { code, out } = hydrogen(['search', 'salt', 'caverns'], settings);
  expect(code).toBe(0);
  expect(out).toMatch(/^docs\/caverns\.md:\d+/);
});

test('--json gives the same for a program', async () => {
  const { settings } = await filled();
  const { out } = await command(['search', 'salt', '--json'], settings);
  expect(JSON.parse(out)).toMatchObject({ rows: [{ document: 'docs/caverns.md' }] });
});

test('import reads a CSV with its types, and can be repeated', async () => {
  const { settings, plants } = await empty();
  expect(hydrogen(['import', 'plants', plants], settings).out).toBe(
    'plants: 2 documents inserted, 0 replaced, 0 unchanged.\n',
  );
  expect(hydrogen(['import', 'plants', plants], settings).out).toBe(
    'plants: 0 documents inserted, 0 replaced, 2 unchanged.\n',
  );
  const { out } = hydrogen(['find', 'plants', '{"mw":{"$gt":3}}', '--projection', '{"_id":0}'], settings);
  expect(out).toBe('{"name":"North","mw":10,"code":"007"}\n');
});

test('--drop empties the collection first', async () => {
  const { settings, directory } = await filled();
  const other = join(directory, 'other.json');
  await writeFile(other, '{"name":"East"}');
  await command(['import', 'plants', other, '--drop'], settings);
  expect(JSON.parse((await command(['find', 'plants', '--json'], settings)).out)).toMatchObject([
    { name: 'East' },
  ]);
});

test('an upsert by a key that no document has says so', async () => {
  const { settings, plants } = await empty();
  expect((await command(['import', 'plants', plants, '--upsert', 'nmae'], settings)).err).toMatch(
    /no document has a value at "nmae" \(--upsert\)/,
  );
  expect((await command(['import', 'plants', plants, '--upsert', 'name'], settings)).err).not.toMatch(
    /--upsert/,
  );
});

test('find takes a connection and a collation', async () => {
  const { settings } = await filled();
  const query = ['find', 'plants', '{"name":"NORTH"}', '--projection', '{"_id":0,"name":1}'];
  const collation = ['--collation', '{"locale":"en","strength":2}'];
  expect((await command([...query, ...collation], settings)).out).toBe('{"name":"North"}\n');
  expect((await command([...query, '--connection', 'nope'], settings)).code).toBe(3);
});

test('a folder whose files are gone for good is read with --prune', async () => {
  const { settings, directory } = await empty();
  const docs = join(directory, 'emptied');
  await mkdir(docs);
  await writeFile(join(docs, 'a.md'), '# A\n\nText.\n');
  await command(['ingest', docs], settings);
  await rm(join(docs, 'a.md'));
  const kept = await command(['ingest', docs], settings);
  expect(kept.out).toMatch(/ 0 removed/);
  expect(kept.err).toMatch(
    /"emptied\/" is empty \(is its disk mounted\?\).*`hydrogen ingest FOLDER --prune`/,
  );
  expect((await command(['sources'], settings)).out).toMatch(
    /"emptied\/" is empty since .*; its document is kept/,
  );
  expect((await command(['ingest', docs, '--prune'], settings)).out).toMatch(/ 1 removed/);
  expect((await command(['ingest', '--prune'], settings)).code).toBe(2);
});

test('find names the collection and the field that were meant, and commands instead of tools', async () => {
  const { settings } = await filled();
  const { code, err } = await command(['find', 'plant'], settings);
  expect({ code, err }).toEqual({
    code: 3,
    err: 'hydrogen: There is no collection "plant" in database "main". Did you mean "plants"?\n',
  });
  const { err: field } = await command(['find', 'plants', '{"wm":1}'], settings);
  expect(field).toMatch(/No sampled document has a field "wm": did you mean "mw"\?/);
  const { err: unknown } = await command(['find', 'plants', '{"zzzzzz":1}'], settings);
  expect(unknown).toMatch(/"zzzzzz": see `hydrogen describe COLLECTION`\./);
});

test('find goes on with --cursor, as its answer says', async () => {
  const { settings } = await filled();
  const first = await command(
    ['find', 'plants', '--limit', '1', '--projection', '{"_id":0,"name":1}'],
    settings,
  );
  const [, cursor = ''] = /For more, repeat the command with --cursor (\S+)$/m.exec(first.err) ?? [];
  const query = ['find', 'plants', '--limit', '1', '--projection', '{"_id":0,"name":1}', '--cursor', cursor];
  const second = await command(query, settings);
  expect([first.out, second.out].sort()).toEqual(['{"name":"North"}\n', '{"name":"South"}\n']);
});

test('collections are listed with their sizes; where there are none, how to get some', async () => {
  const { settings } = await filled();
  const { out, err } = await command(['collections'], settings);
  expect(out).toBe('plants  2 documents\n');
  expect(err).toBe('1 collection in database "main".\n');
  const none = await command(['collections'], (await empty()).settings);
  expect(none).toMatchObject({ out: '', err: expect.stringContaining('`hydrogen import COLLECTION FILE`') });
});

test('an import into a connection that is not the default one says how to ask for it', async () => {
  const { settings, plants } = await empty({ mongodbUrl: 'mongodb://127.0.0.1:1/' });
  const { code, err } = await command(['import', 'plants', plants], settings);
  expect(code).toBe(0);
  expect(err).toMatch(/in the connection "embedded".*"mongodb" is asked.*--connection embedded/);
  const none = await command(['import', 'plants', 'missing.json', 'gone.json'], settings);
  expect(none.err).toMatch(/failed missing\.json/);
  expect(none.err).not.toMatch(/in the connection/);
});

test.each(['typo.csv', 'data/typo', 'typo.jsonl.gz'])(
  'the path %s with nothing there is not taken for the name of a collection',
  async (path) => {
    const { settings, plants } = await empty();
    const { code, out, err } = await command(['import', path, plants], settings);
    expect({ code, out }).toEqual({ code: 3, out: '' });
    expect(err).toContain(`There is no file or folder "${path}"`);
  },
);

test('describe tells the fields of a collection', async () => {
  const { settings } = await filled();
  const { out, err } = await command(['describe', 'plants'], settings);
  expect(out).toMatch(/^\{"field":"mw",.*"range":\[2\.5,10\]\}$/m);
  expect(err).toMatch(/^Collection "plants": 2 documents/);
});

test('indexes are listed, made and dropped without a setting', async () => {
  const { settings } = await filled();
  const run = (...args: string[]) => command(['indexes', 'plants', ...args], settings);
  expect(await run()).toMatchObject({ code: 0, out: '_id_  {"_id":1}  unique\n' });
  expect(await run('--create', '{"mw":-1}', '--name', 'by-mw')).toMatchObject({
    out: '_id_  {"_id":1}  unique\nby-mw  {"mw":-1}\n',
    err: 'Index "by-mw" created.\n',
  });
  expect((await run('--create', '{"mw":-1}')).err).toBe('The index "by-mw" already exists.\n');
  expect((await run('--create', '{"wm":1}')).err).toMatch(/did you mean "mw"/);
  expect((await run('--drop', 'by-mw')).err).toBe('Index "by-mw" dropped; the documents stay.\n');
  await run('--create', '{"name":1}', '--unique');
  const { out } = await command(['indexes', 'plants', '--json'], settings);
  expect(JSON.parse(out)).toMatchObject([
    { name: '_id_' },
    { key: { wm: 1 } },
    { key: { name: 1 }, unique: true },
  ]);
  expect(await run('--drop', 'nothing')).toMatchObject({
    code: 3,
    err: expect.stringMatching(/no index "nothing"/),
  });
  expect((await run('--create', '[1]')).code).toBe(2);
  expect((await run('--create', '{"a":1}', '--drop', 'b')).code).toBe(2);
});

test('import tells what each column became, and takes types instead', async () => {
  const { settings, directory } = await empty();
  const file = join(directory, 'years.csv');
  await writeFile(file, 'year,mw\n2020,1\n2021,2\nn/a,3\n');
  expect((await command(['import', file], settings)).err).toBe(
    '  string: year\n  int: mw\n  year: string, since 1 of 3 is not int, e.g. "n/a" in line 4 (--type year=int keeps only those as text)\n' +
      '  Importing this file again with other options adds its rows a second time: use --drop\n',
  );
  const { out, err } = await command(['import', 'years', file, '--drop', '--type', 'year=int'], settings);
  expect(out).toBe('years: 3 documents inserted, 0 replaced, 0 unchanged.\n');
  expect(err).toMatch(/ {2}year: int; 1 of 3 is not, and stays what it is, e\.g\. "n\/a" in line 4\n/);
});

test('import lists what the values became, not what was asked for', async () => {
  const { settings, directory } = await empty();
  const file = join(directory, 'x.csv');
  await writeFile(file, 'Datum;Bezahlt;n\n31.12.2025;ja;1\n01.02.2026;nein;x\n');
  const types = ['Datum=date', 'Bezahlt=boolean', 'n=int'].flatMap((type) => ['--type', type]);
  const { err } = await command(['import', file, ...types], settings);
  expect(err).toMatch(/^ {2}string: Datum, Bezahlt\n {2}int and string: n\n/);
  expect(err).toMatch(/Datum: none of 2 values is of the type date, e\.g\. "31\.12\.2025" in line 2\n/);
  expect(err).toMatch(
    /Datum holds dates like "31\.12\.2025" as text: --date-format %d\.%m\.%Y makes them dates\n/,
  );
  const read = await command(
    ['import', file, '--drop', '--type', 'Datum=date', '--date-format', '%d.%m.%Y'],
    settings,
  );
  expect(read.err).toMatch(/^ {2}date: Datum\n/m);
});

test('following the advice of an import with --drop leaves each document once', async () => {
  const { settings, directory } = await empty();
  const file = join(directory, 'preise.csv');
  await writeFile(file, 'Preis;Menge\n3,50;1.200\n4,20;950\n');
  const { err } = await command(['import', file], settings);
  expect(err).toMatch(
    /Preis holds .*--decimal , reads them as numbers\n.*Menge is text.*--thousands \. reads them\n/,
  );
  expect(err).toMatch(
    /Importing this file again with other options adds its rows a second time: use --drop\n$/,
  );
  expect((await command(['import', file], settings)).err).not.toContain('a second time');
  expect((await command(['import', file, '--drop'], settings)).err).not.toContain('a second time');
  const again = ['import', 'preise', file, '--decimal', ',', '--thousands', '.', '--drop'];
  const { out, err: quiet } = await command(again, settings);
  expect(out).toBe('preise: 2 documents inserted, 0 replaced, 0 unchanged.\n');
  expect(quiet).not.toContain('--drop');
  const found = await command(['export', 'preise', '--projection', '{"_id":0}'], settings);
  expect(found.out).toBe('{"Preis":3.5,"Menge":1200}\n{"Preis":4.2,"Menge":950}\n');
});

test('import --help says what becomes of folders in folders, of thousands and of earlier documents', async () => {
  const { settings } = await empty();
  const { out } = await command(['import', '--help'], settings);
  expect(out).toMatch(/folders inside it are skipped/);
  expect(out).toMatch(/--thousands <mark>/);
  expect(out).toMatch(/--date-format <format>/);
  expect(out).toMatch(/--drop removes those of an earlier import/);
});

test('a list of columns is cut only where that saves a line', async () => {
  const { settings, directory } = await empty();
  const file = join(directory, 'x.csv');
  const table = (width: number) => {
    const names = Array.from({ length: width }, (_, n) => `c${n}`);
    return [names, ...['1', 'n/a', '2'].map((cell) => names.map(() => cell))]
      .map((row) => row.join(','))
      .join('\n');
  };
  await writeFile(file, table(7));
  const { err } = await command(['import', file], settings);
  expect(err).toMatch(/c6: string, since 1 of 3/);
  expect(err).not.toMatch(/ more /);
  await writeFile(file, table(8));
  expect((await command(['import', file, '--drop'], settings)).err).toMatch(/and 2 more columns/);
});

test('a folder is imported file by file, and the exit code tells that one failed', async () => {
  const { settings, directory } = await empty();
  const folder = join(directory, 'folder');
  await mkdir(folder);
  await writeFile(join(folder, 'a.jsonl'), '{"n":1}');
  await writeFile(join(folder, 'b.jsonl'), '{');
  const { code, out, err } = hydrogen(['import', folder, '--database', 'shop'], settings);
  expect(code).toBe(2);
  expect(out).toBe('shop.a: 1 document inserted, 0 replaced, 0 unchanged.\n');
  expect(err).toMatch(/failed .*b\.jsonl: Line 1 is not valid JSON/);
});

test('several files go into the collection that is named, and what differs is said of each', async () => {
  const { settings, directory } = await empty();
  const files = await Promise.all(
    [
      ['a.csv', 'price;name\n1.5;x\n'],
      ['b.tsv', 'price\tname\nfree\ty\t!\n'],
      ['c.csv', ''],
      ['d.json', '[{"price":2'],
    ].map(async ([name = '', text = '']) => {
      const file = join(directory, name);
      await writeFile(file, text);
      return file;
    }),
  );
  const missing = join(directory, 'missing.csv');
  const { code, out, err } = hydrogen(['import', 'items', ...files, missing, '--database', 'shop'], settings);
  expect(code).toBe(2);
  expect(out.split('\n').slice(0, 3)).toEqual([
    `shop.items from ${files[0]}: 1 document inserted, 0 replaced, 0 unchanged.`,
    `shop.items from ${files[1]}: 1 document inserted, 0 replaced, 0 unchanged.`,
    `shop.items from ${files[2]}: 0 documents inserted, 0 replaced, 0 unchanged.`,
  ]);
  expect(err).toMatch(/cells are separated by semicolons/);
  expect(err).toMatch(/1 row is longer than the header, and keeps its cells \(line 2\)/);
  expect(err).toMatch(/price: text here, number in the collection/);
  expect(err).toMatch(/failed .*missing\.csv: There is no file/);
  expect(err).toMatch(/failed .*d\.json: The file is not valid JSON: it ends inside its array/);
});

test('each sheet of a workbook is a collection, or the one that is chosen', async () => {
  const { settings, directory } = await empty();
  const book = join(directory, 'book.xlsx');
  await writeFile(
    book,
    xlsx({
      Plants: [
        ['name', 'mw'],
        ['North', 10],
      ],
      Prices: [['price'], [1.5], ['free']],
    }),
  );
  const { out, err } = await command(['import', book], settings);
  expect(out).toMatch(/\.Plants: 1 document inserted.*\n.*\.Prices: 2 documents inserted/);
  expect(err).toMatch(/price: double; 1 of 2 is not, and stays what it is, e\.g\. "free" in row 3/);
  expect((await command(['import', 'mine', book], settings)).err).toMatch(
    /has 2 sheets \("Plants", "Prices"\): choose one with --sheet/,
  );
  expect((await command(['import', 'mine', book, '--sheet', 'Plants'], settings)).out).toBe(
    'mine: 1 document inserted, 0 replaced, 0 unchanged.\n',
  );
});

test('texts of a sheet become dates in the format that is told', async () => {
  const { settings, directory } = await empty();
  const book = join(directory, 'book.xlsx');
  await writeFile(book, xlsx({ Preise: [['Datum'], ['31.12.2025'], ['01.02.2026']] }));
  expect((await command(['import', book], settings)).err).toMatch(
    /Datum holds dates like .*%d\.%m\.%Y makes/,
  );
  await command(['import', book, '--drop', '--date-format', '%d.%m.%Y'], settings);
  const { out } = await command(
    ['find', 'book', '{"Datum":{"$gt":{"$date":"2026-01-01T00:00:00Z"}}}'],
    settings,
  );
  expect(out).toContain('2026-02-01T00:00:00Z');
});

test('what is told of a file with very many columns fits a screen', async () => {
  const { settings, directory } = await empty();
  const file = join(directory, 'wide.csv');
  const names = Array.from({ length: 500 }, (_, i) => `c${i}`);
  const rows = [
    names,
    names.map(() => '1'),
    names.map((name) => `${name}?`),
    names.map(() => '2'),
    names.map(() => '3'),
  ];
  await writeFile(file, rows.map((row) => row.join(',')).join('\n'));
  const { err } = await command(['import', file], settings);
  expect(err.split('\n').length).toBeLessThan(24);
  expect(err).toMatch(/and 494 more columns \(--json lists all\)/);
});

test('export writes to stdout, or to a file that is then there whole', async () => {
  const { settings, directory } = await filled();
  const filter = '{"mw":{"$gt":3}}';
  const { out, err } = hydrogen(['export', 'plants', filter, '--projection', '{"_id":0}'], settings);
  expect(out).toBe('{"name":"North","mw":10,"code":"007"}\n');
  expect(err).toBe('plants: 1 document, 38 bytes exported.\n');
  expect((await command(['export', 'plants', '{"wm":1}'], settings)).err).toMatch(/did you mean "mw"/);
  const file = join(directory, 'out.csv');
  expect((await command(['export', 'plants', '--out', file, '--fields', 'name,mw'], settings)).code).toBe(0);
  expect(await readFile(file, 'utf8')).toBe('name,mw\r\nNorth,10\r\nSouth,2.5\r\n');
});

test('import refuses what it cannot read, and says where', async () => {
  const { settings, directory } = await empty();
  const file = join(directory, 'x.jsonl');
  await writeFile(file, '{"a":1}\n{"a":');
  const { code, err } = await command(['import', 'x', file], settings);
  expect(code).toBe(2);
  expect(err).toMatch(/Line 2 is not valid JSON: [^.]*\. The document before it has been imported/);
  await writeFile(file, '{"a":1}\n{"b":nope}');
  // The parser counts lines of its own.
  expect((await command(['import', 'x', file], settings)).err).not.toMatch(/line 1/);
  await writeFile(file, '{"a":1}\n{"b":1,}');
  expect((await command(['import', 'x', file], settings)).err).toMatch(
    /Line 2 is not valid JSON: [^.(]* at position 7\. The document before it/,
  );
});

test('exit codes tell usage, missing things and interrupted parts apart', async () => {
  const { settings } = await filled();
  const code = (...args: string[]): number | null => hydrogen(args, settings).code;
  expect([
    code('find', 'plants', '{bad'),
    code('find', 'plant', '{}'),
    code('import', 'x', 'missing.json'),
    code('run', 'no-such-workflow'),
    code('unknown-command'),
    code('--set', 'x', 'config'),
    code('--help'),
    code('--version'),
  ]).toEqual([2, 3, 3, 3, 2, 2, 0, 0]);
});

test('the library is listed, and documents are taken out of it, one or a folder', async () => {
  const { settings, docs } = await empty();
  await writeFile(join(docs, 'domes.md'), '# Domes');
  await command(['ingest', docs], settings);
  expect((await command(['list'], settings)).out).toBe('docs/caverns.md  Caverns\ndocs/domes.md    Domes\n');
  await command(['remove', 'docs/domes.md'], settings);
  expect((await command(['list', 'docs/', '--json'], settings)).out).toMatch(/^\[\{"id":"docs\/caverns\.md"/);
  const bare = await command(['remove', 'docs'], settings);
  expect(bare).toMatchObject({
    code: 3,
    err: expect.stringContaining('1 document is in docs/: `hydrogen remove docs/`'),
  });
  expect((await command(['sources'], settings)).out).toMatch(/^docs\/ {2}1 document/);
  expect((await command(['remove', 'docs/'], settings)).out).toBe('1 document removed from the library.\n');
  expect((await command(['remove', 'docs/domes.md'], settings)).code).toBe(3);
  expect(await command(['list'], settings)).toEqual({ code: 0, out: '', err: 'The library is empty.\n' });
});

test('workflows lists what can be run, and what is wrong with the rest', async () => {
  const { settings, directory } = await empty();
  const head = "document: { dsl: '1.0.3', namespace: test, name: right, version: '1.0.0', title: All right }";
  await writeFile(join(directory, 'right.yaml'), `${head}\ndo: [{ a: { set: { x: 1 } } }]\n`);
  await writeFile(join(directory, 'bad.yaml'), 'document: {}');
  const { out } = hydrogen(['workflows'], { ...settings, workflowFolders: directory });
  expect(out).toMatch(/^right {2}All right$/m);
  expect(out).toMatch(/^bad\.yaml {2}cannot be run: /m);
});

test('run says where workflows come from when there are none', async () => {
  const { settings } = await empty();
  const { code, err } = await command(['run', 'foo'], settings);
  expect(code).toBe(3);
  expect(err).toMatch(
    /no workflow "foo"; there are none\. Put definitions into .*workflowFolders.*hydrogen samples/,
  );
});

test('run says until when a run waits that goes on later than the command', async () => {
  const { settings, directory } = await filled();
  const head = "document: { dsl: '1.0.3', namespace: test, name: pause, version: '1.0.0' }";
  await writeFile(join(directory, 'pause.yaml'), `${head}\ndo: [{ rest: { wait: P2D } }]\n`);
  const { code, err } = await command(['run', 'pause'], { ...settings, workflowFolders: directory });
  expect(code).toBe(5);
  expect(err).toMatch(/^Run run-\w+ of pause: pending; it waits until \d{4}-\S+Z\.$/m);
});

test('a misspelt command is refused with the near one', async () => {
  expect((await command(['serch', 'x'])).err).toBe(
    'hydrogen: There is no command "serch". Did you mean "search"?\n',
  );
});

test('a tool that does not exist cannot be switched off', async () => {
  const { settings } = await empty({ embeddingModel: packagedModel });
  const { code, err } = await command(['doctor'], { ...settings, disabledTools: 'serch' });
  expect(code).toBe(2);
  expect(err).toMatch(/no tool "serch"\. Did you mean "search"/);
});

const hasScript = spawnSync('script', ['--version']).status === 0;

test.skipIf(!hasScript)(
  'on a terminal there is a progress bar (needs the command `script`, of util-linux)',
  async () => {
    const { settings, docs } = await empty();
    const line = [process.execPath, join(root, 'dist', 'cli.js'), 'ingest', docs].join(' ');
    const { status, stdout } = spawnSync('script', ['-qec', line, '/dev/null'], {
      env: environmentOf(settings),
      encoding: 'utf8',
    });
    expect(stdout).toMatch(/Ingesting/);
    expect(status).toBe(0);
  },
);

test.runIf(posix('bash')).each([
  ['of a result', 'find plants | head -1'],
  ['of the help', '--help | true'],
])('a reader %s that has seen enough is no failure', async (_what, command) => {
  const { settings } = await filled();
  const line = `"${process.execPath}" "${cli}" ${command}; exit \${PIPESTATUS[0]}`;
  const { status, stderr } = spawnSync('bash', ['-c', line], {
    env: environmentOf(settings),
    encoding: 'utf8',
  });
  expect(stderr).not.toMatch(/EPIPE/);
  expect(status).toBe(0);
});

test('doctor reports a server that is away, without log lines between', async () => {
  const { settings } = await empty({ embeddingModel: packagedModel });
  const away = { ...settings, mongodbUrl: 'mongodb://127.0.0.1:1/x' };
  const { code, out, err } = hydrogen(['doctor'], away);
  expect(out).toMatch(
    /FAIL connection mongodb: .*\n +The database server .* nothing listens at its address\. .*mongodbUrl \(HYDROGEN_MONGODB_URL\)/,
  );
  expect({ code, err }).toEqual({ code: 4, err: '' });
});

test('doctor names every part, the data directory and this Node', async () => {
  const { settings } = await empty({ embeddingModel: packagedModel, sampleWorkflows: 'true' });
  const { code, out } = hydrogen(['doctor'], settings);
  expect(out).toContain(`data directory: ${settings.dataDir}`);
  expect(out).toContain(process.version.slice(1));
  for (const part of ['store', 'collections', 'search', 'embeddings', 'workflows'])
    expect(out).toMatch(new RegExp(`ok +${part}`));
  expect(code).toBe(0);
});

test('doctor says once that there is no settings file, and of which documents it speaks', async () => {
  const { settings } = await filled();
  const { out } = await command(['doctor'], settings);
  expect(out).not.toMatch(/no settings file/);
  expect(out.match(/there is none/g)).toHaveLength(2);
  expect(out).toMatch(/ok {3}collections: 1 in 1 database\n/);
  expect(out).toMatch(/ok {3}search: 1 document in the library, 1 passage/);
});

test('doctor says what to do when the model is missing, and its exit code tells', async () => {
  const { settings, directory } = await empty({ embeddingModel: packagedModel });
  const { code, out } = hydrogen(['doctor'], { ...settings, embeddingModel: join(directory, 'nothing') });
  expect(out).toMatch(/warn embeddings: .*search answers by keywords\n +\S+/);
  expect(code).toBe(4);
});

test('config, doctor and health say which settings file was read, and config where each value is from', async () => {
  const { settings, directory } = await empty();
  const { dataDir = '' } = settings;
  await mkdir(dataDir, { recursive: true });
  const file = join(dataDir, 'hydrogen.json');
  await writeFile(file, '{"maxRows":7}');
  const near = join(directory, 'near.json');
  await writeFile(near, '{"httpPort":3900}');
  const config = await command(['--config', near, 'config', '--set', 'drainMs=5'], settings);
  expect(config.out).toContain(`settings: ${file} (hydrogen.json of the data directory)\n`);
  expect(config.out).toContain(`settings: ${near} (the file named by --config)\n`);
  expect(config.out).toContain(`maxRows = 7  (${file})\n`);
  expect(config.out).toContain(`httpPort = 3900  (${near})\n`);
  expect(config.out).toContain('drainMs = 5  (command line)\n');
  expect(config.out).toContain(`dataDir = ${JSON.stringify(dataDir)}  (environment)\n`);
  expect(config.out).toMatch(/^httpHost = "127\.0\.0\.1"$/m);
  const doctor = await command(['doctor'], settings);
  expect(doctor.out).toContain(`settings: ${file} (hydrogen.json of the data directory)\n`);
  expect(doctor.out).toMatch(/ok {3}settings: from hydrogen\.json of the data directory\n/);
});

test('config shows every setting and where it can be set, and no secret', async () => {
  const { settings } = await empty({ embeddingModel: packagedModel });
  const { out } = hydrogen(['config'], { ...settings, embeddingToken: 'very-secret' });
  expect(out).toMatch(/maxRows = 100\n.*\n +HYDROGEN_MAX_ROWS/);
  expect(out).toContain('embeddingToken = "(set)"');
  expect(out.match(/^\[.+\]$/gm)).toEqual(
    [
      'General',
      'Calls',
      'Access',
      'Library',
      'Data',
      'Embedding model',
      'Workflows',
      'Servers',
      'Limits',
      'Observability',
      'HTTP',
      'Audit',
      'Retention',
    ].map((name) => `[${name}]`),
  );
  expect(out).not.toContain('very-secret');
});

test('config shows the setting that is named, or the near one', async () => {
  const { settings } = await empty();
  const { out } = await command(['config', 'maxRows'], settings);
  expect(out).toMatch(/^maxRows = 100\n {4}Maximum rows.*\n {4}HYDROGEN_MAX_ROWS\n+$/);
  expect((await command(['config', 'maxRows', '--json'], settings)).out).toBe('{"maxRows":100}\n');
  const wrong = await command(['config', 'maxrow'], settings);
  expect(wrong).toMatchObject({
    code: 2,
    err: expect.stringMatching(/no setting "maxrow"\. Did you mean "maxRows"\?/),
  });
});

test('help COMMAND is the help of a command', async () => {
  const { settings } = await empty();
  const { code, out } = await command(['help', 'import'], settings);
  expect({ code, out }).toEqual({ code: 0, out: (await command(['import', '--help'], settings)).out });
  expect(await command(['help', 'imprt'], settings)).toMatchObject({
    code: 2,
    err: expect.stringContaining('"import"'),
  });
});

test('--help names every setting in its group, in lines that fit', () => {
  const { out } = hydrogen(['--help']);
  const [, listed = ''] = /^Settings, .*\n([\s\S]*?)\n\n/m.exec(out) ?? [];
  const names = listed.replace(/^ {2}[A-Z]\w*( \w+)?/gm, '').match(/\w+/g);
  expect(names).toEqual(describeSettings().map(({ name }) => name));
  expect(listed).toMatch(/^ {2}HTTP {13}httpHost, httpPort/m);
  expect(listed.split('\n').filter((line) => line.length > 80)).toEqual([]);
});

test('rotate-keys makes a new key and keeps the earlier one', async () => {
  const { settings } = await empty();
  await command(['rotate-keys'], settings);
  expect(hydrogen(['rotate-keys'], settings).out).toMatch(
    /^New key [0-9a-f]{8}\. Earlier keys that still verify: [0-9a-f]{8}, [0-9a-f]{8}\.\n$/,
  );
});

test('a command leaves one line in the log, and is not bound by the settings for clients', async () => {
  const { settings, docs } = await empty({ embeddingModel: packagedModel });
  const logged = {
    ...settings,
    logLevel: 'info',
    embeddingModel: 'none',
    disabledTools: '["ingest","list_documents"]',
  };
  for (const [args, line] of [
    [['ingest', docs], { kind: 'command', name: 'ingest', operation: 'ingest' }],
    [['list'], { kind: 'command', name: 'list', operation: 'read' }],
    [['search', 'gas'], { kind: 'tool', name: 'search', operation: 'read' }],
    [['remove', 'nosuch'], { kind: 'command', name: 'remove', operation: 'ingest', code: 'not_found' }],
  ] as const) {
    const { err } = hydrogen(args, logged);
    const lines = err.split('\n').filter((text) => text.includes('"kind":'));
    expect(lines.map((text) => JSON.parse(text))).toMatchObject([{ ...line, caller: 'owner' }]);
  }
});

test('a command that is a tool is refused where the tool is switched off', async () => {
  const { settings } = await empty();
  const { code, err } = await command(['search', 'gas'], { ...settings, disabledTools: 'search' });
  expect({ code, err }).toEqual({
    code: 2,
    err: 'hydrogen: The tool "search" is switched off here: the setting disabledTools (HYDROGEN_DISABLED_TOOLS) names it. Whoever runs this server can change that.\n',
  });
});
