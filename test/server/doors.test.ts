// Every door of the server x who comes x how: exactly what `doors/table.ts` says. The doors are taken from what the server
// registers, so that a tool, resource, template, completion or prompt without a line there fails.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Client } from '@modelcontextprotocol/client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { App } from '../../src/app.ts';
import { openApp } from '../../src/app.ts';
import { type Caller, localCaller } from '../../src/call.ts';
import { settings } from '../../src/config.ts';
import { createLog } from '../../src/observability/log.ts';
import { prompts } from '../../src/prompts/prompts.ts';
import { fixedResources, resourceTemplates } from '../../src/resources/resources.ts';
import { tools } from '../../src/tools/tools.ts';
import { type HttpServer, serveOnHttp } from '../../src/transports/http.ts';
import { testCall } from '../support/call.ts';
import type { Era } from '../support/connected.ts';
import { httpClient, stdioClient } from '../support/process.ts';
import { type Answered, type Ask, answerTo, unknownOf } from './doors/ask.ts';
import { type Cell, cursorOf, firstPages, type Row, rows } from './doors/rows.ts';
import { columns, table } from './doors/table.ts';
import {
  data,
  everybody,
  fillLibrary,
  type Keyed,
  keyed,
  makeFolders,
  type Own,
  post,
  type RoleName,
  roles,
  sessionOf,
  thingsOf,
  type Who,
} from './doors/world.ts';

const shared = {
  embeddingModel: 'none',
  sampleWorkflows: false,
  enableIngest: true,
  enableWrites: true,
  confirmWrites: 'never',
  // Other tests may keep the machine busy.
  maxEventLoopDelayMs: 0,
} as const;

let directory: string;
let folders: Awaited<ReturnType<typeof makeFolders>>;
let app: App;
let server: HttpServer;
const keys = new Map<Who, Keyed>();
const things = new Map<string, Own>();
let ownersCursors: Cell['world']['ownersCursors'];

const thingsKey = ({ id, roles: names = [] }: Caller): string => `${id} ${names.join()}`;
async function give(caller: Caller): Promise<void> {
  things.set(thingsKey(caller), await thingsOf(app, caller));
}

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'hydrogen-doors-'));
  folders = await makeFolders(directory);
  const config = settings.parse({
    ...{ ...shared, roles, dataDir: join(directory, 'data'), httpPort: 0 },
    ...{ workflowFolders: [folders.workflows], folders: [folders.vault] },
  });
  app = await openApp(config, createLog('silent'));
  const { store } = app.connections.get('embedded');
  for (const [collection, documents] of Object.entries(data)) {
    await store.put({ database: 'main', collection }, documents, { drop: false }, testCall());
  }
  // More than a page of a list of resources.
  for (let i = 0; i < 101; i++) {
    await store.put({ database: 'many', collection: `c${i}` }, [{ _id: i }], { drop: false }, testCall());
  }
  await fillLibrary(app, folders.vault);
  for (const who of everybody) {
    const one = await keyed(app, who);
    keys.set(who, one);
    await give(one.caller);
    if (who !== 'owner') await give(localCaller(who));
  }
  server = await serveOnHttp(app);
});

afterAll(async () => {
  await server.close();
  await app.close();
  await rm(directory, { recursive: true, force: true, maxRetries: 5 });
});

const keyOf = (who: Who): Keyed => keys.get(who) as Keyed;

const overHttp = (who: Who, era: Era): Promise<Client> =>
  httpClient(server.url, era, { requestInit: { headers: { authorization: `Bearer ${keyOf(who).key}` } } });

const overStdio = async (who: RoleName, era: Era): Promise<Client> =>
  (
    await stdioClient(
      {
        ...Object.fromEntries(Object.entries(shared).map(([name, value]) => [name, String(value)])),
        dataDir: join(directory, 'data'),
        roles: JSON.stringify(roles),
        localRole: who,
        workflowFolders: folders.workflows,
        folders: folders.vault,
      },
      era,
    )
  ).client;

/** What stands for what was hidden, and must be in no answer to whom a role narrows. */
const secret = /SECRET|salaries|vault|many|\bpay\b/;

/** The names that a client is told of: the doors that are there for it. */
async function listed(client: Client): Promise<ReadonlySet<string>> {
  const names = new Set<string>();
  for (const { name } of (await client.listTools()).tools) names.add(name);
  for (const { name } of (await client.listPrompts()).prompts) names.add(name);
  for (const { uriTemplate } of (await client.listResourceTemplates()).resourceTemplates)
    names.add(uriTemplate);
  for (const { name } of (await client.listResources()).resources) names.add(name);
  return names;
}

const withoutName = (answer: Answered, name: string): string =>
  name === '' ? answer.text : answer.text.replaceAll(name, '…').replaceAll(encodeURIComponent(name), '…');

let n = 0;

/** Which of the ways to be refused an answer is. */
async function refusalOf(
  answer: Answered,
  ask: Ask,
  twin: { readonly said: string; readonly name: string; readonly ask: Ask } | undefined,
  { client }: Cell,
  era: Era,
): Promise<string> {
  const unknown = unknownOf(ask);
  const absent = unknown && (await answerTo(client, era, unknown.ask));
  const isAbsent =
    unknown && absent && withoutName(answer, unknown.names[0]) === withoutName(absent, unknown.names[1]);
  if (isAbsent) return 'absent';
  const missing = twin && (await answerTo(client, era, twin.ask));
  if (missing && withoutName(missing, twin.name) === twin.said) return 'hidden';
  if (answer.text.includes('There is no data for this caller')) return 'none';
  return /\b(roles|rules)\b/.test(answer.text) ? 'refused' : `FAILED ${answer.text} BUT ${missing?.text}`;
}

/** What a caller finds at a door, in one word. */
async function outcomeOf(row: Row, cell: Cell, era: Era): Promise<string> {
  await row.before?.(cell);
  const [name, twin] = (await row.names?.(cell)) ?? ['', ''];
  const ask = await row.ask(name, cell);
  const answer = await answerTo(cell.client, era, ask);
  const said = withoutName(answer, name);
  await row.after?.(cell);
  if (cell.who !== 'owner' && secret.test(said)) return `LEAK ${said}`;
  const all = typeof row.all === 'function' ? row.all(cell) : row.all;
  // Some fail behind the rule, for want of a model.
  if (all?.test(said)) return 'all';
  if (answer.isError) {
    const other = row.names && { said, name: twin, ask: await row.ask(twin, cell) };
    return refusalOf(answer, ask, other, cell, era);
  }
  if (!row.all && !row.part) return 'open';
  return row.part?.test(said) ? 'part' : 'none';
}

async function outcomes(who: Who, caller: Caller, client: Client, era: Era): Promise<Record<string, string>> {
  const own = things.get(thingsKey(caller)) as Own;
  const ownersThings = things.get(thingsKey(keyOf('owner').caller)) as Own;
  const world = { app, vault: folders.vault, ownersThings, ownersCursors };
  const names = await listed(client);
  const found: Record<string, string> = {};
  for (const [line, row] of Object.entries(rows)) {
    const [, door = ''] = /^\w+:(\S+)/.exec(line) ?? [];
    const outcome = await outcomeOf(row, { world, who, caller, own, client, n: ++n }, era);
    found[line] = outcome === 'absent' && names.has(door) ? 'LISTED, BUT ABSENT' : outcome;
  }
  return found;
}

const expectedFor = (who: Who): Record<string, string> =>
  Object.fromEntries(Object.entries(table).map(([line, words]) => [line, words[columns.indexOf(who)] ?? '']));

/** Every door that the server has. */
const doors: readonly string[] = [
  ...tools.map(({ name }) => `tool:${name}`),
  ...tools.filter(({ input }) => 'cursor' in input.shape).map(({ name }) => `cursor:${name}`),
  'cursor:resources',
  ...[...fixedResources, ...resourceTemplates].flatMap(({ name }) => [`read:${name}`, `follow:${name}`]),
  ...resourceTemplates.flatMap(({ name, variables }) => [
    `list:${name}`,
    ...variables.map((variable) => `complete:${name}.${variable}`),
  ]),
  ...prompts.flatMap(({ name, arguments: args }) => [
    `prompt:${name}`,
    ...args.flatMap((one) => (one.completion ? [`complete:${name}.${one.name}`] : [])),
  ]),
];

test('every door of the server has a line in the table, and no line is without a door', () => {
  const named = (lines: readonly string[]) => [...new Set(lines.map((line) => line.split(' ')[0]))].sort();
  expect(named(Object.keys(table))).toEqual([...doors].sort());
  expect(Object.keys(rows).sort()).toEqual(Object.keys(table).sort());
  expect(columns).toEqual(everybody);
});

describe.each(['2026-07-28', '2025-11-25'] as const)('over HTTP, by a client of %s', (era) => {
  test.each(everybody)('what the table says: %s', async (who) => {
    const client = await overHttp(who, era);
    if (who === 'owner') {
      ownersCursors = {
        find: await cursorOf(client, 'find', firstPages.find),
        list_documents: await cursorOf(client, 'list_documents', firstPages.list_documents),
        resources: await resourcesCursor(),
      };
    }
    expect(await outcomes(who, keyOf(who).caller, client, era)).toEqual(expectedFor(who));
  });
});

async function resourcesCursor(): Promise<string> {
  const message = { jsonrpc: '2.0', id: 2, method: 'resources/list', params: {} };
  const { key } = keyOf('owner');
  const answer = await post(server, key, message, await sessionOf(server, keyOf('owner')));
  return /"nextCursor":"([^"]+)"/.exec(await answer.text())?.[1] ?? '';
}

describe('on stdio, with the setting localRole', () => {
  test.each(everybody.filter((who) => who !== 'owner'))('what the table says: %s', async (who) => {
    const era = (['2026-07-28', '2025-11-25'] as const)[everybody.indexOf(who) % 2] ?? '2025-11-25';
    const client = await overStdio(who, era);
    expect(await outcomes(who, localCaller(who), client, era)).toEqual(expectedFor(who));
  });
});

test.each(everybody.filter((who) => who !== 'owner'))(
  'the session of another caller is to a %s as one that nobody has',
  async (who) => {
    const ping = { jsonrpc: '2.0', id: 3, method: 'ping' };
    const theirs = await sessionOf(server, keyOf('owner'));
    const { key } = keyOf(who);
    const seen = async (session: string) => {
      const answer = await post(server, key, ping, session);
      return [answer.status, await answer.text()];
    };
    expect(await seen(theirs)).toEqual(await seen(`${theirs.slice(0, -4)}AAAA`));
    expect((await post(server, keyOf('owner').key, ping, theirs)).status).toBe(200);
  },
);
