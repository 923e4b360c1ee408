// The library and the runs go from the embedded store to servers and back, and answer the same there.
import { spawn } from 'node:child_process';
import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { settings as schema } from '../../src/config.ts';
import { createLog } from '../../src/observability/log.ts';
import { openKeyRing } from '../../src/open-stores.ts';
import { samples } from '../../src/samples.ts';
import { temporaryDirectory } from '../support/call.ts';
import { command } from '../support/command.ts';
import { freePort, isInstalled, type RunningServer, skipReason, startServer } from '../support/mongo-servers.ts';
import { cli, environmentOf, root, type Settings } from '../support/process.ts';
import { hasQdrant, qdrantSettings, qdrantSkipReason } from '../support/servers/qdrant.ts';

const name = 'mongo-java-server';
const queries = ['embrittlement in pipelines', 'cost of electrolysis', 'storage "salt caverns"', 'ammonia'];

async function json(args: readonly string[], settings: Settings): Promise<unknown> {
  const { code, out, err } = await command([...args, '--json'], settings);
  if (code !== 0) throw new Error(err);
  return JSON.parse(out);
}

interface Hit {
  readonly document: string;
  readonly lines: unknown;
  readonly text: string;
}

/** What a user sees of a library and its runs. */
async function answersOf(settings: Settings) {
  const hits = [];
  for (const query of queries) {
    const { results } = (await json(['search', query], settings)) as { results: Hit[] };
    hits.push(results.map(({ document, lines, text }) => ({ document, lines, text })));
  }
  const runs = (await json(['runs'], settings)) as { id: string }[];
  const whole = [];
  for (const { id } of runs) whole.push(await json(['runs', id], settings));
  return {
    list: await json(['list'], settings),
    sources: await json(['sources'], settings),
    hits,
    whole,
  };
}

async function keysOf(settings: Settings): Promise<string[]> {
  const ring = openKeyRing(schema.parse(settings), createLog('silent'));
  const keys = await ring.keys.current().finally(() => ring.close());
  return keys.map(({ id }) => id);
}

describe.skipIf(!isInstalled(name) || !hasQdrant)(
  `moving to servers and back${skipReason(name)}${qdrantSkipReason}`,
  () => {
    let server: RunningServer;
    let filled: Settings;
    let databases = 0;

    /** An embedded library of the samples, with a run. */
    async function embedded(more: Settings = {}): Promise<Settings> {
      return { sampleWorkflows: 'true', dataDir: await temporaryDirectory(), ...more };
    }

    /** Empty servers. `to` names them; `on` uses them for everything. */
    async function servers(): Promise<{ readonly to: Settings; readonly on: Settings }> {
      const { url, collection } = await qdrantSettings();
      const to = {
        mongodbUrl: server.url,
        defaultConnection: 'embedded',
        storeDatabase: `move-${++databases}`,
        qdrantUrl: url,
        qdrantCollection: collection,
        serverTimeoutMs: '20000',
      };
      const on = { catalogStore: 'mongodb', indexStore: 'qdrant', journalStore: 'mongodb' };
      return { to: { ...to, indexStore: 'embedded' }, on: await embedded({ ...to, ...on }) };
    }

    beforeAll(async () => {
      server = await startServer(name);
      filled = await embedded();
      await command(['samples'], filled);
      await command(['ingest', samples.workflows], filled);
      await json(['run', 'electrolyser-cost-brief', '--key', 'first'], filled);
      await json(['run', 'electrolyser-cost-brief'], filled);
    }, 120_000);
    afterAll(() => server?.stop());

    test('list, texts, searches, runs and keys are the same there, and back again', async () => {
      const { to, on } = await servers();
      const before = await answersOf(filled);
      expect(before.whole).toHaveLength(2);

      const moved = await command(['move', '--to', 'servers'], { ...filled, ...to });
      expect(moved).toMatchObject({ code: 0 });
      expect(moved.out).toMatch(/^documents {2}(\d+ \(\w{16}\)) {2}\1$/m);
      expect(moved.out).toMatch(/^vectors {2}(\d+) {2}\1$/m);
      expect(moved.out).toMatch(/^runs {2}(2 \(\w{16}\)) {2}\1$/m);
      expect(moved.err).toMatch(/catalogStore = mongodb\n {2}indexStore = qdrant\n {2}journalStore = mongodb/);
      const there = await answersOf(on);
      expect(there).toEqual(before);
      expect(await keysOf(on)).toEqual(await keysOf(filled));
      // The key of an earlier run is still known.
      const repeated = await json(['run', 'electrolyser-cost-brief', '--key', 'first'], on);
      expect(before.whole).toContainEqual(expect.objectContaining({ id: (repeated as { id: string }).id }));

      const back = await embedded();
      const returned = await command(['move', '--to', 'embedded'], { ...back, ...to });
      expect(returned).toMatchObject({ code: 0 });
      expect(await answersOf(back)).toEqual(before);
      expect(await answersOf(filled)).toEqual(before);
    }, 120_000);
  },
);
