import { writeFile } from 'node:fs/promises';
import { delimiter, join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { type ConfigSources, loadConfig } from '../../src/config/load.ts';
import { describeSettings } from '../../src/config.ts';
import { temporaryDirectory } from '../support/call.ts';

const load = (sources: Partial<ConfigSources> = {}) =>
  loadConfig({ environment: {}, overrides: {}, workingDirectory: '/nowhere', ...sources });

test('without any setting there are defaults', () => {
  const config = load();
  expect(config).toMatchObject({
    httpHost: '127.0.0.1',
    enableIngest: false,
    embeddingModel: 'hydrogen-embed-small-en',
  });
});

test('later sources win: file, then environment, then command line', async () => {
  const directory = await temporaryDirectory();
  await writeFile(join(directory, 'hydrogen.json'), '{"maxRows":1,"httpPort":1,"readThreads":1}');
  const config = load({
    workingDirectory: directory,
    environment: { HYDROGEN_HTTP_PORT: '2', HYDROGEN_READ_THREADS: '2' },
    overrides: { readThreads: '3' },
  });
  expect(config).toMatchObject({ maxRows: 1, httpPort: 2, readThreads: 3 });
});

test('a relative path in the file is meant from the file, elsewhere from the working directory', async () => {
  const directory = await temporaryDirectory();
  const file = join(directory, 'other.json');
  await writeFile(file, '{"folders":["docs"]}');
  const config = load({ file, environment: { HYDROGEN_DATA_DIR: 'data' } });
  expect(config.folders).toEqual([join(directory, 'docs')]);
  expect(config.dataDir).toBe(resolve('/nowhere', 'data'));
});

test('a list from the environment is JSON, or separated as PATH is', () => {
  const separated = load({ environment: { HYDROGEN_DISABLED_TOOLS: ['find', 'count'].join(delimiter) } });
  const json = load({ environment: { HYDROGEN_DISABLED_TOOLS: '["find","count"]' } });
  expect([separated.disabledTools, json.disabledTools]).toEqual([
    ['find', 'count'],
    ['find', 'count'],
  ]);
});

test('a secret may come from a file', async () => {
  const file = join(await temporaryDirectory(), 'token');
  await writeFile(file, 'abc\n');
  expect(load({ environment: { HYDROGEN_EMBEDDING_TOKEN_FILE: file } }).embeddingToken).toBe('abc');
});

test.each<[string, Partial<ConfigSources>, RegExp]>([
  ['an unknown variable', { environment: { HYDROGEN_HTTP_PROT: '1' } }, /no setting "HYDROGEN_HTTP_PROT"/],
  ['an unknown name', { overrides: { maxRow: '1' } }, /no setting "maxRow".*Did you mean "maxRows"/],
  [
    'text for a number',
    { environment: { HYDROGEN_HTTP_PORT: 'abc' } },
    /HYDROGEN_HTTP_PORT: httpPort must be a whole number, not "abc"/,
  ],
  ['text for a boolean', { overrides: { enableIngest: 'maybe' } }, /enableIngest must be true or false/],
  [
    'a value out of range',
    { overrides: { httpPort: '70000' } },
    /Setting "httpPort" \(HYDROGEN_HTTP_PORT\): .*65535/,
  ],
  ['a broken list', { overrides: { folders: '["a"' } }, /folders is not a valid JSON list/],
  ['an impossible choice', { overrides: { logLevel: 'loud' } }, /Setting "logLevel".*"info"/],
  ['a file that is missing', { file: 'missing.json' }, /missing\.json cannot be read/],
  [
    'a secret whose file is missing',
    { environment: { HYDROGEN_EMBEDDING_TOKEN_FILE: '/missing' } },
    /HYDROGEN_EMBEDDING_TOKEN_FILE: the file it names cannot be read/,
  ],
])('%s is refused with what to do', (_what, sources, message) => {
  expect(() => load(sources)).toThrow(message);
});

test.each([
  ['{"maxRows":', /hydrogen\.json is not valid JSON/],
  ['[]', /must hold one JSON object/],
  ['{"maxrows":1}', /no setting "maxrows".*Did you mean "maxRows"/],
])('a settings file with %s is refused', async (text, message) => {
  const directory = await temporaryDirectory();
  await writeFile(join(directory, 'hydrogen.json'), text);
  expect(() => load({ workingDirectory: directory })).toThrow(message);
});

test('every setting is described, and only the token is secret', () => {
  const described = describeSettings();
  expect(described.filter(({ description }) => description === '')).toEqual([]);
  expect(described.filter(({ secret }) => secret).map(({ name }) => name)).toEqual(['embeddingToken']);
});
