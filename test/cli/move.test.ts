// The library and the runs go from the embedded store to servers and back, and answer the same there.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { owner } from '../../src/call.ts';
import { settings as schema } from '../../src/config.ts';
import { createLog } from '../../src/observability/log.ts';
import { openKeyRing } from '../../src/open-stores.ts';
import { ownerName } from '../../src/process-identity.ts';
import { samples } from '../../src/samples.ts';
import { createEmbeddedJournal } from '../../src/stores/embedded/journal/journal.ts';
import { createEmbeddedStore } from '../../src/stores/embedded/store.ts';
import { temporaryDirectory, testCall } from '../support/call.ts';
import { command } from '../support/command.ts';
import {
  freePort,
  isInstalled,
  type RunningServer,
  skipReason,
  startServer,
} from '../support/mongo-servers.ts';
import { bare, type Settings } from '../support/process.ts';
import { hasQdrant, qdrantSkipReason } from '../support/servers/qdrant.ts';
import { answersOf, emptyServers, json, plain } from './moving.ts';

const name = 'mongo-java-server';

async function keysOf(settings: Settings): Promise<string[]> {
  const { serverTimeoutMs: _, sampleWorkflows: __, ...rest } = settings;
  const ring = openKeyRing(schema.parse(rest), createLog('silent'));
  const keys = await ring.keys.current().finally(() => ring.close());
  return keys.map(({ id }) => id);
}

const newRun = {
  ...{ id: 'run-1', caller: owner, workflow: 'w', version: '1.0.0', input: '{}' },
  ...{ definition: '{}', sha256: 'a' },
};

describe.skipIf(!isInstalled(name) || !hasQdrant)(
  `moving to servers and back${skipReason(name)}${qdrantSkipReason}`,
  () => {
    let server: RunningServer;
    let directory: string;
    let filled: Settings;

    beforeAll(async () => {
      server = await startServer(name);
      directory = await mkdtemp(join(tmpdir(), 'hydrogen-test-move-'));
      filled = { sampleWorkflows: 'true', dataDir: directory };
      await command(['samples'], filled);
      await command(['ingest', samples.workflows], filled);
      await json(['run', 'electrolyser-cost-brief', '--key', 'first'], filled);
      await json(['run', 'electrolyser-cost-brief'], filled);
    }, 120_000);
    afterAll(async () => {
      await server?.stop();
      await rm(directory, { recursive: true, force: true });
    });

    test('list, texts, searches, runs and keys are the same there, and back again', async () => {
      const { to, on } = await emptyServers(server.url);
      const before = await answersOf(filled);
      expect(before.whole).toHaveLength(2);

      const moved = await command(['move', '--to', 'servers'], { ...filled, ...to });
      expect(moved).toMatchObject({ code: 0 });
      expect(moved.out).toMatch(/^documents {2,}(\d+ \(\w{16}\)) {2,}\1$/m);
      expect(moved.out).toMatch(/^vectors {2,}(\d+) {2,}\1$/m);
      expect(moved.out).toMatch(/^runs {2,}(2 \(\w{16}\)) {2,}\1$/m);
      expect(moved.err).toMatch(
        /catalogStore = mongodb\n {2}indexStore = qdrant\n {2}journalStore = mongodb/,
      );
      const there = await answersOf(on);
      expect(there).toEqual(before);
      expect(await keysOf(on)).toEqual(await keysOf(filled));
      // The key of an earlier run is still known.
      const repeated = await json(['run', 'electrolyser-cost-brief', '--key', 'first'], {
        ...filled,
        ...on,
        dataDir: directory,
      });
      expect(before.whole).toContainEqual(expect.objectContaining({ id: (repeated as { id: string }).id }));

      const back = { sampleWorkflows: 'true', dataDir: await temporaryDirectory() };
      const returned = await command(['move', '--to', 'embedded'], { ...back, ...to });
      expect(returned).toMatchObject({ code: 0 });
      expect(await answersOf(back)).toEqual(before);
      expect(await answersOf(filled)).toEqual(before);
    }, 120_000);

    test('a target that holds something else is refused, by its name; --merge keeps that', async () => {
      const { to, on } = await emptyServers(server.url);
      const settings = await plain(3);
      const file = createEmbeddedStore(settings['dataDir'] ?? '', 1);
      const journal = createEmbeddedJournal(file);
      await journal.create(newRun, testCall());
      await journal.requestCancel(newRun.id, testCall());
      await file.close();
      await command(['ingest', join(samples.documents, 'ammonia.md')], { ...on, ...bare });
      const refused = await command(['move', '--to', 'servers'], { ...settings, ...to });
      expect(refused.code).not.toBe(0);
      expect(refused.err).toMatch(/documents.*which the embedded store does not have.*Nothing was copied/);
      expect(await json(['list'], { ...on, ...bare })).toHaveLength(1);
      expect(await json(['runs'], { ...on, ...bare })).toEqual([]);

      const merged = await command(['move', '--to', 'servers', '--merge'], { ...settings, ...to });
      expect(merged).toMatchObject({ code: 0 });
      expect(await json(['list'], { ...on, ...bare })).toHaveLength(4);
    }, 60_000);

    test('a run that has not ended stays, and is said', async () => {
      const { to, on } = await emptyServers(server.url);
      const settings = await plain(1);
      const file = createEmbeddedStore(settings['dataDir'] ?? '', 1);
      const journal = createEmbeddedJournal(file);
      await journal.create(newRun, testCall());
      const waiting = await command(['move', '--to', 'servers'], { ...settings, ...to });
      expect(waiting).toMatchObject({ code: 0, err: expect.stringContaining('1 run not ended') });
      expect(await json(['runs'], { ...on, ...bare })).toEqual([]);

      await journal.claim({ owner: ownerName(), leaseMs: 60_000, exited: [] }, testCall());
      const running = await command(['move', '--to', 'servers'], { ...settings, ...to });
      expect(running.code).not.toBe(0);
      expect(running.err).toMatch(/A server is executing a run in the embedded store. Stop all servers/);
      await file.close();
    }, 60_000);

    test('a server that is away is named, and nothing waits for it', async () => {
      const settings = await plain(1);
      const { to } = await emptyServers(server.url);
      const away = { mongodbUrl: `mongodb://127.0.0.1:${await freePort()}/`, serverTimeoutMs: '300' };
      const begun = Date.now();
      const { code, err } = await command(['move', '--to', 'servers'], { ...settings, ...to, ...away });
      expect(code).not.toBe(0);
      expect(err).toMatch(/MongoDB.*mongodbUrl/);
      expect(err).not.toContain('127.0.0.1');
      const qdrant = { qdrantUrl: `http://127.0.0.1:${await freePort()}`, serverTimeoutMs: '300' };
      const other = await command(['move', '--to', 'servers'], { ...settings, ...to, ...qdrant });
      expect(other.code).not.toBe(0);
      expect(other.err).toMatch(/Qdrant.*qdrantUrl/);
      expect(Date.now() - begun).toBeLessThan(15_000);
    }, 60_000);
  },
);
