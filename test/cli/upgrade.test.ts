import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, test } from 'vitest';
import { formatVersion } from '../../src/stores/embedded/format.ts';
import { temporaryDirectory } from '../support/call.ts';
import { command } from '../support/command.ts';
import { bare, type Settings } from '../support/process.ts';

async function checked(settings: Settings, ...args: readonly string[]) {
  const { out, code } = await command(['upgrade', '--check', '--json', ...args], settings);
  const { parts } = JSON.parse(out) as {
    parts: { name: string; state: string; detail: string; action?: string }[];
  };
  return { parts, code };
}

/** A data directory whose store says that it has a format. */
async function storeOf(format: number): Promise<Settings & { dataDir: string }> {
  const dataDir = await temporaryDirectory();
  const db = new DatabaseSync(join(dataDir, 'hydrogen.sqlite'));
  db.exec(`CREATE TABLE a (b); PRAGMA user_version = ${format}`);
  db.close();
  return { ...bare, dataDir };
}

async function stateOf(folder: string): Promise<unknown> {
  const names = (await readdir(folder)).sort();
  return Promise.all(
    names.map(async (name) => {
      const { mtimeMs, size } = await stat(join(folder, name));
      return [name, mtimeMs, size];
    }),
  );
}

test.each([
  [formatVersion, 'current', 0],
  [formatVersion - 1, 'changes', 0],
  [formatVersion + 1, 'refused', 4],
])(
  'of a store of format %i it is told what a start would do (%s), and nothing is changed',
  async (format, state, code) => {
    const settings = await storeOf(format);
    const before = await stateOf(settings.dataDir);
    const found = await checked(settings);
    expect(found).toMatchObject({ code, parts: [{ name: 'store', state }] });
    expect(found.parts[0]?.detail).toContain(`has format ${format}`);
    expect(await stateOf(settings.dataDir)).toEqual(before);
  },
);

test('before an upgrade a backup is advised, and the space that it needs is told', async () => {
  const { parts } = await checked(await storeOf(formatVersion - 1));
  expect(parts[0]).toMatchObject({
    detail: expect.stringMatching(/a start brings it to \d+, in one transaction.*MB is$/),
    action: expect.stringMatching(/hydrogen backup FOLDER/),
  });
});

test('where there is no store none is made', async () => {
  const dataDir = join(await temporaryDirectory(), 'none');
  const { parts } = await checked({ ...bare, dataDir });
  expect(parts[0]?.detail).toMatch(/there is no store .* a start makes one/);
  await expect(stat(dataDir)).rejects.toThrow('ENOENT');
});

test('a store in use is looked at, too, and a backup of it', async () => {
  const settings = { ...bare, dataDir: await temporaryDirectory() };
  await command(['doctor'], settings);
  const backup = join(await temporaryDirectory(), 'backup');
  await command(['backup', backup], settings);
  const { parts, code } = await checked(settings, '--backup', backup);
  expect(parts).toMatchObject([
    { name: 'store', state: 'current' },
    { name: 'backup', state: 'current', detail: expect.stringContaining(`format ${formatVersion}`) },
  ]);
  expect(code).toBe(0);
});

test('the command alone upgrades nothing, and says how that is done', async () => {
  const { err, code } = await command(['upgrade'], await storeOf(formatVersion - 1));
  expect(code).toBe(2);
  expect(err).toMatch(/is upgraded when a server of the new version starts/);
});
