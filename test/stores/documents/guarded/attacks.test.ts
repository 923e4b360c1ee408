// Nothing that a caller does shows it a hidden value or another tenant's row: each try gives the same where they are there
// and where they are not, and leaves the rows of others as they were.
import { describe, expect, test } from 'vitest';
import { testCall } from '../../../support/call.ts';
import { repetitions } from '../../../support/repetitions.ts';
import { hidden, otherRows, planted } from './attack-forms.ts';
import { fillForAttacks, withoutGuesses } from './attack-world.ts';
import { attacks } from './attacks.ts';
import { attacksByForms } from './attacks-by-forms.ts';
import { subjectsForFile } from './subjects.ts';
import { bounds, guardedBy, outcome, watched } from './support.ts';

/** Of the servers of the tests this one answers slowest, and knows the fewest stages. */
const slowest = 'ferretdb';
const usual = { ...attacks, ...attacksByForms };
const attacksOn = (subject: string) => (subject === slowest ? repetitions(attacks, usual) : usual);

const reads = ['find', 'count', 'distinct', 'aggregate', 'explain', 'describe', 'collections', 'databases'];

for (const subject of subjectsForFile(['mongo-java-server', 'ferretdb'])) {
  describe.skipIf(subject.skip !== '')(`${subject.name}${subject.skip}`, () => {
    /** Until an attack asks for a change. */
    let isFilled = false;
    test.each(Object.entries(attacksOn(subject.name)))(
      'nothing is learned of what is … %s',
      async (_name, attack) => {
        const { store, asked } = watched(subject.store());
        const rules = { orders: { rows: { tenant: 'a' }, hidden }, customers: { hidden: [] } };
        const guarded = guardedBy(store, rules);
        if (!isFilled) await fillForAttacks(subject.store());
        const rich = await outcome(() => attack(guarded, 'rich'));
        const poor = await outcome(() => attack(guarded, 'poor'));
        isFilled = asked.every((name) => reads.includes(name));
        expect(rich.replaceAll('rich', 'poor')).toBe(poor);
        expect(withoutGuesses(rich)).not.toMatch(planted);
        const orders = { database: 'rich', collection: 'orders' };
        const all = { ...orders, filter: { tenant: { $ne: 'a' } }, sort: { _id: 1 }, skip: 0, ...bounds };
        expect((await store.find(all, testCall())).documents).toEqual(otherRows);
      },
    );
  });
}
