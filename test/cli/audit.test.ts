import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, onTestFinished, test } from 'vitest';
import { chained, codingKey } from '../../src/audit/chain.ts';
import { rotate } from '../../src/audit/rotate.ts';
import { auditKeysIn, newAuditKey } from '../../src/config/audit-keys.ts';
import { createEmbeddedAuditLog } from '../../src/stores/embedded/audit/audit.ts';
import { createEmbeddedStore } from '../../src/stores/embedded/store.ts';
import { temporaryDirectory, testCall } from '../support/call.ts';
import { command } from '../support/command.ts';
import { bare, type Settings, stdioClient } from '../support/process.ts';

const auditKey = newAuditKey();
const day = 86_400_000;

/** A data directory with a record for each of so many days up to today. */
async function withRecords(days: number): Promise<Settings & { dataDir: string }> {
  const dataDir = await temporaryDirectory();
  const file = createEmbeddedStore(dataDir, 1);
  const facts = Array.from({ length: days }, (_, i) => ({
    at: Date.now() - (days - 1 - i) * day - 60_000,
    facts: { event: 'ended' as const, name: `tool ${i + 1}`, caller: { id: i % 2 === 0 ? 'ann' : 'bob' } },
  }));
  const entries = chained(undefined, facts, codingKey(auditKeysIn(auditKey)));
  await createEmbeddedAuditLog(file).append(undefined, entries, testCall());
  await file.close();
  return { ...bare, dataDir, auditKey };
}

function alter({ dataDir }: { dataDir: string }, sql: string): void {
  const db = new DatabaseSync(join(dataDir, 'hydrogen.sqlite'));
  db.exec(sql);
  db.close();
}

test('`audit key` prints a new key alone on stdout, and its id for the reader', async () => {
  const [first, second] = [await command(['audit', 'key']), await command(['audit', 'key'])];
  expect(first.out).toMatch(/^[\w-]{43}\n$/);
  expect(first.err).toContain(auditKeysIn(first.out)[0]?.id ?? 'no key');
  expect(second.out).not.toBe(first.out);
});

test('`audit show` prints the latest records, the newest last, and those of one caller or time', async () => {
  const settings = await withRecords(6);
  const shown = async (...options: string[]): Promise<unknown[]> => {
    const { out } = await command(['--json', 'audit', 'show', ...options], settings);
    return out
      .split('\n')
      .filter(Boolean)
      .map((line) => (JSON.parse(line) as { name: unknown }).name);
  };
  expect(await shown('--limit', '2')).toEqual(['tool 5', 'tool 6']);
  expect(await shown('--caller', 'bob')).toEqual(['tool 2', 'tool 4', 'tool 6']);
  expect(await shown('--since', '36h')).toEqual(['tool 5', 'tool 6']);
  const { out } = await command(['audit', 'show', '--limit', '1'], settings);
  expect(out).toMatch(/^6 {2}\S+ {2}ended {2}bob {2}tool 6/);
});

test('`audit verify` says that the record is as it was made, and where it ends', async () => {
  const { out, code } = await command(['audit', 'verify'], await withRecords(3));
  expect(code).toBe(0);
  expect(out).toMatch(/^The audit record is as it was made: 3 records, .* The last one is 3:[\w-]{43}\.\n$/);
});

test('`audit verify` names what was altered and what is missing, and ends with 1', async () => {
  const settings = await withRecords(6);
  alter(
    settings,
    `UPDATE audit SET record = replace(record, 'ann', 'eve') WHERE seq = 3; DELETE FROM audit WHERE seq = 5`,
  );
  const { out, code } = await command(['audit', 'verify'], settings);
  expect(code).toBe(1);
  expect(out).toMatch(/^record 3 was altered\.\nrecord 5 is missing: removed after record 4\.\n/);
});

test('`audit verify` names a text that was put where no record is', async () => {
  const settings = await withRecords(3);
  alter(settings, "INSERT INTO audit_texts (seq, at, text) VALUES (7, 0, 'words')");
  const { out, code } = await command(['audit', 'verify'], settings);
  expect(code).toBe(1);
  expect(out).toMatch(
    /^a text of arguments lies beside record 7, where there is no record: it was put there\.\n/,
  );
});

test('`audit verify --head` notices a tail that was cut', async () => {
  const settings = await withRecords(6);
  const { out } = await command(['audit', 'verify'], settings);
  const head = /6:[\w-]{43}/.exec(out)?.[0] ?? '';
  alter(settings, 'DELETE FROM audit WHERE seq > 4');
  expect((await command(['audit', 'verify'], settings)).code).toBe(0);
  const cut = await command(['audit', 'verify', '--head', head], settings);
  expect(cut.code).toBe(1);
  expect(cut.out).toMatch(/^the tail was cut after record 4: it went on to record 6 at least\./);
});

test('`audit verify` with another key says so', async () => {
  const settings = await withRecords(2);
  const { out, code } = await command(['audit', 'verify'], { ...settings, auditKey: newAuditKey() });
  expect(code).toBe(1);
  expect(out).toMatch(
    /^records 1 to 2 are coded with key "[0-9a-f]{12}", which is not among those of auditKey/,
  );
});

/** What `audit export` prints, as a file. */
async function exported(settings: Settings, ...options: string[]): Promise<string> {
  const file = join(await temporaryDirectory(), 'audit.jsonl');
  await writeFile(file, (await command(['audit', 'export', ...options], settings)).out);
  return file;
}

test('an export is verified by itself, also one that begins later', async () => {
  const settings = await withRecords(6);
  const all = await command(['audit', 'verify', await exported(settings)], settings);
  expect(all.out).toMatch(/as it was made: 6 records/);
  const some = await command(['audit', 'verify', await exported(settings, '--since', '60h')], settings);
  expect(some.out).toMatch(/as it was made: 3 records, .* They begin behind 3:/);
});

/** A record with the text of its arguments beside it. */
async function withText(): Promise<Settings & { dataDir: string }> {
  const settings = await withRecords(3);
  const { client, close } = await stdioClient({
    ...{ ...settings, auditArguments: 'text', enableWrites: 'true', confirmWrites: 'never' },
  });
  await client.callTool({
    name: 'insert',
    arguments: { collection: 'plants', documents: [{ name: 'oak' }] },
  });
  await close();
  return settings;
}

test('the text beside a record is shown and exported with it, and an altered one is named', async () => {
  const settings = await withText();
  const { out } = await command(['--json', 'audit', 'show', '--limit', '2'], settings);
  expect(JSON.parse(out.split('\n')[0] ?? '')).toMatchObject({
    arguments: { text: expect.stringContaining('"name":"oak"') },
  });
  const file = await exported(settings);
  expect((await command(['audit', 'verify', file], settings)).out).toMatch(/as it was made: 5 records/);
  await writeFile(file, (await readFile(file, 'utf8')).replace('oak', 'elm'));
  expect((await command(['audit', 'verify', file], settings)).out).toMatch(
    /^the text of the arguments of record 4 was altered\.\n/,
  );
  alter(settings, "UPDATE audit_texts SET text = replace(text, 'oak', 'elm')");
  expect((await command(['audit', 'verify'], settings)).out).toMatch(
    /^the text of the arguments of record 4 was altered\.\n/,
  );
});

test('a backup has the text that lies beside a record, and a restore brings it back', async () => {
  const settings = await withText();
  const folder = join(await temporaryDirectory(), 'backup');
  expect((await command(['backup', folder], settings)).code).toBe(0);
  const restored = { ...settings, dataDir: join(await temporaryDirectory(), 'data') };
  expect((await command(['restore', folder], restored)).code).toBe(0);
  const { out, err } = await command(['audit', 'verify'], restored);
  expect(out).toMatch(/as it was made/);
  expect(err).not.toContain('was erased');
  expect((await command(['--json', 'audit', 'show'], restored)).out).toContain('oak');
});

test('what `audit rotate` moves takes its text along', async () => {
  const settings = await withText();
  alter(settings, 'DELETE FROM audit_texts WHERE seq <> 4');
  const to = join(await temporaryDirectory(), 'old.jsonl');
  const file = createEmbeddedStore(settings.dataDir, 1);
  const log = createEmbeddedAuditLog(file);
  await rotate({ log, keys: auditKeysIn(auditKey) }, Date.now() + 1_000, to, testCall());
  await file.close();
  expect(await readFile(to, 'utf8')).toContain('oak');
  expect((await command(['audit', 'verify', to], settings)).out).toMatch(/as it was made/);
  const db = new DatabaseSync(join(settings.dataDir, 'hydrogen.sqlite'));
  expect(db.prepare('SELECT count(*) AS n FROM audit_texts').get()).toEqual({ n: 0 });
  db.close();
});

test('a line of an export that was altered or removed is named', async () => {
  const settings = await withRecords(6);
  const file = await exported(settings);
  const lines = (await readFile(file, 'utf8')).replace('"id":"bob"', '"id":"eve"').split('\n');
  await writeFile(file, lines.filter((line) => !line.includes('tool 5')).join('\n'));
  const { out } = await command(['audit', 'verify', file], settings);
  expect(out).toMatch(/^record 2 was altered\.\nrecord 5 is missing: removed after record 4\.\n/);
});

test('`audit rotate` moves older records to a file that ends where the rest begins; both verify', async () => {
  const settings = await withRecords(6);
  const file = join(await temporaryDirectory(), 'old.jsonl');
  const moved = await command(['audit', 'rotate', '--keep', '60h', '--to', file], settings);
  const through = /3:[\w-]{43}/.exec(moved.out)?.[0] ?? 'none';
  expect(moved.out).toMatch(/^3 records moved to /);
  const old = await command(['audit', 'verify', file], settings);
  expect(old.out).toMatch(new RegExp(`as it was made: 3 records, .* The last one is ${through}\\.`));
  const rest = await command(['audit', 'verify'], settings);
  // The command itself is recorded, when it begins and when it ends.
  expect(rest.out).toMatch(new RegExp(`as it was made: 5 records, .* They begin behind ${through}\\.`));
  expect(rest.code).toBe(0);
});

test('after a rotation, more records that are removed at the beginning are missing', async () => {
  const settings = await withRecords(6);
  const file = join(await temporaryDirectory(), 'old.jsonl');
  await command(['audit', 'rotate', '--keep', '60h', '--to', file], settings);
  alter(settings, 'DELETE FROM audit WHERE seq = 4');
  const { out } = await command(['audit', 'verify'], settings);
  expect(out).toMatch(/^record 4 is missing: removed after record 3\./);
});

test('`audit rotate` moves nothing over a file that is there, and no record that was altered', async () => {
  const settings = await withRecords(6);
  const file = join(await temporaryDirectory(), 'old.jsonl');
  await writeFile(file, 'mine');
  const taken = await command(['audit', 'rotate', '--keep', '60h', '--to', file], settings);
  expect(taken.code).toBe(2);
  expect(await readFile(file, 'utf8')).toBe('mine');
  alter(settings, `UPDATE audit SET record = replace(record, 'ann', 'eve') WHERE seq = 3`);
  const altered = await command(['audit', 'rotate', '--keep', '60h', '--to', `${file}2`], settings);
  expect(altered.err).toMatch(/Nothing was moved: record 3 was altered/);
});

test('a command that changes data is recorded as the owner', async () => {
  const settings = { ...bare, dataDir: await temporaryDirectory(), auditKey };
  const file = join(await temporaryDirectory(), 'plants.json');
  await writeFile(file, '[{"name":"oak"}]');
  await command(['import', 'plants', file], settings);
  const { out } = await command(['--json', 'audit', 'show'], settings);
  const records = out
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as object);
  expect(records).toMatchObject([
    { event: 'begun', kind: 'command', name: 'import', caller: { id: 'owner' }, transport: 'command' },
    { event: 'ended', outcome: 'ok' },
  ]);
});

test('`audit verify` with another key says so also where every command is recorded', async () => {
  const settings = await withRecords(2);
  const { out, code } = await command(['audit', 'verify'], {
    ...settings,
    auditKey: newAuditKey(),
    audit: 'all',
  });
  expect(out).toContain('is NOT as it was made');
  expect(code).toBe(1);
});

test('a backup of the signing keys is recorded, one of the store alone is a plain read', async () => {
  const settings = await withRecords(1);
  const folder = await temporaryDirectory();
  await command(['backup', join(folder, 'store')], settings);
  await command(['backup', join(folder, 'both'), '--keys', join(folder, 'keys')], settings);
  const { out } = await command(['audit', 'show'], settings);
  expect(out.match(/command backup \(destroy\)/g)).toHaveLength(2);
  expect(out).not.toContain('backup (read)');
});

test('a rotation that fails leaves no file', async () => {
  const { dataDir, ...settings } = await withRecords(6);
  const file = createEmbeddedStore(dataDir, 1);
  onTestFinished(() => file.close());
  const log = createEmbeddedAuditLog(file);
  let reads = 0;
  const failing = {
    ...log,
    read: async (...args: Parameters<typeof log.read>) => {
      // The first time they are verified, then they are written.
      if (reads++ > 0) throw new Error('the disk is gone');
      return log.read(...args);
    },
  };
  const path = join(await temporaryDirectory(), 'old.jsonl');
  const keys = auditKeysIn(settings.auditKey ?? '');
  const moving = rotate({ log: failing, keys }, Date.now() - day, path, testCall());
  await expect(moving).rejects.toThrow('the disk is gone');
  expect(existsSync(path)).toBe(false);
});
