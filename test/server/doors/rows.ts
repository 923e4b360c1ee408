import type { Client } from '@modelcontextprotocol/client';
import type { Caller } from '../../../src/call.ts';
import { testCall } from '../../support/call.ts';
import type { Ask } from './ask.ts';
import type { Own, Who, World } from './world.ts';

/** One caller at one door. */
export interface Cell {
  readonly world: World;
  readonly who: Who;
  readonly caller: Caller;
  readonly own: Own;
  readonly client: Client;
  /** Another one for each. */
  readonly n: number;
}

/** How one line of the table is asked for. */
export interface Row {
  /** What is asked for by name, and a name like it that nothing has. */
  readonly names?: (cell: Cell) => readonly [string, string] | Promise<readonly [string, string]>;
  readonly ask: (name: string, cell: Cell) => Ask | Promise<Ask>;
  /** What an answer has that shows everything. */
  readonly all?: RegExp | ((cell: Cell) => RegExp);
  /** What an answer has that shows what is left by a role. */
  readonly part?: RegExp;
  readonly before?: (cell: Cell) => Promise<unknown>;
  readonly after?: (cell: Cell) => Promise<unknown>;
}

type Args = Record<string, unknown>;

const tool =
  (name: string, args: (named: string, cell: Cell) => Args) =>
  (named: string, cell: Cell): Ask => ({ kind: 'tool', name, args: args(named, cell) });

const put = ({ world }: Cell, collection: string, documents: readonly object[]): Promise<unknown> =>
  world.app.connections
    .get('embedded')
    .store.put({ database: 'main', collection }, documents as never, { drop: false }, testCall());

const names = (name: string, twin: string) => (): readonly [string, string] => [name, twin];
const orders = names('orders', 'ordert');
const salaries = names('salaries', 'salariet');
const pair = [
  ['orders', orders],
  ['salaries', salaries],
] as const;

/** A tool on a collection that some may see a part of, and on one that none of the roles lets in. */
function onCollections(name: string, args: Args, all: RegExp, part?: RegExp): Record<string, Row> {
  const each = pair.map(([thing, named]): [string, Row] => [
    `tool:${name} ${thing}`,
    {
      names: named,
      ask: tool(name, (collection) => ({ collection, ...args })),
      all: thing === 'orders' ? all : /"count":1|SECRET-pay|plan|1 document|1 value/,
      ...(part && { part }),
    },
  ]);
  return Object.fromEntries(each);
}

/** A row of the caller and one of another, for each cell. */
const ledgerRows = (cell: Cell) =>
  put(cell, 'ledger', [
    { _id: cell.n, tenant: 'north', cell: cell.n },
    { _id: -cell.n, tenant: 'SECRET-south', cell: cell.n },
  ]);
const ledger = names('ledger', 'ledges');

const indexOnLedger = ({ world, n }: Cell) =>
  world.app.connections
    .get('embedded')
    .store.createIndex(
      { database: 'main', collection: 'ledger', key: { [`f${n}`]: 1 }, unique: false },
      testCall(),
    );

const scrap = ({ n }: Cell): readonly [string, string] => [`scrap${n}`, `scran${n}`];
const addDocument = (cell: Cell) =>
  cell.world.app.library.add({ name: `x${cell.n}`, text: 'A buoy.', type: 'text', metadata: {} }, testCall());
const addedDocument = ({ n }: Cell): readonly [string, string] => [`inline/x${n}`, `inline/y${n}`];
const fillVault = ({ world, who }: Cell): Promise<unknown> | undefined =>
  who === 'owner' ? world.app.library.ingest([world.vault], testCall()) : undefined;

/** The tools. */
const toolRows: Record<string, Row> = {
  ...onCollections('describe_collection', {}, /SECRET-south/, /total/),
  ...onCollections('find', {}, /SECRET-1/, /north.*total/),
  ...onCollections('aggregate', { pipeline: [{ $sort: { _id: 1 } }] }, /SECRET-1/, /north.*total/),
  ...onCollections('count', {}, /"count":3/, /"count":2/),
  ...onCollections('distinct', { key: 'tenant' }, /SECRET-south/, /north/),
  ...onCollections('explain', { filter: { total: 5 } }, /"examined":3/, /"plan"/),
  ...onCollections('export', {}, /3 documents/, /2 documents/),
  'tool:search everything': {
    ask: tool('search', () => ({ query: 'ferry', mode: 'keyword' })),
    all: /SECRET-cargo/,
    part: /valves/,
  },
  'tool:get_document inline/valves': {
    names: names('inline/valves', 'inline/valvet'),
    ask: tool('get_document', (id) => ({ id })),
    all: /The ferry has valves/,
  },
  'tool:get_document vault/plan.txt': {
    names: names('vault/plan.txt', 'vault/plat.txt'),
    ask: tool('get_document', (id) => ({ id })),
    all: /SECRET-cargo/,
  },
  'tool:similar_documents vault/plan.txt': {
    names: names('vault/plan.txt', 'vault/plat.txt'),
    ask: tool('similar_documents', (id) => ({ id })),
    all: /has no vector yet/,
  },
  'tool:list_documents everything': {
    ask: tool('list_documents', () => ({})),
    all: /vault\/plan/,
    part: /inline\/valves/,
  },
  'tool:list_sources everything': {
    ask: tool('list_sources', () => ({})),
    all: /"vault|vault\//,
    part: /inline/,
  },
  'tool:list_databases everything': { ask: tool('list_databases', () => ({})), all: /many/, part: /main/ },
  'tool:list_collections everything': {
    ask: tool('list_collections', () => ({})),
    all: /salaries/,
    part: /orders/,
  },
  'tool:list_workflows everything': {
    ask: tool('list_workflows', () => ({})),
    all: /\bpay\b/,
    part: /greet/,
  },
  'tool:run_workflow greet': {
    names: names('greet', 'greex'),
    ask: tool('run_workflow', (workflow) => ({ workflow })),
    all: /"said":"greet"|"said":"…"/,
  },
  'tool:run_workflow pay': {
    names: names('pay', 'pax'),
    ask: tool('run_workflow', (workflow) => ({ workflow })),
    all: /"state":"completed"/,
  },
  'tool:health everything': { ask: tool('health', () => ({})), all: /"parts":\[\{/, part: /"parts":\[\]/ },
  'tool:ingest vault': { ask: tool('ingest', (_name, { world }) => ({ paths: [world.vault] })) },
  'tool:add_document inline': {
    ask: tool('add_document', (_name, { n }) => ({ name: `a${n}`, text: 'A bell.' })),
  },
  'tool:remove_document inline': {
    before: addDocument,
    names: addedDocument,
    ask: tool('remove_document', (id) => ({ id })),
  },
  'tool:remove_source vault': {
    after: async (cell) => fillVault(cell),
    names: names('vault', 'vaulu'),
    ask: tool('remove_source', (name) => ({ name })),
  },
  'tool:insert own-row': {
    names: ledger,
    ask: tool('insert', (collection, { n }) => ({
      collection,
      documents: [{ _id: `i${n}`, tenant: 'north' }],
    })),
    all: /"inserted":1/,
  },
  'tool:insert other-row': {
    names: ledger,
    ask: tool('insert', (collection, { n }) => ({
      collection,
      documents: [{ _id: `o${n}`, tenant: 'south' }],
    })),
    all: /"inserted":1/,
  },
  'tool:update rows': {
    before: ledgerRows,
    names: ledger,
    ask: tool('update', (collection, { n }) => ({
      ...{ collection, filter: { cell: n }, update: { $set: { done: 1 } }, many: true },
    })),
    all: /"matched":2/,
    part: /"matched":1/,
  },
  'tool:delete rows': {
    before: ledgerRows,
    names: ledger,
    ask: tool('delete', (collection, { n }) => ({ collection, filter: { cell: n }, many: true })),
    all: /"deleted":2/,
    part: /"deleted":1/,
  },
  'tool:create_index ledger': {
    names: ledger,
    ask: tool('create_index', (collection, { n }) => ({ collection, key: { [`i${n}`]: 1 } })),
  },
  'tool:drop_index ledger': {
    before: indexOnLedger,
    names: ledger,
    ask: tool('drop_index', (collection, { n }) => ({ collection, name: `f${n}_1` })),
  },
  'tool:drop_collection scrap': {
    before: (cell) => put(cell, `scrap${cell.n}`, [{ tenant: 'north' }]),
    names: scrap,
    ask: tool('drop_collection', (collection) => ({ collection })),
  },
};

/** A caller's own, and what is the owner's. */
const ofId = (named: (cell: Cell) => string, twin: (id: string) => string) => (cell: Cell) =>
  [named(cell), twin(named(cell))] as const;
/** An id of the same form that nothing has. */
const otherId = (id: string): string => `${id.slice(0, 10)}${id[10] === '0' ? '1' : '0'}${id.slice(11)}`;

const runNames = {
  own: ofId(({ own }) => own.run, otherId),
  'own-not-granted': ofId(({ own }) => own.otherRun, otherId),
  "owner's": ofId(({ world }) => world.ownersThings.run, otherId),
};
const exportNames = {
  own: ofId(({ own }) => own.exported, otherId),
  "owner's": ofId(({ world }) => world.ownersThings.exported, otherId),
};

const eachOf = (
  door: string,
  things: Record<string, (cell: Cell) => readonly [string, string]>,
  row: Omit<Row, 'names'>,
): Record<string, Row> =>
  Object.fromEntries(
    Object.entries(things).map(([thing, named]) => [`${door} ${thing}`, { names: named, ...row }]),
  );

const reading =
  (uri: (name: string) => string): Row['ask'] =>
  (name) => ({ kind: 'read', uri: uri(name) });
const following =
  (uri: (name: string) => string): Row['ask'] =>
  (name) => ({ kind: 'follow', uri: uri(name) });
const collectionUri = (name: string): string => `hydrogen://collections/main/${name}`;
const documentUri = (id: string): string => `hydrogen://documents/${id}`;
const runUri = (id: string): string => `hydrogen://runs/${id}`;
const exportUri = (id: string): string => `hydrogen://exports/${id}`;
const collections = { orders, salaries };
const documents = {
  'inline/valves': names('inline/valves', 'inline/valvet'),
  'vault/plan.txt': names('vault/plan.txt', 'vault/plat.txt'),
};
const healthUris = {
  'health-live': 'health://live',
  'health-ready': 'health://ready',
  'health-detail': 'health://detail',
};
const nowhere = (uri: string) => (): readonly [string, string] => [uri, 'hydrogen://nothing/at-all'];

/** Resources. */
const resourceRows: Record<string, Row> = {
  ...eachOf('tool:get_run', runNames, { ask: tool('get_run', (id) => ({ run_id: id })), all: /"completed"/ }),
  ...Object.fromEntries(
    Object.entries(healthUris).flatMap(([name, uri]): [string, Row][] => [
      [
        `read:${name} -`,
        { ask: reading(() => uri), ...(name === 'health-detail' && { all: /process/, part: /\[\]/ }) },
      ],
      [`follow:${name} -`, { names: nowhere(uri), ask: following((given) => given) }],
    ]),
  ),
  ...eachOf('read:collection', collections, { ask: reading(collectionUri), all: /SECRET/, part: /total/ }),
  ...eachOf('read:document', documents, { ask: reading(documentUri), all: /ferry/ }),
  ...eachOf('read:run', runNames, { ask: reading(runUri), all: /completed/ }),
  ...eachOf('read:export', exportNames, { ask: reading(exportUri), all: /mine/ }),
  'list:collection -': { ask: () => ({ kind: 'list' }), all: /salaries/, part: /orders/ },
  'list:document -': { ask: () => ({ kind: 'list' }), all: /vault\/plan/, part: /inline\/valves/ },
  'list:run -': { ask: () => ({ kind: 'list' }), all: /"pay: completed/, part: /greet: completed/ },
  'list:export -': { ask: () => ({ kind: 'list' }), all: /exports\// },
};

const complete =
  (uri: string, variable: string): Row['ask'] =>
  () => ({ kind: 'complete template', uri, variable });
const completePrompt =
  (name: string, argument: string): Row['ask'] =>
  () => ({ kind: 'complete prompt', name, argument });
const prompt =
  (name: string, args: Record<string, string>): Row['ask'] =>
  () => ({ kind: 'prompt', name, args });
const collectionTemplate = 'hydrogen://collections/{database}/{collection}';

const otherRows: Record<string, Row> = {
  ...eachOf(
    'follow:collection',
    { orders: nowhere(collectionUri('orders')), salaries: nowhere(collectionUri('salaries')) },
    {
      ask: following((uri) => uri),
    },
  ),
  ...eachOf(
    'follow:document',
    {
      'inline/valves': nowhere(documentUri('inline/valves')),
      'vault/plan.txt': nowhere(documentUri('vault/plan.txt')),
    },
    { ask: following((uri) => uri) },
  ),
  ...eachOf('follow:run', runNames, { ask: following(runUri) }),
  ...eachOf('follow:export', exportNames, { ask: following(exportUri) }),
  "cursor:resources owner's": {
    names: ({ world }) => [world.ownersCursors.resources, noCursor],
    ask: (cursor) => ({ kind: 'list', cursor }),
  },
  'complete:collection.database -': {
    ask: complete(collectionTemplate, 'database'),
    all: /many/,
    part: /main/,
  },
  'complete:collection.collection -': {
    ask: complete(collectionTemplate, 'collection'),
    all: /salaries/,
    part: /orders/,
  },
  'complete:document.id -': {
    ask: complete('hydrogen://documents/{+id}', 'id'),
    all: /vault/,
    part: /inline/,
  },
  'complete:run.id -': {
    ask: complete('hydrogen://runs/{id}', 'id'),
    all: ({ world }) => new RegExp(world.ownersThings.run),
    part: /run-/,
  },
  'complete:export.id -': { ask: complete('hydrogen://exports/{id}', 'id'), all: /"[^"]*\.jsonl"/ },
  'prompt:answer_from_documents -': { ask: prompt('answer_from_documents', { question: 'Why?' }) },
  'prompt:explore_collection -': { ask: prompt('explore_collection', { collection: 'plants' }) },
  'prompt:brief -': { ask: prompt('brief', { topic: 'ferries' }) },
  'complete:explore_collection.collection -': {
    ask: completePrompt('explore_collection', 'collection'),
    ...{ all: /salaries/, part: /orders/ },
  },
  'complete:brief.topic -': { ask: completePrompt('brief', 'topic'), all: /plan/, part: /Valves/ },
};

/** The cursor in what a first page says. */
export async function cursorOf(client: Client, name: string, args: Args): Promise<string> {
  const { content } = await client.callTool({ name, arguments: args }).catch(() => ({ content: [] }));
  return /cursor \\"([^"\\]+)/.exec(JSON.stringify(content))?.[1] ?? noCursor;
}
const noCursor = 'none.was.given';
export const firstPages = { find: { collection: 'orders', limit: 1 }, list_documents: { limit: 1 } };
type Paged = keyof typeof firstPages;

const cursorRows: Record<string, Row> = Object.fromEntries(
  (Object.keys(firstPages) as Paged[]).flatMap((name): [string, Row][] => {
    const ask = tool(name, (cursor) => ({ ...firstPages[name], cursor }));
    const marks = name === 'find' ? { all: /SECRET/, part: /"_id\\*":3/ } : {};
    return [
      [
        `cursor:${name} own`,
        {
          names: async ({ client }) => [await cursorOf(client, name, firstPages[name]), noCursor],
          ask,
          ...marks,
        },
      ],
      [
        `cursor:${name} owner's`,
        { names: ({ world }) => [world.ownersCursors[name], noCursor], ask, ...marks },
      ],
    ];
  }),
);

export const rows: Readonly<Record<string, Row>> = {
  ...toolRows,
  ...resourceRows,
  ...otherRows,
  ...cursorRows,
};
