import { isDeepStrictEqual } from 'node:util';
import { type Action, oneOf } from './action.ts';
import { assert, type Connection, factOf, rowsOf, textOf } from './connection.ts';
import { collectionNames, collections, counts } from './expected.ts';

const { technologies } = collections;
const byTechnology = counts(technologies, 'technology');
const names = [...byTechnology.keys()];

function cursorIn(summary: string): string | undefined {
  return /cursor "([^"]+)"/.exec(summary)?.[1];
}

async function pageThrough({ call, random }: Connection): Promise<void> {
  const technology = oneOf(names, random);
  const sort = oneOf([{}, { value: 1 }, { source: -1, value: 1 }], random);
  const args = { collection: 'technologies', filter: { technology }, sort, limit: 25 };
  const seen = new Set<string>();
  let cursor: string | undefined;
  do {
    const answer = await call('find', { ...args, ...(cursor !== undefined && { cursor }) });
    for (const { _id } of rowsOf(answer)) seen.add(JSON.stringify(_id));
    cursor = cursorIn(textOf(answer));
  } while (cursor !== undefined);
  assert(seen.size === byTechnology.get(technology), `pages of "${technology}" gave ${seen.size} documents`);
}

async function exportThem({ call, client, random, timed }: Connection): Promise<void> {
  const technology = oneOf(names, random);
  const format = oneOf(['jsonl', 'csv', 'extended_json'], random);
  const { content } = await call('export', { collection: 'technologies', filter: { technology }, format });
  const link = content.find((block) => block.type === 'resource_link');
  assert(link?.type === 'resource_link', 'an export has no link', content);
  const { contents } = await timed('resources/read', () => client.readResource({ uri: link.uri }));
  const text = contents[0] && 'text' in contents[0] ? contents[0].text : '';
  if (format === 'csv') return assert(text.includes(String(technology)), 'an export holds others', text);
  const rows = text.split('\n').filter((line) => line !== '');
  assert(rows.length === byTechnology.get(technology), `an export has ${rows.length} documents`);
}

async function writeAndRemove({ call, id, random }: Connection): Promise<void> {
  const collection = `soak_${id}`;
  const tag = Math.floor(random() * 1e9);
  const documents = Array.from({ length: 20 }, (_, n) => ({ tag, n, text: `row ${n} of ${tag}` }));
  await call('insert', { collection, documents });
  if (random() < 0.3) await call('create_index', { collection, key: { tag: 1, n: -1 } });
  const update = { $inc: { n: 100 }, $set: { [`field_${tag % 500}`]: true } };
  await call('update', { collection, filter: { tag, n: { $lt: 5 } }, update, many: true });
  const counted = factOf(await call('count', { collection, filter: { tag, n: { $gte: 100 } } }));
  assert(counted['count'] === 5, 'an update is not seen', counted);
  await call('delete', { collection, filter: { tag }, many: true });
  if (random() < 0.3) await call('drop_collection', { collection });
}

/** A run that a workflow gave, and what it found. */
async function runWorkflow(connection: Connection): Promise<void> {
  const { call, random } = connection;
  const answer = await call(
    'run_workflow',
    oneOf(
      [
        { workflow: 'electrolyser-cost-brief' },
        { workflow: 'reading-list', input: { questions: ['How does a PEM electrolyser work?'] } },
        { workflow: 'technology-profile', input: { technology: oneOf(names, random) } },
        { workflow: 'technology-profile', input: { technology: 'Perpetuum mobile' } },
      ],
      random,
    ),
  );
  const { run_id: id, state, error } = factOf(answer);
  assert(state === 'completed', `a run ended as ${state}`, error);
  const again = factOf(await call('get_run', { run_id: id }));
  assert(again['state'] === 'completed', 'a run is not what it was');
  await connection.timed('resources/read', () =>
    connection.client.readResource({ uri: `hydrogen://runs/${id}` }),
  );
}

/** What clients do with collections and workflows. */
export const collectionActions: readonly Action[] = [
  { name: 'find with pages', weight: 6, run: pageThrough },
  { name: 'export', weight: 2, run: exportThem },
  { name: 'write and remove', weight: 4, run: writeAndRemove },
  { name: 'run a workflow', weight: 2, run: runWorkflow },
  {
    name: 'aggregate',
    weight: 6,
    async run({ call, random }) {
      // A value that is different each time: nothing that is kept of a query may grow with it.
      const added = Math.floor(random() * 1e9);
      const pipeline = [
        { $match: { technology: { $ne: `none ${added}` } } },
        { $group: { _id: '$technology', n: { $sum: 1 }, sources: { $addToSet: '$source' } } },
        { $project: { n: { $add: ['$n', added] }, sources: { $size: '$sources' } } },
        { $sort: { _id: 1 } },
      ];
      const rows = rowsOf(await call('aggregate', { collection: 'technologies', pipeline }));
      const found = new Map(rows.map((row) => [row['_id'], Number(row['n']) - added]));
      const all = [...byTechnology].every(([name, n]) => found.get(name) === n);
      assert(all && found.size === byTechnology.size, 'groups are wrong', rows);
    },
  },
  {
    name: 'join',
    weight: 2,
    async run({ call }) {
      const pipeline = [
        { $match: { technology: 'Electrolysis' } },
        { $lookup: { from: 'sources', localField: 'source', foreignField: 'key', as: 'cited' } },
        { $match: { 'cited.0': { $exists: true } } },
        { $count: 'n' },
      ];
      const keys = new Set(collections.sources.map(({ key }) => key));
      const expected = technologies.filter(
        (row) => row['technology'] === 'Electrolysis' && keys.has(row['source']),
      );
      const [row] = rowsOf(await call('aggregate', { collection: 'technologies', pipeline }));
      assert(row?.['n'] === expected.length, `a join gave ${row?.['n']}, not ${expected.length}`);
    },
  },
  {
    name: 'count and distinct',
    weight: 6,
    async run({ call, random }) {
      const collection = oneOf(collectionNames, random);
      const counted = factOf(await call('count', { collection }));
      assert(counted['count'] === collections[collection].length, 'a count is wrong', counted);
      const expected = counts(technologies, 'variable');
      const rows = rowsOf(
        await call('distinct', { collection: 'technologies', key: 'variable' }),
      ) as unknown[];
      assert(isDeepStrictEqual(new Set(rows), new Set(expected.keys())), 'distinct values are wrong', rows);
    },
  },
  {
    name: 'describe and explain',
    weight: 4,
    async run({ call, random }) {
      const collection = oneOf(collectionNames, random);
      assert(rowsOf(await call('describe_collection', { collection })).length > 3, 'fields are missing');
      const filter = { technology: oneOf(names, random) };
      const explained = factOf(await call('explain', { collection: 'technologies', filter }));
      const returned = byTechnology.get(filter.technology);
      assert(explained['returned'] === returned, 'explain is wrong', explained);
    },
  },
  {
    name: 'look around in the data',
    weight: 4,
    async run({ call }) {
      await call('list_databases');
      const rows = rowsOf(await call('list_collections'));
      assert(
        rows.some((row) => row['collection'] === 'technologies' || row['name'] === 'technologies'),
        'a collection is missing',
        rows,
      );
      await call('list_workflows');
      const health = factOf(await call('health'));
      assert(health['status'] === 'up', 'health is not up', health);
    },
  },
];
