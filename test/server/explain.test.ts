import { expect, test } from 'vitest';
import { call, failure, summaryOf } from '../support/answers.ts';
import { clientOf, connected, eras, sharedApp } from '../support/connected.ts';

const plants = Array.from({ length: 60 }, (_, n) => ({ _id: n, type: n % 3 === 0 ? 'PEM' : 'SOEC', mw: n }));
const data = { plants };
const app = sharedApp({ data });

test.each(eras)('in %s a collection scan is named as such, with the index that would help', async (era) => {
  const client = await clientOf(app(), { era });
  const answer = await call(client, 'explain', { collection: 'plants', filter: { type: 'PEM' } });
  expect(answer.structuredContent).toEqual({
    plan: 'collection scan',
    examined: 60,
    returned: 20,
    suggested_index: { type: 1 },
  });
  expect(JSON.parse(summaryOf(answer))).toEqual(answer.structuredContent);
});

test('the suggested index, once it is made, is the one that is used', async () => {
  const { client } = await connected({ data, settings: { enableWrites: true } });
  const query = { collection: 'plants', filter: { type: 'PEM' }, sort: { mw: -1 } };
  const before = await call(client, 'explain', query);
  const { suggested_index: key } = before.structuredContent as { suggested_index: unknown };
  expect(key).toEqual({ type: 1, mw: -1 });
  await call(client, 'create_index', { collection: 'plants', key });
  const after = await call(client, 'explain', query);
  expect(after.structuredContent).toMatchObject({ plan: 'index', index: 'type_1_mw_-1', examined: 20 });
  expect(after.structuredContent).not.toHaveProperty('suggested_index');
});

test('a pipeline is explained by how it reads the collection', async () => {
  const client = await clientOf(app());
  const pipeline = [{ $match: { _id: 7 } }, { $group: { _id: '$type', n: { $sum: 1 } } }];
  const { structuredContent } = await call(client, 'explain', { collection: 'plants', pipeline });
  expect(structuredContent).toMatchObject({ plan: 'by _id', examined: 1, returned: 1 });
});

test('no index is suggested for a misspelt field', async () => {
  const client = await clientOf(app());
  const { structuredContent } = await call(client, 'explain', {
    collection: 'plants',
    filter: { tpye: 'x' },
  });
  expect(structuredContent).toEqual({
    plan: 'collection scan',
    examined: 60,
    returned: 0,
    note: 'No sampled document has a field "tpye": did you mean "type"?',
  });
});

test.each<[string, Record<string, unknown>, RegExp]>([
  [
    'a filter beside a pipeline',
    { collection: 'plants', filter: { mw: 1 }, pipeline: [] },
    /either "pipeline"/,
  ],
  ['an unknown collection', { collection: 'plant' }, /no collection "plant".*"plants"/],
  ['a stage that writes', { collection: 'plants', pipeline: [{ $out: 'x' }] }, /\$out is refused/],
  ['JavaScript', { collection: 'plants', filter: { $where: '1' } }, /\$where is refused/],
])('%s is refused, and the message says why', async (_what, args, message) => {
  const client = await clientOf(app());
  expect(await failure(client, 'explain', args)).toMatch(message);
});
