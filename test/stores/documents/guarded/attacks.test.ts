// Nothing that a caller does shows it a hidden value or another tenant's row: each try gives the same where they are there
// and where they are not, and leaves the rows of others as they were.
import { describe, expect, test } from 'vitest';
import type { Document } from '../../../../src/mql/index.ts';
import type { DocumentStore } from '../../../../src/stores/documents/document-store.ts';
import { testCall } from '../../../support/call.ts';
import { attacks, hidden, otherRows, planted, seenRows, visibleRows } from './attacks.ts';
import { subjectsForFile } from './subjects.ts';
import { bounds, guardedBy, outcome, watched } from './support.ts';

const customers: readonly Document[] = [
  {
    _id: 'a',
    guess: 'SESAME-1',
    number: 4712,
    whole: { text: 'x', inner: 'SESAME-2' },
    code: 'a-very-long-code-of-the-thing',
  },
];

/** What the attacker itself has sent may come back to it. */
const withoutGuesses = (text: string): string =>
  text.replaceAll(/"(?:guess|number|whole|code)":(?:"[^"]*"|\{[^{}]*\})/g, '""');

/** Where there is more than the attacker may see, and where there is not. */
async function fill(store: DocumentStore, database: 'rich' | 'poor'): Promise<void> {
  const put = (collection: string, documents: readonly Document[]) =>
    store.put({ database, collection }, documents, { drop: true }, testCall());
  const rows = database === 'rich' ? [...otherRows, ...visibleRows] : seenRows;
  await put('orders', rows);
  await put('customers', customers);
  if (database === 'rich') await put('vault', [{ _id: customers[0]?.['code'], at: 'VAULT-1' }]);
}

const reads = ['find', 'count', 'distinct', 'aggregate', 'explain', 'describe', 'collections', 'databases'];

for (const subject of subjectsForFile(['mongo-java-server', 'ferretdb'])) {
  describe.skipIf(subject.skip !== '')(`${subject.name}${subject.skip}`, () => {
    /** Until an attack asks for a change. */
    let isFilled = false;
    test.each(Object.entries(attacks))('nothing is learned of what is … %s', async (_name, attack) => {
      const { store, asked } = watched(subject.store());
      const rules = { orders: { rows: { tenant: 'a' }, hidden }, customers: { hidden: [] } };
      const guarded = guardedBy(store, rules);
      if (!isFilled) await Promise.all([fill(subject.store(), 'rich'), fill(subject.store(), 'poor')]);
      const rich = await outcome(() => attack(guarded, 'rich'));
      const poor = await outcome(() => attack(guarded, 'poor'));
      isFilled = asked.every((name) => reads.includes(name));
      expect(rich.replaceAll('rich', 'poor')).toBe(poor);
      expect(withoutGuesses(rich)).not.toMatch(planted);
      const orders = { database: 'rich', collection: 'orders' };
      const all = { ...orders, filter: { tenant: { $ne: 'a' } }, sort: { _id: 1 }, skip: 0, ...bounds };
      expect((await store.find(all, testCall())).documents).toEqual(otherRows);
    });
  });
}
