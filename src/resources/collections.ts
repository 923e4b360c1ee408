import type { Call } from '../call.ts';
import { stringifyExtendedJson } from '../mql/formats.ts';
import type { Services } from '../tools/common/define.ts';
import { describeCollection, fieldRows } from '../tools/describe-collection.ts';
import { type KnownValues, pageFrom, type TemplateResource } from './define.ts';

const uriOf = (database: string, collection: string): string =>
  `hydrogen://collections/${encodeURIComponent(database)}/${encodeURIComponent(collection)}`;

/** Collections of the default connection, those of its default database first; enough to list and complete. */
async function everyCollection(
  { connections }: Services,
  call: Call,
  limit: number,
): Promise<{ database: string; name: string }[]> {
  if (connections.all.length === 0) return [];
  const { store, database: defaultDatabase } = connections.get();
  const names = (await store.databases(call)).map(({ name }) => name);
  const found: { database: string; name: string }[] = [];
  // Sequentially: a server with many databases is not queried for all of them.
  for (const database of names.sort(
    (a, b) => Number(b === defaultDatabase) - Number(a === defaultDatabase),
  )) {
    if (found.length >= limit) break;
    for (const { name } of await store.collections(database, call)) found.push({ database, name });
  }
  return found;
}

/** Collections that a completion considers. */
const maxCompleted = 1_000;

export const collectionResource: TemplateResource = {
  name: 'collection',
  uri: 'hydrogen://collections/{database}/{collection}',
  title: 'Collection',
  description: 'The fields of a collection: types, presence, ranges or values, references; indexes and size.',
  mimeType: 'application/json',
  tool: describeCollection,
  variables: ['database', 'collection'],
  isFollowable({ database = '', collection = '' }, { connections }, grants) {
    const connection = connections.get().name;
    const rule = grants.data('read').collection({ connection, database, collection });
    return rule !== undefined && rule.rows === undefined && rule.hidden.length === 0;
  },
  async list(services, call, limit, after = '0') {
    const begin = Number(after);
    const all = await everyCollection(services, call, begin + limit + 1);
    const entries = all.map(({ database, name }) => ({
      uri: uriOf(database, name),
      name: `${database}.${name}`,
      title: name,
    }));
    return pageFrom(begin, limit, entries);
  },
  async complete(variable, chosen, services, call) {
    if (services.connections.all.length === 0) return { values: [], isWhole: true };
    const { store } = services.connections.get();
    const whole = (found: readonly { readonly name: string }[]): KnownValues => ({
      values: found.map(({ name }) => name),
      isWhole: true,
    });
    if (variable === 'database') return whole(await store.databases(call));
    const database = chosen['database'];
    if (database) return whole(await store.collections(database, call));
    const all = await everyCollection(services, call, maxCompleted);
    return { values: [...new Set(all.map(({ name }) => name))], isWhole: all.length < maxCompleted };
  },
  async read({ database = '', collection = '' }, { connections }, call) {
    const described = await connections.get().store.describe({ database, collection }, call);
    const { fields, ...rest } = described;
    return stringifyExtendedJson({ ...rest, fields: fieldRows(described) }, { relaxed: true });
  },
};
