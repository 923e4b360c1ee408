import { setTimeout } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { isInstalled, skipReason, startServer } from '../support/mongo-servers.ts';
import { hasToxiproxy, startToxiproxy, toxiproxySkip } from '../support/servers/toxiproxy.ts';
import { checked, effects, effectsIn, end, place } from './nodes.ts';

// On mongo-java-server: FerretDB 1.24 does not change documents atomically across connections.
const name = 'mongo-java-server';

test.skipIf(!isInstalled(name) || !hasToxiproxy)(
  `while the server is cut off, silent or slow, runs wait; then all end, and none is lost${skipReason(name)}${toxiproxySkip}`,
  { timeout: 60_000 },
  async () => {
    const server = await startServer(name);
    onTestFinished(() => server.stop());
    const toxiproxy = await startToxiproxy();
    onTestFinished(() => toxiproxy.stop());
    const proxy = await toxiproxy.to(server.port);
    const here = await place(20, server.url, `mongodb://127.0.0.1:${proxy.port}/`);
    await effects(here, 30);
    for (const harm of [proxy.cut, proxy.silence]) {
      await harm();
      await setTimeout(2_000);
      const before = (await effectsIn(here.directory)).size;
      const healed = Date.now();
      await proxy.heal();
      await effects(here, before + 10);
      expect(Date.now() - healed).toBeLessThan(5_000);
    }
    await proxy.slow(20);
    await checked(here);
    await end(here.all);
  },
);
