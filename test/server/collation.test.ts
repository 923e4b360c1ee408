import { expect, test } from 'vitest';
import { call, failure, rowsOf, summaryOf } from '../support/answers.ts';
import { clientOf, sharedApp } from '../support/connected.ts';

const names = ['Zoë', 'adam', 'Adam', 'zoe', 'ÁDAM', 'bea', 'Bea'];
const people = names.map((name, i) => ({ _id: i + 1, name }));
const app = sharedApp({ data: { people } });
const collation = { locale: 'en', strength: 1 };
const asked = { collection: 'people', collation };

test('find, count, aggregate and distinct compare text by a collation', async () => {
  const client = await clientOf(app());
  const filter = { name: 'ADAM' };
  expect(rowsOf(await call(client, 'find', { ...asked, filter })).map(({ _id }) => _id)).toEqual([2, 3, 5]);
  expect((await call(client, 'count', { ...asked, filter })).structuredContent).toMatchObject({ count: 3 });
  const pipeline = [{ $group: { _id: '$name', n: { $sum: 1 } } }, { $sort: { _id: 1 } }];
  expect(rowsOf(await call(client, 'aggregate', { ...asked, pipeline }))).toEqual([
    { _id: 'adam', n: 3 },
    { _id: 'bea', n: 2 },
    { _id: 'Zoë', n: 2 },
  ]);
  expect(rowsOf(await call(client, 'distinct', { ...asked, key: 'name' }))).toEqual(['adam', 'bea', 'Zoë']);
});

test('pages in the order of a collation put together are the whole', async () => {
  const client = await clientOf(app());
  const args = { ...asked, sort: { name: -1 }, limit: 2 };
  const ids: unknown[] = [];
  let cursor: string | undefined;
  do {
    const page = await call(client, 'find', { ...args, ...(cursor !== undefined && { cursor }) });
    ids.push(...rowsOf(page).map(({ _id }) => _id));
    cursor = /cursor "([^"]+)"/.exec(summaryOf(page))?.[1];
  } while (cursor !== undefined);
  expect(ids).toEqual([1, 4, 6, 7, 2, 3, 5]);
});

test('a collation that is not there is refused by name', async () => {
  const client = await clientOf(app());
  const strength = { ...asked, collation: { locale: 'en', strength: 4 } };
  expect(await failure(client, 'find', strength)).toMatch(/strength 4 is not supported/);
});
