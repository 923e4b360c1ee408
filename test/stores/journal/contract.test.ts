import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, onTestFinished, test } from 'vitest';
import {
  createEmbeddedJournal,
  createEmbeddedJournalArchive,
  createEmbeddedVerdicts,
} from '../../../src/stores/embedded/journal/journal.ts';
import { createEmbeddedStore } from '../../../src/stores/embedded/store.ts';
import { temporaryDirectory, testCall } from '../../support/call.ts';
import { journalContract } from './contract.ts';

journalContract({
  name: 'embedded',
  async open() {
    const file = createEmbeddedStore(await temporaryDirectory(), 1);
    onTestFinished(() => file.close());
    return {
      journal: createEmbeddedJournal(file),
      verdicts: createEmbeddedVerdicts(file),
      archive: createEmbeddedJournalArchive(file),
    };
  },
});

test('few runs of a caller among very many are erased without looking at all of them in one turn, or twice', async () => {
  const folder = await temporaryDirectory();
  const file = createEmbeddedStore(folder, 1);
  onTestFinished(() => file.close());
  const journal = createEmbeddedJournal(file);
  await journal.count({}, testCall());
  const db = new DatabaseSync(join(folder, 'hydrogen.sqlite'));
  db.exec(`
    WITH RECURSIVE numbers (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM numbers WHERE n < 24999)
    INSERT INTO runs (id, caller, scopes, workflow, version, definition, sha256, state, input, created_at, finished_at)
    SELECT 'run-' || n, iif(n % 12500 = 12499, 'ann', 'bob'), '[]', 'w', '1', '{}', 'a', 'completed', '1', 0, n / 100
    FROM numbers
  `);
  db.close();
  const portions: (readonly string[])[] = [];
  let after: string | undefined;
  do {
    const { ids, next } = await journal.erase({ caller: 'ann' }, after, testCall());
    portions.push(ids);
    after = next;
  } while (after !== undefined);
  // Ten thousand are looked at in a turn.
  expect(portions).toEqual([[], ['run-12499'], ['run-24999']]);
  expect((await journal.count({}, testCall())).ended).toBe(24_998);
});
