import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { newAuditKey } from '../../src/config/audit-keys.ts';
import { type ConfigSources, loadConfig } from '../../src/config/load.ts';
import { describeSettings, type SettingName } from '../../src/config.ts';
import { reveal, type Secret } from '../../src/observability/secret.ts';
import { temporaryDirectory } from '../support/call.ts';

const load = (sources: Partial<ConfigSources> = {}) =>
  loadConfig({
    ...{ environment: {}, overrides: {}, workingDirectory: '/nowhere', dataDirectory: '/nowhere/data' },
    ...sources,
  });

const values: Partial<Record<SettingName, string>> = {
  mongodbUrl: 'mongodb://jane:s3cret@db.example.com/shop',
  embeddingToken: 'a token',
  qdrantApiKey: 'a key',
  redisUrl: 'redis://:s3cret@redis.example.com',
  natsUrl: 'nats://t0ken@nats.example.com',
  natsCredentials: '-----BEGIN NATS USER JWT-----\n  abc\n------END NATS USER JWT------',
  auditKey: newAuditKey(),
};
const secrets = describeSettings().filter(({ secret }) => secret);

/** A file in a folder of its own. */
async function fileWith(text: string): Promise<string> {
  const path = join(await temporaryDirectory(), 'secret');
  await writeFile(path, text);
  return path;
}

async function folderWith(given: object, files: Readonly<Record<string, string>>): Promise<string> {
  const directory = await temporaryDirectory();
  await writeFile(join(directory, 'hydrogen.json'), JSON.stringify(given));
  for (const [name, text] of Object.entries(files)) await writeFile(join(directory, name), text);
  return directory;
}

test.each(secrets)(
  '$name may come from a file that a variable, an option or a settings file names',
  async ({ name, environment }) => {
    const value = values[name] ?? '';
    const path = await fileWith(`${value}\n`);
    const workingDirectory = await folderWith({ [`${name}File`]: 'secret' }, { secret: `${value}\r\n` });
    for (const sources of [
      { environment: { [`${environment}_FILE`]: path } },
      { overrides: { [`${name}File`]: path } },
      { workingDirectory },
    ]) {
      expect(reveal(load(sources).config[name] as unknown as Secret)).toBe(value);
    }
  },
);

test('of a file only the ends of the last lines are left out: a password may begin or end with a space', async () => {
  const path = await fileWith(' a key \n\n');
  const { qdrantApiKey } = load({ environment: { HYDROGEN_QDRANT_API_KEY_FILE: path } }).config;
  expect(qdrantApiKey && reveal(qdrantApiKey)).toBe(' a key ');
});

test('a secret and a file with it in one place are refused', async () => {
  const path = await fileWith('a key');
  const both = { HYDROGEN_QDRANT_API_KEY: 'b', HYDROGEN_QDRANT_API_KEY_FILE: path };
  expect(() => load({ environment: both })).toThrow('give qdrantApiKey or qdrantApiKeyFile, not both');
  const workingDirectory = await folderWith({ qdrantApiKey: 'b', qdrantApiKeyFile: path }, {});
  expect(() => load({ workingDirectory })).toThrow('give qdrantApiKey or qdrantApiKeyFile, not both');
});

test('of a secret and a file with it in two places the later place wins, as with any setting', async () => {
  const path = await fileWith('from the file');
  const workingDirectory = await folderWith({ qdrantApiKey: 'given', embeddingTokenFile: path }, {});
  const { qdrantApiKey, embeddingToken } = load({
    workingDirectory,
    environment: { HYDROGEN_QDRANT_API_KEY_FILE: path, HYDROGEN_EMBEDDING_TOKEN: 'given' },
  }).config;
  expect([qdrantApiKey, embeddingToken].map((one) => one && reveal(one))).toEqual(['from the file', 'given']);
});

test.each([
  ['is not there', undefined, 'there is no such file'],
  ['is empty', '\n', 'it is empty'],
  ['is too large', 'a'.repeat(70_000), 'it is too large'],
])('a file that %s is the one problem that is told, without its name', async (_what, text, why) => {
  const path = text === undefined ? join(await temporaryDirectory(), 'secret') : await fileWith(text);
  const environment = { HYDROGEN_AUDIT_KEY_FILE: path, HYDROGEN_AUDIT: 'all' };
  expect(() => load({ environment })).toThrow(
    `Environment variable HYDROGEN_AUDIT_KEY_FILE: the file it names cannot be read: ${why}.`,
  );
  expect(() => load({ environment })).not.toThrow(/\n|secret/);
});

test('what a file with a secret is wrong about is said of the setting that names it', async () => {
  const connections = { sales: { urlFile: 'url' } };
  const workingDirectory = await folderWith({ connections, qdrantApiKeyFile: 'key' }, { key: '', url: '' });
  const refused = (): unknown => load({ workingDirectory });
  expect(refused).toThrow(
    'Setting "connections.sales": the file that urlFile names cannot be read: it is empty.',
  );
  expect(refused).toThrow(
    /Setting "qdrantApiKeyFile" \(.*hydrogen\.json\): the file it names cannot be read/,
  );
});

test('files with secrets are among the files that are never read as documents', async () => {
  const workingDirectory = await folderWith({ qdrantApiKeyFile: 'key' }, { key: 'a key' });
  const { files, secretFiles, origins } = load({ workingDirectory });
  expect(files).toContain(join(workingDirectory, 'key'));
  expect(secretFiles).toEqual([join(workingDirectory, 'key')]);
  expect(origins.get('qdrantApiKey')).toBe(join(workingDirectory, 'hydrogen.json'));
});
