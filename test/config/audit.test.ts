import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { auditLevelOf } from '../../src/config/audit.ts';
import { auditKeysIn, newAuditKey } from '../../src/config/audit-keys.ts';
import { type ConfigSources, loadConfig } from '../../src/config/load.ts';
import type { Config } from '../../src/config.ts';
import { reveal, type Secret } from '../../src/observability/secret.ts';
import { temporaryDirectory } from '../support/call.ts';
import { linkFolder } from '../support/links.ts';

const load = (environment: ConfigSources['environment'], workingDirectory = '/nowhere'): Config =>
  loadConfig({ environment, overrides: {}, workingDirectory, dataDirectory: '/nowhere/data' }).config;

const key = newAuditKey();

test('changes are recorded where there is a key, and nothing where there is none', () => {
  expect(auditLevelOf(load({}))).toBe('off');
  expect(auditLevelOf(load({ HYDROGEN_AUDIT_KEY: key }))).toBe('changes');
  expect(auditLevelOf(load({ HYDROGEN_AUDIT_KEY: key, HYDROGEN_AUDIT: 'off' }))).toBe('off');
});

test('to record without a key is refused with what to do', () => {
  expect(() => load({ HYDROGEN_AUDIT: 'all' })).toThrow(/"audit" is "all".*hydrogen audit key/);
});

test.each(['short', `${key} short`, '0123456789ab', ''.padEnd(43, '!')])(
  'what is no key is refused without being quoted: %s',
  (text) => {
    expect(() => load({ HYDROGEN_AUDIT_KEY: text })).toThrow(/"auditKey".*must be keys as/);
    expect(() => load({ HYDROGEN_AUDIT_KEY: text })).not.toThrow(text);
  },
);

test('several keys are told apart by ids that say nothing of them', () => {
  const [first, second, lost] = auditKeysIn(`${key}\n${newAuditKey()}, 0123456789ab`);
  expect(first?.id).toMatch(/^[0-9a-f]{12}$/);
  expect(second?.id).not.toBe(first?.id);
  expect(lost).toEqual({ id: '0123456789ab' });
  expect(JSON.stringify([first, second])).not.toContain(key);
});

test('a key in a file outside the data directory is taken', async () => {
  const [dataDir, elsewhere] = [await temporaryDirectory(), join(await temporaryDirectory(), 'key')];
  await writeFile(elsewhere, `${key}\n`);
  expect(
    reveal(load({ HYDROGEN_DATA_DIR: dataDir, HYDROGEN_AUDIT_KEY_FILE: elsewhere }).auditKey as Secret),
  ).toBe(key);
});

test('a key in the data directory is refused, also where a link leads to it', async () => {
  const dataDir = await temporaryDirectory();
  const inside = join(dataDir, 'key');
  await writeFile(inside, key);
  const link = join(await temporaryDirectory(), 'link');
  await linkFolder(dataDir, link);
  const refused = /"auditKey": the key is in the data directory/;
  expect(() => load({ HYDROGEN_DATA_DIR: dataDir, HYDROGEN_AUDIT_KEY_FILE: inside })).toThrow(refused);
  expect(() => load({ HYDROGEN_DATA_DIR: link, HYDROGEN_AUDIT_KEY_FILE: inside })).toThrow(refused);
  expect(() => load({ HYDROGEN_DATA_DIR: dataDir, HYDROGEN_AUDIT_KEY_FILE: join(link, 'key') })).toThrow(
    refused,
  );
});

test('a key in the settings of the data directory is refused', async () => {
  const dataDir = join(await temporaryDirectory(), 'data');
  await mkdir(dataDir);
  await writeFile(join(dataDir, 'hydrogen.json'), JSON.stringify({ auditKey: key }));
  expect(() => load({ HYDROGEN_DATA_DIR: dataDir })).toThrow(/"auditKey": the key is in the data directory/);
});
