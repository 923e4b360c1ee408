import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryDirectory } from '../support/call.ts';
import { command } from '../support/command.ts';
import { bare, hydrogen } from '../support/process.ts';

/** Two plants, and a folder for files. */
async function plants() {
  const folder = await temporaryDirectory();
  const settings = { ...bare, dataDir: await temporaryDirectory() };
  await writeFile(join(folder, 'plants.jsonl'), '{"_id":1,"mw":10}\n{"_id":2,"mw":2.5}\n');
  await command(['import', 'plants', join(folder, 'plants.jsonl')], settings);
  return { folder, settings };
}

test.each([
  ['UTF-8', (text: string) => Buffer.from(text)],
  ['UTF-8 with a mark, as Notepad saves', (text: string) => Buffer.from(`\uFEFF${text}`)],
  ['UTF-16, as PowerShell 5 writes with ">"', (text: string) => Buffer.from(`\uFEFF${text}\r\n`, 'utf16le')],
])('JSON of a command comes from a file in %s with @FILE', async (_encoding, encode) => {
  const { folder, settings } = await plants();
  await writeFile(join(folder, 'filter.json'), encode('{"mw":{"$gt":3}}'));
  await writeFile(join(folder, 'fields.json'), encode('{"mw":1,"_id":0}'));
  const at = (name: string) => `@${join(folder, name)}`;

  const { out, err } = await command(
    ['find', 'plants', at('filter.json'), '--projection', at('fields.json')],
    settings,
  );

  expect(out, err).toBe('{"mw":10}\n');
});

test('JSON of a command comes from stdin with -', async () => {
  const { settings } = await plants();
  expect(hydrogen(['find', 'plants', '-'], settings, '{"mw":{"$lt":3}}')).toMatchObject({
    out: '{"_id":2,"mw":2.5}\n',
    code: 0,
  });
  expect(hydrogen(['export', 'plants', '-'], settings, '{"_id":1}').out).toBe('{"_id":1,"mw":10}\n');
});

test('stdin is read for one of them', async () => {
  const { settings } = await plants();
  expect(hydrogen(['find', 'plants', '-', '--sort', '-'], settings, '{}')).toMatchObject({
    code: 2,
    err: expect.stringContaining('--sort: stdin has already been read for The filter'),
  });
});

test.each([
  ['@none.json', /The filter: the file "none\.json" cannot be read: /],
  ['@', /needs the name of a file/],
  ['{mw:10}', /put it into a file and give @FILE/],
])('what cannot be read is named: %s', async (given, said) => {
  const { err, code } = await command(['find', 'plants', given], {
    ...bare,
    dataDir: await temporaryDirectory(),
  });
  expect(err.replaceAll('\n', ' ')).toMatch(said);
  expect(code).toBe(2);
});

test.each(['find', 'export', 'run', 'indexes'])('%s --help says so', async (name) => {
  expect((await command([name, '--help'])).out).toMatch(/@FILE takes it from a file and - from stdin/);
});
