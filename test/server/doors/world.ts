import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { App } from '../../../src/app.ts';
import { type Caller, type Operation, operations } from '../../../src/call.ts';
import { newKeyId, newSecret } from '../../../src/policy/api-keys.ts';
import type { HttpServer } from '../../../src/transports/http.ts';
import { testCall } from '../../support/call.ts';
import { initialize, post as send } from '../../support/requests.ts';

// The world of the table: what there is, who comes in, and what is theirs. Whatever is hidden from all roles has SECRET in it.

const rows = [
  { collection: 'embedded/main/orders', filter: { tenant: 'north' } },
  { collection: 'embedded/main/ledger', filter: { tenant: 'north' } },
  { collection: 'embedded/main/scrap*', filter: { tenant: 'north' } },
];
const hidden = [{ collection: 'embedded/main/orders', fields: ['card'] }];
const nothing = { collections: [], sources: [], workflows: [] };

export const roles = {
  reader: {
    ...nothing,
    operations: ['read'],
    collections: ['embedded/main/orders'],
    rows: rows.slice(0, 1),
    hidden,
  },
  searcher: { ...nothing, operations: ['read'], sources: ['inline'] },
  runner: { ...nothing, operations: ['read', 'run'], workflows: ['greet'], tools: ['*', '!health'] },
  writer: {
    ...nothing,
    operations: ['read', 'write', 'destroy'],
    collections: ['embedded/main/orders', 'embedded/main/ledger', 'embedded/main/scrap*'],
    ...{ rows, hidden },
  },
  /** May do everything, with nothing. */
  nobody: nothing,
} as const;

export type RoleName = keyof typeof roles;
/** Somebody with a role, or without one. */
export type Who = RoleName | 'owner';
export const everybody: readonly Who[] = ['owner', 'reader', 'searcher', 'runner', 'writer', 'nobody'];

export const data = {
  orders: [
    { _id: 1, tenant: 'north', total: 5, card: 'SECRET-1' },
    { _id: 2, tenant: 'SECRET-south', total: 7, card: 'SECRET-2' },
    { _id: 3, tenant: 'north', total: 9, card: 'SECRET-3' },
  ],
  ledger: [{ _id: 'first', tenant: 'north' }],
  salaries: [{ _id: 1, pay: 'SECRET-pay' }],
};

const workflow = (name: string): string =>
  `document: { dsl: '1.0.3', namespace: test, name: ${name}, version: '1.0.0' }\ndo: [{ say: { set: { said: ${name} } } }]\n`;

/** Folders of workflows and of documents. */
export async function makeFolders(directory: string): Promise<{ workflows: string; vault: string }> {
  const [workflows, vault] = [join(directory, 'workflows'), join(directory, 'vault')];
  for (const folder of [workflows, vault]) await mkdir(folder);
  for (const name of ['greet', 'pay']) await writeFile(join(workflows, `${name}.yaml`), workflow(name));
  await writeFile(join(vault, 'plan.txt'), 'The ferry carries SECRET-cargo.\n');
  return { workflows, vault };
}

/** What the table's doors lead to that callers have: each has made its own. */
export interface Own {
  /** Of the workflow `greet`. */
  readonly run: string;
  /** Of the workflow `pay`, which no role grants (any more). */
  readonly otherRun: string;
  readonly exported: string;
}

export interface World {
  readonly app: App;
  readonly vault: string;
  /** Those of the caller without a role. */
  readonly ownersThings: Own;
  readonly ownersCursors: Readonly<Record<'find' | 'list_documents' | 'resources', string>>;
}

export interface Keyed {
  readonly caller: Caller;
  readonly key: string;
}

/** Somebody with a key and that role. */
export async function keyed(app: App, who: Who): Promise<Keyed> {
  const id = newKeyId();
  const { key, hash } = newSecret(id);
  const scopes: readonly Operation[] = operations;
  const given = who === 'owner' ? {} : { roles: [who] };
  await app.apiKeys.add({ id, name: who, hash, scopes, createdAt: Date.now(), ...given }, testCall());
  return { caller: { id: `key:${id}`, scopes, ...given }, key };
}

/** What a caller has once begun, whatever its role says of it now. */
export async function thingsOf(app: App, caller: Caller): Promise<Own> {
  const call = testCall({ caller });
  const run = async (workflow: string) =>
    (await app.workflows.startAndWait({ workflow, input: {} }, 20_000, call)).id;
  const { id: exported } = await app.exports.write('jsonl', (sink) => sink('{"mine":1}\n'), call);
  return { run: await run('greet'), otherRun: await run('pay'), exported };
}

export async function fillLibrary(app: App, vault: string): Promise<void> {
  await app.library.add(
    { name: 'valves', text: 'The ferry has valves.', type: 'text', title: 'Valves', metadata: {} },
    testCall(),
  );
  await app.library.ingest([vault], testCall());
}

/** The id of a session that belongs to the holder of a key. */
export async function sessionOf(server: HttpServer, keyed: Keyed): Promise<string> {
  const answer = await post(server, keyed.key, initialize);
  return answer.headers.get('mcp-session-id') ?? '';
}

export const post = (server: HttpServer, key: string, message: object, session?: string): Promise<Response> =>
  send(server.url, message, {
    authorization: `Bearer ${key}`,
    ...(session !== undefined && { 'mcp-session-id': session }),
  });
