import type { Client } from '@modelcontextprotocol/client';
import { type Document, stringifyExtendedJson } from '../../src/mql/index.ts';
import type {
  ChangeRequest,
  DocumentStore,
  FindQuery,
  Namespace,
} from '../../src/stores/documents/document-store.ts';

/** What a client is told, whatever it is. */
interface Told {
  readonly isError: boolean;
  readonly text: string;
}

const nothingPut = { inserted: 0, replaced: 0, unchanged: 0 };

const asJson = (value: unknown): unknown => JSON.parse(stringifyExtendedJson(value, { relaxed: true }));

function argumentsOfChange(change: ChangeRequest): readonly [tool: string, args: Document] {
  if (change.kind === 'drop_collection') return ['drop_collection', {}];
  if (change.kind === 'drop_index') return ['drop_index', { name: change.name }];
  const { filter, many } = change;
  if (change.kind === 'delete') return ['delete', { filter, many }];
  const { update, upsert, arrayFilters } = change;
  const isReplacement = !Array.isArray(update) && !Object.keys(update)[0]?.startsWith('$');
  const form = Array.isArray(update) ? 'pipeline' : isReplacement ? 'replacement' : 'update';
  return [
    'update',
    { filter, many, upsert, [form]: update, ...(arrayFilters && { array_filters: arrayFilters }) },
  ];
}

/** The arguments of the query tools; what they have no argument for is left out. */
const argumentsOfQuery = ({
  filter,
  projection,
  sort,
  skip,
  limit,
  collation,
}: Partial<FindQuery>): Document => ({
  ...(filter && { filter }),
  ...(projection && { projection }),
  ...(sort && { sort }),
  ...(skip !== undefined && { skip }),
  ...(limit !== undefined && { limit }),
  ...(collation && { collation }),
});

const readResource = (client: Client, uri: string): Promise<Told> =>
  client.readResource({ uri }).then(
    ({ contents }) => ({ isError: false, text: JSON.stringify(contents) }),
    ({ message }: Error) => ({ isError: true, text: message }),
  );

/**
 * A store that is asked through the tools and resources of a client, for tests that are written for a store. What its methods
 * give is not what they promise, but what the client was told.
 * @param asked hears the tools that are called
 */
export function storeOfClient(
  client: Client,
  connection: string,
  asked: (tool: string) => void,
): DocumentStore {
  async function told(name: string, { database, collection }: Partial<Namespace>, args: Document) {
    asked(name);
    const target = { connection, ...(database && { database }), ...(collection && { collection }) };
    const answer = await client
      .callTool({ name, arguments: { ...target, ...(asJson(args) as Document) } })
      .then(
        ({ isError = false, content, structuredContent }): Told => ({
          isError,
          text: JSON.stringify({ content, structuredContent }),
        }),
        ({ message, code, data }: { message: string; code?: unknown; data?: unknown }): Told => ({
          isError: true,
          text: JSON.stringify({ message, code, data }),
        }),
      );
    return answer as never;
  }
  return {
    databases: () => told('list_databases', {}, {}),
    collections: (database) => told('list_collections', { database }, {}),
    describe: async (namespace) =>
      ({ ...((await told('describe_collection', namespace, {})) as object), fields: [] }) as never,
    find: (query) => told('find', query, argumentsOfQuery(query)),
    aggregate: ({ pipeline, ...query }) =>
      told('aggregate', query, { ...argumentsOfQuery(query), pipeline: [...pipeline] }),
    count: (query) => told('count', query, argumentsOfQuery(query)),
    distinct: ({ key, ...query }) => told('distinct', query, { ...argumentsOfQuery(query), key }),
    indexes: (namespace) => told('describe_collection', namespace, {}),
    explain: ({ pipeline, ...query }) =>
      told('explain', query, { ...argumentsOfQuery(query), ...(pipeline && { pipeline: [...pipeline] }) }),
    // No tool imports.
    put: async (namespace, _documents, { drop }) =>
      drop ? told('drop_collection', namespace, {}) : nothingPut,
    insert: (namespace, documents) => told('insert', namespace, { documents: [...documents] }),
    async preview(change) {
      const filter = 'filter' in change ? change.filter : {};
      const { isError, text } = (await told('export', change, { filter })) as Told;
      const [uri] = /hydrogen:\/\/exports\/[\w.-]+/.exec(text) ?? [];
      const read = uri === undefined ? text : (await readResource(client, uri)).text.replaceAll(uri, '…');
      return { matched: 0, examples: [{ isError, read }], state: '' };
    },
    apply: (change) => told(...placed(change)),
    createIndex: ({ key, unique, ...namespace }) => told('create_index', namespace, { key, unique }),
    async *follow({ database, collection }) {
      const uri = `hydrogen://collections/${database}/${encodeURIComponent(collection)}`;
      yield (await readResource(client, uri)) as never;
    },
  };
}

function placed(change: ChangeRequest): readonly [string, Namespace, Document] {
  const [tool, args] = argumentsOfChange(change);
  return [tool, change, args];
}
