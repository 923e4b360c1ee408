import { glob, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import { expect, test } from 'vitest';
import { newAuditKey } from '../../src/config/audit-keys.ts';
import { loadConfig } from '../../src/config/load.ts';
import { describeSettings, settings } from '../../src/config.ts';
import { temporaryDirectory } from '../support/call.ts';
import { root } from '../support/process.ts';

const path = join(root, 'schemas', 'hydrogen.schema.json');
const text = await readFile(path, 'utf8');
const schema = JSON.parse(text) as { properties: Record<string, { default?: unknown; writeOnly?: boolean }> };
const validate = formats.default(new Ajv2020({ allErrors: true })).compile(schema);

/** What is wrong with a `hydrogen.json` of these values: paths and reasons. */
function problems(values: unknown): string[] {
  return validate(values) ? [] : (validate.errors ?? []).map((e) => `${e.instancePath} ${e.message}`);
}

/** The examples of `hydrogen.json` in the documents: JSON whose names are those of settings. */
async function examples(): Promise<{ readonly file: string; readonly values: Record<string, unknown> }[]> {
  const files = await Array.fromAsync(
    glob('**/*.md', { cwd: root, exclude: (name) => name === 'node_modules' || name === '.git' }),
  );
  const blocks = await Promise.all(
    files.map(async (file) => {
      const blocks = (await readFile(join(root, file), 'utf8')).matchAll(/^```json\n([\s\S]*?)^```/gm);
      return [...blocks].map(([, json = '']) => ({ file, values: JSON.parse(json) }));
    }),
  );
  return blocks.flat().filter(({ values }) => !('mcpServers' in values));
}

test('the examples of hydrogen.json in the documents are valid, for the schema and for the program', async () => {
  const found = await examples();
  expect(found.map(({ values }) => Object.keys(values).at(-1))).toEqual(
    expect.arrayContaining(['collectionSources', 'connections', 'enableIngest']),
  );
  const directory = await temporaryDirectory();
  await writeFile(join(directory, 'sales-url'), 'mongodb://sales.example/app');
  for (const { file, values } of found) {
    expect(problems(values), file).toEqual([]);
    await writeFile(join(directory, 'hydrogen.json'), JSON.stringify(values));
    // Secrets are not in examples.
    const environment = { HYDROGEN_AUDIT_KEY: newAuditKey() };
    loadConfig({ environment, overrides: {}, workingDirectory: directory });
  }
});

test('an example names the schema that the package brings', async () => {
  const named = (await examples()).flatMap(({ values }) => values['$schema'] ?? []);
  expect(named).toEqual(['/path/to/hydrogen-mcp/schemas/hydrogen.schema.json']);
  const { files } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { files: string[] };
  expect(files).toContain('schemas');
});

test('the schema has every setting with its description and default, and the defaults are valid', () => {
  const { $schema: _any, ...described } = schema.properties;
  const defaults: Record<string, unknown> = settings.parse({});
  expect(Object.keys(described)).toEqual(
    describeSettings().flatMap(({ name, secret }) => (secret ? [name, `${name}File`] : [name])),
  );
  for (const { name, description } of describeSettings()) {
    expect(described[name]).toMatchObject({ description });
    expect(described[name]?.default).toEqual(defaults[name]);
  }
  expect(problems(defaults)).toEqual([]);
});

test('secrets are marked as such', () => {
  const marked = Object.entries(schema.properties).filter(([, { writeOnly }]) => writeOnly);
  expect(marked.map(([name]) => name)).toEqual(
    describeSettings()
      .filter(({ secret }) => secret)
      .map(({ name }) => name),
  );
});

test.each<[string, unknown, string]>([
  ['an unknown name', { maxRow: 1 }, ' must NOT have additional properties'],
  ['a value of another type', { watch: 'yes' }, '/watch must be boolean'],
  ['a number that is too large', { httpPort: 70_000 }, '/httpPort must be <= 65535'],
  ['an impossible choice', { logLevel: 'loud' }, '/logLevel must be equal to one of the allowed values'],
  ['a URL of no MongoDB', { mongodbUrl: 'http://h/' }, '/mongodbUrl must match pattern'],
  [
    'a connection without a URL',
    { connections: { a: {} } },
    "/connections/a must have required property 'url'",
  ],
  [
    'a connection with a URL and a file',
    { connections: { a: { url: 'mongodb://h/', urlFile: 'a-url' } } },
    '/connections/a must match exactly one schema in oneOf',
  ],
  [
    'a collection that others fill with an address and a file with it',
    { qdrantCollections: [{ name: 'm', collection: 'a', url: 'http://h', urlFile: 'address' }] },
    '/qdrantCollections/0 must NOT be valid',
  ],
  [
    'a source without fields',
    { collectionSources: [{ collection: 'a' }] },
    "/collectionSources/0 must have required property 'fields'",
  ],
])('%s is wrong', (_what, values, problem) => {
  expect(problems(values)).toContainEqual(expect.stringContaining(problem));
});
