import { expect, test } from 'vitest';
import { call, rowsOf, summaryOf } from '../support/answers.ts';
import { testCall } from '../support/call.ts';
import { connected } from '../support/connected.ts';

test('many collections are listed by their names, so that none is left out', async () => {
  const names = Array.from({ length: 60 }, (_, n) => `plants_of_the_region_${n}`);
  const data = Object.fromEntries(names.map((name) => [name, [{ a: 1 }]]));
  const { client } = await connected({ data, settings: { maxAnswerBytes: 3_000 } });
  const answer = await call(client, 'list_collections');
  expect(summaryOf(answer)).toMatch(/^60 collections in database "main", too many for their sizes/);
  expect([...rowsOf(answer)].sort()).toEqual([...names].sort());
});

test('of many databases, some are named, with where to see the others', async () => {
  const { app, client } = await connected({ data: { plants: [{ a: 1 }] } });
  for (let n = 0; n < 13; n++) {
    const namespace = { database: `year${n}`, collection: 'plants' };
    await app.connections.get().store.put(namespace, [{ a: 1 }], { drop: false }, testCall());
  }
  const summary = summaryOf(await call(client, 'list_collections'));
  expect(summary).toMatch(/Other databases: ("year\d+", ){9}"year\d+" and 3 more, see list_databases\./);
});

test('of many fields, the values are left out before a field is', async () => {
  const document = Object.fromEntries(Array.from({ length: 40 }, (_, n) => [`field${n}`, 'x'.repeat(60)]));
  const { client } = await connected({ data: { wide: [document] }, settings: { maxAnswerBytes: 4_000 } });
  const answer = await call(client, 'describe_collection', { collection: 'wide' });
  expect(summaryOf(answer)).toMatch(/Values and examples are omitted/);
  expect(rowsOf(answer)).toHaveLength(41);
  expect(rowsOf(answer)[1]).toEqual({ field: 'field0', type: 'string' });
});
