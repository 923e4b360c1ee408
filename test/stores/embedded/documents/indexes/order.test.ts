import { expect, test } from 'vitest';
import { compileFilter, encode } from '../../../../../src/mql/index.ts';
import { requireCollection } from '../../../../../src/stores/embedded/documents/collections.ts';
import { documentHandlers as handlers } from '../../../../../src/stores/embedded/documents/handlers.ts';
import { possiblePlans } from '../../../../../src/stores/embedded/documents/plan/choose.ts';
import { readSorted } from '../../../../../src/stores/embedded/documents/plan/sorted.ts';
import { memoryStore, transaction } from '../session.ts';

const things = { database: 'main', collection: 'things' };

test('where an index gives the order but few of its documents match, it is given up without a gap or repeat', () => {
  const { session } = memoryStore();
  const documents = Array.from({ length: 60 }, (_, _id) => ({
    _id,
    day: (_id * 7) % 10,
    rare: _id % 9 === 0,
  }));
  transaction(session(), (s) => {
    handlers.put(s, {
      ...things,
      documents: Buffer.concat(documents.map(encode)),
      drop: false,
    });
    handlers.createIndex(s, encode({ ...things, key: { day: 1 }, unique: false }));
  });
  const { id } = requireCollection(session(), things);
  const query = { filter: { rare: true }, sort: { day: -1 }, wanted: 50 };
  const plan = possiblePlans(session(), id, query).find((one) => one.kind === 'index') ?? { kind: 'scan' };
  const expected = documents.filter(({ rare }) => rare).sort((a, b) => b.day - a.day || a._id - b._id);
  for (let patience = 1; patience <= 61; patience++) {
    const reading = { collection: id, filter: query.filter, matches: compileFilter(query.filter) };
    const found = readSorted(session(), plan, reading, { sort: query.sort, wanted: query.wanted, patience });
    expect(Array.from(found, ({ document }) => document)).toEqual(expected);
  }
});
