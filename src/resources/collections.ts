import type { Call } from '../call.ts';
import { stringifyExtendedJson } from '../mql/formats.ts';
import type { ResourceApp, TemplateResource } from './define.ts';

const uriOf = (database: string, collection: string): string =>
  `hydrogen://collections/${encodeURIComponent(database)}/${encodeURIComponent(collection)}`;

async function everyCollection(
  { connections }: ResourceApp,
  call: Call,
): Promise<{ database: string; name: string }[]> {
  const { store } = connections.get();
  const databases = await store.databases(call);
  const lists = databases.map(async ({ name: database }) =>
    (await store.collections(database, call)).map(({ name }) => ({ database, name })),
  );
  return (await Promise.all(lists)).flat();
}

export const collectionResource: TemplateResource = {
  name: 'collection',
  uri: 'hydrogen://collections/{database}/{collection}',
  title: 'Collection',
  description: 'The fields of a collection: types, presence, examples.',
  mimeType: 'application/json',
  variables: ['database', 'collection'],
  async list(app, call, most) {
    const all = await everyCollection(app, call);
    return all.slice(0, most).map(({ database, name }) => ({
      uri: uriOf(database, name),
      name: `${database}.${name}`,
      title: name,
    }));
  },
  async complete(variable, chosen, app, call) {
    const all = await everyCollection(app, call);
    if (variable === 'database') return [...new Set(all.map(({ database }) => database))];
    const database = chosen['database'];
    return all.filter((entry) => !database || entry.database === database).map(({ name }) => name);
  },
  async read({ database = '', collection = '' }, { connections }, call) {
    const described = await connections.get().store.describe({ database, collection }, call);
    return stringifyExtendedJson({ ...described }, { relaxed: true });
  },
};
