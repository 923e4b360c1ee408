import { existsSync } from 'node:fs';
import {
  appendFile,
  chmod,
  copyFile,
  mkdir,
  readdir,
  readFile,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { backUp, type Snapshots } from '../../src/backup/backup.ts';
import { newAuditKey } from '../../src/config/audit-keys.ts';
import { temporaryDirectory, testCall } from '../support/call.ts';
import { command } from '../support/command.ts';
import { bare, type Settings } from '../support/process.ts';

/** A data directory with three orders and two documents. */
async function filled(): Promise<Settings & { dataDir: string }> {
  const folder = await temporaryDirectory();
  const settings = { ...bare, dataDir: join(folder, 'data') };
  await writeFile(join(folder, 'orders.csv'), 'status\npaid\nopen\npaid\n');
  await mkdir(join(folder, 'notes'));
  await writeFile(join(folder, 'notes', 'a.md'), '# Pumps\n\nThe pump hums.\n');
  await writeFile(join(folder, 'notes', 'b.md'), '# Tanks\n\nThe tank is full.\n');
  await command(['import', 'orders', join(folder, 'orders.csv')], settings);
  await command(['ingest', join(folder, 'notes')], settings);
  return settings;
}

async function answers(settings: Settings): Promise<string[]> {
  const given: string[] = [];
  for (const args of [['find', 'orders', '{"status":"paid"}'], ['search', 'pump'], ['list']]) {
    const { out } = await command([...args, '--json'], settings);
    expect(out).not.toBe('');
    given.push(out);
  }
  return given;
}

test('what was backed up is there again after a restore, with its keys if they are wanted', async () => {
  const settings = await filled();
  const folder = await temporaryDirectory();
  const [backup, keys] = [join(folder, 'backup'), join(folder, 'keys')];
  const made = await command(['backup', backup, '--keys', keys], settings);
  expect(made.out).toMatch(/backup: the store as it was at \S+Z, [\d,]+ bytes, format \d+, checked\./);
  expect(await readdir(backup)).toEqual(['backup.json', 'hydrogen.sqlite']);

  const other = { ...bare, dataDir: join(folder, 'data') };
  const restored = await command(['restore', backup, '--keys', keys], other);
  expect(restored.code).toBe(0);
  expect(await answers(other)).toEqual(await answers(settings));
  const keysIn = (directory: string): Promise<string> => readFile(join(directory, 'keys.json'), 'utf8');
  expect(await keysIn(other.dataDir)).toBe(await keysIn(settings.dataDir));
});

test('keys are not put into the folder of the copy, by whatever name it is called', async () => {
  const settings = await filled();
  const folder = await temporaryDirectory();
  const copy = join(folder, 'copy');
  await symlink(folder, join(folder, 'link'));
  const inside = [
    copy,
    join(copy, 'keys'),
    `${folder}/other/../copy/keys`,
    join(folder, 'link', 'copy', 'a'),
  ];
  for (const keys of inside) {
    const { code, err } = await command(['backup', copy, '--keys', keys], settings);
    expect({ keys, code }).toEqual({ keys, code: 2 });
    expect(err).toContain('Name one elsewhere');
  }
  expect(await readdir(folder)).toEqual(['link']);
  const apart = await command(['backup', copy, '--keys', join(folder, 'copy-keys')], settings);
  expect(apart.code).toBe(0);
});

test('what a restore has left that was killed is gone after the next one', async () => {
  const settings = await filled();
  const folder = await temporaryDirectory();
  const [backup, dataDir] = [join(folder, 'backup'), join(folder, 'data')];
  await command(['backup', backup], settings);
  await mkdir(dataDir, { mode: 0o700 });
  // No system gives that number to a process.
  await writeFile(join(dataDir, 'restoring.999999999.tmp'), 'half');
  expect(await command(['restore', backup], { ...bare, dataDir })).toMatchObject({ code: 0 });
  expect((await readdir(dataDir)).filter((name) => name.startsWith('restoring'))).toEqual([]);
});

test('where an audit record is kept, a restore is recorded in the record that it brings back', async () => {
  const settings = { ...(await filled()), auditKey: newAuditKey() };
  const folder = await temporaryDirectory();
  const backup = join(folder, 'backup');
  await command(['backup', backup], settings);
  const other = { ...settings, dataDir: join(folder, 'data') };
  expect(await command(['restore', backup], other)).toMatchObject({ code: 0 });
  expect((await command(['audit', 'show'], other)).out).toMatch(/ended.*command restore.*ok/);
  expect((await command(['audit', 'verify'], other)).code).toBe(0);
});

test('where there are keys, or none to bring, a restore with keys is refused before the store is there', async () => {
  const settings = await filled();
  const folder = await temporaryDirectory();
  const [backup, keys, dataDir] = [join(folder, 'backup'), join(folder, 'keys'), join(folder, 'data')];
  await command(['backup', backup, '--keys', keys], settings);
  await mkdir(dataDir, { mode: 0o700 });
  const restore = (from: string) => command(['restore', backup, '--keys', from], { ...bare, dataDir });
  expect((await restore(backup)).err).toContain('There are no signing keys in');
  await copyFile(join(settings.dataDir, 'keys.json'), join(dataDir, 'keys.json'));
  expect((await restore(keys)).err).toContain('move its keys.json away first');
  expect(await readdir(dataDir)).toEqual(['keys.json']);
});

test('keys that are there stay in use after a restore, and are not called new', async () => {
  const settings = await filled();
  const folder = await temporaryDirectory();
  const [backup, dataDir] = [join(folder, 'backup'), join(folder, 'data')];
  await command(['backup', backup], settings);
  await mkdir(dataDir, { mode: 0o700 });
  expect((await command(['restore', backup], { ...bare, dataDir: join(folder, 'new') })).err).toContain(
    'The signing keys are new',
  );
  await copyFile(join(settings.dataDir, 'keys.json'), join(dataDir, 'keys.json'));
  const { code, err } = await command(['restore', backup], { ...bare, dataDir });
  expect(code).toBe(0);
  expect(err).not.toContain('keys are new');
});

test('a restore that is refused leaves nothing where there was nothing', async () => {
  const folder = await temporaryDirectory();
  const dataDir = join(folder, 'data');
  const { code } = await command(['restore', folder], { ...bare, dataDir, auditKey: newAuditKey() });
  expect(code).toBe(2);
  expect(existsSync(join(dataDir, 'hydrogen.sqlite'))).toBe(false);
});

test('where there is no store there is nothing to back up, and none is made', async () => {
  const folder = await temporaryDirectory();
  const dataDir = join(folder, 'data');
  const { code, err } = await command(['backup', join(folder, 'backup')], { ...bare, dataDir });
  expect(code).toBe(3);
  expect(err).toContain(`There is no store in ${dataDir}`);
  expect(existsSync(join(dataDir, 'hydrogen.sqlite'))).toBe(false);
  expect(existsSync(join(folder, 'backup'))).toBe(false);
});

test('without --keys the keys stay where they are', async () => {
  const settings = await filled();
  const backup = join(await temporaryDirectory(), 'backup');
  const { err } = await command(['backup', backup], settings);
  expect(err).toContain('Not in it: hydrogen.json, exported files, downloaded models, and the signing keys');
  expect(await readdir(backup)).not.toContain('keys.json');
});

test('only the owner can read a backup', async () => {
  const settings = await filled();
  const backup = join(await temporaryDirectory(), 'backup');
  await command(['backup', backup], settings);
  const modes = await Promise.all(
    [backup, join(backup, 'hydrogen.sqlite'), join(backup, 'backup.json')].map(async (path) =>
      ((await stat(path)).mode & 0o077).toString(8),
    ),
  );
  expect(modes).toEqual(['0', '0', '0']);
});

test('nobody else can read a backup while it is being made, also in a folder that others may open', async () => {
  const folder = await temporaryDirectory();
  await chmod(folder, 0o755);
  let mode: number | undefined;
  const store: Snapshots = {
    async snapshot(file) {
      mode = (await stat(file)).mode & 0o777;
      return { format: 1, rows: {} };
    },
  };
  await backUp(store, folder, '1.0.0', testCall());
  expect(mode).toBe(0o600);
});

test('a restore says that keys which were revoked since the backup are good again', async () => {
  const settings = await filled();
  const folder = await temporaryDirectory();
  const backup = join(folder, 'backup');
  await command(['backup', backup], settings);
  const { err } = await command(['restore', backup], { ...bare, dataDir: join(folder, 'data') });
  expect(err).toMatch(/revoked or rotated since is good again/);
});

test('a folder with something in it is no place for a backup', async () => {
  const settings = await filled();
  const folder = await temporaryDirectory();
  await writeFile(join(folder, 'mine.txt'), 'mine');
  const { code, err } = await command(['backup', folder], settings);
  expect([code, err]).toEqual([expect.any(Number), expect.stringMatching(/is not empty: name a new one/)]);
  expect(await readdir(folder)).toEqual(['mine.txt']);
});

test('a backup is not restored over a store', async () => {
  const settings = await filled();
  const backup = join(await temporaryDirectory(), 'backup');
  await command(['backup', backup], settings);
  const before = await answers(settings);
  const { err } = await command(['restore', backup], settings);
  expect(err).toMatch(/There is a store in .* already: move it away first/);
  expect(await answers(settings)).toEqual(before);
});

test('a server that keeps an audit record is restored, and the record goes on with that', async () => {
  const settings = { ...(await filled()), auditKey: newAuditKey() };
  const folder = await temporaryDirectory();
  const backup = join(folder, 'backup');
  await command(['import', 'orders', join(settings.dataDir, '..', 'orders.csv')], settings);
  await command(['backup', backup], settings);

  const other = { ...settings, dataDir: join(folder, 'data') };
  const { code, err } = await command(['restore', backup], other);
  expect([code, err]).toEqual([0, expect.not.stringContaining('already')]);
  const shown = (await command(['audit', 'show'], other)).out;
  expect(shown).toMatch(/command import.*command restore/s);
  expect((await command(['audit', 'verify'], other)).code).toBe(0);
});

test('where there are no keys to restore, nothing is', async () => {
  const settings = await filled();
  const folder = await temporaryDirectory();
  const backup = join(folder, 'backup');
  await command(['backup', backup], settings);
  const dataDir = join(folder, 'data');
  const { err } = await command(['restore', backup, '--keys', folder], { ...bare, dataDir });
  expect(err).toContain('There are no signing keys');
  expect((await command(['restore', backup], { ...bare, dataDir })).code).toBe(0);
});

async function refusal(spoil: (backup: string) => Promise<void>): Promise<string> {
  const settings = await filled();
  const folder = await temporaryDirectory();
  const backup = join(folder, 'backup');
  await command(['backup', backup], settings);
  await spoil(backup);
  const dataDir = join(folder, 'data');
  const { err } = await command(['restore', backup], { ...bare, dataDir });
  expect((await readdir(dataDir).catch(() => [])).filter((name) => name.includes('sqlite'))).toEqual([]);
  return err;
}

test('a backup that was changed is refused, and nothing is restored', async () => {
  expect(await refusal((backup) => appendFile(join(backup, 'hydrogen.sqlite'), 'x'))).toMatch(
    /damaged or was changed/,
  );
});

test('a backup that was interrupted is refused', async () => {
  expect(await refusal((backup) => rm(join(backup, 'backup.json')))).toMatch(/one that was interrupted/);
});

test('a backup of a newer program is refused, with its version', async () => {
  const newer = async (backup: string): Promise<void> => {
    const file = join(backup, 'backup.json');
    const described = JSON.parse(await readFile(file, 'utf8')) as object;
    await writeFile(file, JSON.stringify({ ...described, format: 999, program: '9.9.9' }));
  };
  expect(await refusal(newer)).toMatch(
    /has format 999, made by version 9\.9\.9; this program reads formats up to \d/,
  );
});
