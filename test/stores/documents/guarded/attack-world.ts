import type { Document } from '../../../../src/mql/index.ts';
import type { DocumentStore } from '../../../../src/stores/documents/document-store.ts';
import { testCall } from '../../../support/call.ts';
import { otherRows, seenRows, visibleRows } from './attack-forms.ts';

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
export const withoutGuesses = (text: string): string =>
  text.replaceAll(/\\*"(?:guess|number|whole|code)\\*":(?:\\*"[^"]*"|\d+|\{[^{}]*\})/g, '""');

/** Two databases: one with more than the attacker may see, and one without. */
export async function fillForAttacks(store: DocumentStore): Promise<void> {
  async function fill(database: 'rich' | 'poor'): Promise<void> {
    /** Made anew, since a server may put documents in the places of those that are gone. */
    async function put(collection: string, documents: readonly Document[]): Promise<void> {
      const namespace = { database, collection };
      await store
        .apply({ kind: 'drop_collection', ...namespace }, { maxDocuments: 100 }, testCall())
        .catch(() => {});
      await store.put(namespace, documents, { drop: false }, testCall());
    }
    const rows = database === 'rich' ? [...otherRows, ...visibleRows] : seenRows;
    await put('orders', rows);
    await put('customers', customers);
    if (database === 'rich') await put('vault', [{ _id: customers[0]?.['code'], at: 'VAULT-1' }]);
  }
  await Promise.all([fill('rich'), fill('poor')]);
}
