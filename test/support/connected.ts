import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  Client,
  type ClientCapabilities,
  InMemoryTransport,
  type Transport,
} from '@modelcontextprotocol/client';
import { serveStdio } from '@modelcontextprotocol/server/stdio';
import { afterAll, beforeAll, onTestFinished } from 'vitest';
import { type App, openApp } from '../../src/app.ts';
import { type Caller, owner } from '../../src/call.ts';
import { type GivenSettings, settings } from '../../src/config.ts';
import type { Document } from '../../src/mql/index.ts';
import { createLog } from '../../src/observability/log.ts';
import { createServer } from '../../src/server.ts';
import { temporaryDirectory, testCall } from './call.ts';
import { keepChecker } from './checker.ts';

export const eras = ['2025-11-25', '2026-07-28'] as const;
export type Era = (typeof eras)[number];

/** Documents by collection of the embedded database `main`. */
export type Data = Readonly<Record<string, readonly Document[]>>;

export interface Setting {
  readonly data?: Data;
  readonly settings?: Readonly<Partial<GivenSettings>>;
  readonly era?: Era;
  readonly caller?: Caller;
  /** Of the client. */
  readonly capabilities?: ClientCapabilities;
}

/**
 * What a test is rarely about, and what takes most of a second to load: such a test asks for it. Other tests may keep the
 * machine busy, for which no request is to be refused.
 */
export const withoutExtras = {
  embeddingModel: 'none',
  sampleWorkflows: false,
  maxEventLoopDelayMs: 0,
} as const;

async function appOn(dataDir: string, { settings: given = {} }: Setting): Promise<App> {
  const config = settings.parse({ dataDir, ...withoutExtras, ...given });
  if (config.sampleWorkflows || config.workflowFolders.length > 0) keepChecker();
  return openApp(config, createLog('silent'));
}

async function fill(app: App, data: Data): Promise<void> {
  const { store } = app.connections.get('embedded');
  for (const [collection, documents] of Object.entries(data)) {
    await store.put({ database: 'main', collection }, documents, { drop: false }, testCall());
  }
}

/** Puts these documents in the place of all that there are. */
export async function beginWith(app: App, data: Data): Promise<void> {
  const { store } = app.connections.get('embedded');
  for (const { name: database } of await store.databases(testCall())) {
    for (const { name: collection } of await store.collections(database, testCall())) {
      const change = { kind: 'drop_collection', database, collection } as const;
      await store.apply(change, { maxDocuments: 10_000 }, testCall());
    }
  }
  await fill(app, data);
}

/** An app on an empty data directory, or the one named by the settings; closed after the test. */
export async function openedApp(setting: Setting = {}): Promise<App> {
  const app = await appOn(await temporaryDirectory(), setting);
  onTestFinished(() => app.close());
  await fill(app, setting.data ?? {});
  return app;
}

/**
 * One app for all tests of a file, or of a `describe`: they only read, or each changes what is its own. Threads are
 * started for it once.
 */
export function sharedApp(setting: Setting = {}): () => App {
  let app: App | undefined;
  let directory = '';
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'hydrogen-test-'));
    app = await appOn(directory, setting);
    await fill(app, setting.data ?? {});
  });
  afterAll(async () => {
    await app?.close();
    await rm(directory, { recursive: true, force: true, maxRetries: 5 });
  });
  return () => {
    if (app === undefined) throw new Error('it is open from before the first test to after the last one');
    return app;
  };
}

export function newClient(era: Era, capabilities: ClientCapabilities = {}): Client {
  const mode = era === '2026-07-28' ? { pin: era } : ('legacy' as const);
  return new Client({ name: 'test', version: '1.0.0' }, { capabilities, versionNegotiation: { mode } });
}

/** A real client in this process, connected to a server on the app. */
export async function clientOf(
  app: App,
  { era = '2026-07-28', caller = owner, capabilities = {} }: Setting = {},
): Promise<Client> {
  const [clientEnd, serverEnd] = InMemoryTransport.createLinkedPair();
  const handle = serveStdio(() => createServer(app, caller), { transport: serverEnd as Transport });
  const client = newClient(era, capabilities);
  await client.connect(clientEnd);
  onTestFinished(async () => {
    await client.close();
    await handle.close();
  });
  return client;
}

/** The usual beginning: an app with some data, and a client that speaks to it. */
export async function connected(setting: Setting = {}): Promise<{ app: App; client: Client }> {
  const app = await openedApp(setting);
  return { app, client: await clientOf(app, setting) };
}
