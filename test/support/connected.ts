import {
  Client,
  type ClientCapabilities,
  InMemoryTransport,
  type Transport,
} from '@modelcontextprotocol/client';
import { serveStdio } from '@modelcontextprotocol/server/stdio';
import { onTestFinished } from 'vitest';
import { type App, openApp } from '../../src/app.ts';
import { type Caller, owner } from '../../src/call.ts';
import { type Config, settings } from '../../src/config.ts';
import type { Document } from '../../src/mql/index.ts';
import { createLog } from '../../src/observability/log.ts';
import { createServer } from '../../src/server.ts';
import { temporaryDirectory, testCall } from './call.ts';

export const eras = ['2025-11-25', '2026-07-28'] as const;
export type Era = (typeof eras)[number];

export interface Setting {
  /** Documents by collection of the embedded database `main`. */
  readonly data?: Readonly<Record<string, readonly Document[]>>;
  readonly settings?: Readonly<Partial<Config>>;
  readonly era?: Era;
  readonly caller?: Caller;
}

/** An app on an empty data directory, or the one named by the settings; closed after the test. */
export async function openedApp({ data = {}, settings: given = {} }: Setting = {}): Promise<App> {
  const config = settings.parse({ dataDir: await temporaryDirectory(), ...given });
  const app = openApp(config, createLog('silent'));
  onTestFinished(() => app.close());
  for (const [collection, documents] of Object.entries(data)) {
    await app.connections
      .get('embedded')
      .store.put({ database: 'main', collection }, documents, { drop: false }, testCall());
  }
  return app;
}

export function newClient(era: Era, capabilities: ClientCapabilities = {}): Client {
  const mode = era === '2026-07-28' ? { pin: era } : ('legacy' as const);
  return new Client({ name: 'test', version: '1.0.0' }, { capabilities, versionNegotiation: { mode } });
}

/** A real client in this process, connected to a server on the app. */
export async function clientOf(
  app: App,
  { era = '2026-07-28', caller = owner }: Setting = {},
): Promise<Client> {
  const [clientEnd, serverEnd] = InMemoryTransport.createLinkedPair();
  const handle = serveStdio(() => createServer(app, caller), { transport: serverEnd as Transport });
  const client = newClient(era);
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
