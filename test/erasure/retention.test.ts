import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, onTestFinished, test } from 'vitest';
import { chained, codingKey } from '../../src/audit/chain.ts';
import { owner } from '../../src/call.ts';
import { auditKeysIn, newAuditKey } from '../../src/config/audit-keys.ts';
import { createRetention, type Keep } from '../../src/erasure/retention.ts';
import { createLog } from '../../src/observability/log.ts';
import type { AuditLog } from '../../src/stores/audit/audit-log.ts';
import { createEmbeddedAuditLog } from '../../src/stores/embedded/audit/audit.ts';
import { createEmbeddedJournal } from '../../src/stores/embedded/journal/journal.ts';
import { createEmbeddedStore } from '../../src/stores/embedded/store.ts';
import { temporaryDirectory, testCall } from '../support/call.ts';

const day = 86_400_000;
/** A machine that is busy may take its time: only that it happens is asked. */
const patiently = { timeout: 20_000 };

/** A store with a run and an audit record of each of the last days, and a run that has not ended; looked after by nodes. */
async function looked(keep: Keep, nodes = 1) {
  const directory = await temporaryDirectory();
  const file = createEmbeddedStore(directory, 1);
  onTestFinished(() => file.close());
  const [journal, audit] = [createEmbeddedJournal(file), createEmbeddedAuditLog(file)];
  const key = codingKey(auditKeysIn(newAuditKey()));
  for (let ago = 0; ago < 5; ago++) {
    const of = { caller: owner, workflow: 'w', version: '1.0.0', definition: '{}', sha256: 'a' };
    await journal.create({ ...of, id: `run-${ago}`, input: `"input of run-${ago}"` }, testCall());
    if (ago < 4) await journal.requestCancel(`run-${ago}`, testCall());
  }
  const db = new DatabaseSync(join(directory, 'hydrogen.sqlite'));
  onTestFinished(() => db.close());
  db.prepare(
    `UPDATE runs SET created_at = created_at - ${day} * substr(id, 5), finished_at = finished_at - ${day} * substr(id, 5)`,
  ).run();
  const facts = [4, 3, 2, 1].map((ago) => ({
    facts: { event: 'begun' as const },
    at: Date.now() - ago * day,
    argumentsText: `words ${ago}`,
  }));
  await audit.append(undefined, chained(undefined, facts, key), testCall());
  let cleaned = 0;
  const exports = {
    async removeExpired() {
      cleaned++;
    },
  };
  const all = Array.from({ length: nodes }, () =>
    createRetention({
      ...{ journal, audit, exports, keep, log: createLog('silent'), firstMs: 1, everyMs: 50 },
      scrub: (compact, call) => file.scrub(compact, call),
    }),
  );
  for (const one of all) {
    one.start();
    onTestFinished(() => one.close());
  }
  return {
    directory,
    cleaned: () => cleaned,
    runs: () =>
      db
        .prepare('SELECT id FROM runs ORDER BY id')
        .all()
        .map(({ id }) => id),
    texts: async () =>
      (await audit.read(1, 10, testCall())).map(({ argumentsText = 'gone' }) => argumentsText),
  };
}

test('runs that ended longer ago than they are kept go; those that have not ended stay, whatever their age', async () => {
  const { runs, texts } = await looked({ runsMs: 1.5 * day });
  await expect.poll(runs, patiently).toEqual(['run-0', 'run-1', 'run-4']);
  expect(await texts()).toEqual(['words 4', 'words 3', 'words 2', 'words 1']);
});

test('audit text that is older than it is kept goes; the records stay', async () => {
  const { runs, texts } = await looked({ auditTextMs: 2.5 * day });
  await expect.poll(texts, patiently).toEqual(['gone', 'gone', 'words 2', 'words 1']);
  expect(runs()).toHaveLength(5);
});

test('without a time all is kept, and exports are looked at again and again', async () => {
  const { runs, texts, cleaned } = await looked({});
  await expect.poll(cleaned, patiently).toBeGreaterThan(2);
  expect(runs()).toHaveLength(5);
  expect(await texts()).not.toContain('gone');
});

test('what a server erases by itself is overwritten in the store file, too', async () => {
  const { directory, runs, texts } = await looked({ runsMs: day / 2, auditTextMs: day / 2 });
  await expect.poll(runs, patiently).toEqual(['run-0', 'run-4']);
  await expect.poll(texts, patiently).not.toContain('words 1');
  const left = async (): Promise<string> => {
    const names = await readdir(directory);
    const files = names.filter((name) => name.startsWith('hydrogen.sqlite'));
    return (await Promise.all(files.map((name) => readFile(join(directory, name), 'latin1')))).join();
  };
  await expect.poll(left, patiently).not.toMatch(/input of run-[123]|words [1234]/);
  expect(await left()).toContain('input of run-0');
});

test('several nodes on one store do not hurt each other', async () => {
  const { runs, texts } = await looked({ runsMs: day / 2, auditTextMs: day / 2 }, 3);
  await expect.poll(runs, patiently).toEqual(['run-0', 'run-4']);
  await expect.poll(texts, patiently).toEqual(['gone', 'gone', 'gone', 'gone']);
});

/** Retention over stores that there are not: what each does is given. */
function retained(parts: Partial<Parameters<typeof createRetention>[0]>) {
  const none = {
    journal: { erase: async () => ({ ids: [] }) },
    audit: { oldTexts: async () => [], eraseTexts: async () => 0 } as unknown as AuditLog,
    exports: { async removeExpired() {} },
  };
  const keep = { runsMs: day, auditTextMs: day };
  const retention = createRetention({
    ...{ ...none, keep, log: createLog('silent'), firstMs: 1, everyMs: 5 },
    ...parts,
  });
  onTestFinished(() => retention.close());
  retention.start();
}

test('audit text goes also while runs cannot be erased', async () => {
  const texts = new Set([1, 2]);
  const audit = {
    oldTexts: async () => [...texts],
    async eraseTexts(numbers: readonly number[]) {
      for (const one of numbers) texts.delete(one);
      return numbers.length;
    },
  } as unknown as AuditLog;
  const journal = {
    erase: () => Promise.reject(new Error('the journal is away')),
  };
  retained({ audit, journal });
  await expect.poll(() => texts.size, patiently).toBe(0);
});

test('a log that others were still reading is cut off at a later look, where nothing else is erased', async () => {
  const erasures = [['run-1'], []];
  const cut: boolean[] = [];
  retained({
    journal: {
      erase: async () => ({ ids: erasures.shift() ?? [] }),
    },
    async scrub() {
      const isGone = cut.length > 0;
      cut.push(isGone);
      return isGone;
    },
  });
  await expect.poll(() => cut, patiently).toEqual([false, true]);
});
