import { expect, onTestFinished, test } from 'vitest';
import { isInstalled, skipReason, startServer } from '../support/mongo-servers.ts';
import { checked, effects, end, place } from './nodes.ts';

// On mongo-java-server: FerretDB 1.24 does not change documents atomically across connections.
const name = 'mongo-java-server';

test.skipIf(!isInstalled(name))(
  `four nodes share a journal and one is killed: every run ends once, and no journaled step is executed again${skipReason(name)}`,
  { timeout: 60_000 },
  async () => {
    const server = await startServer(name);
    onTestFinished(() => server.stop());
    const here = await place(10, server.url);
    await effects(here, 40);
    here.all[0]?.process.kill('SIGKILL');
    // No more than it executed at once.
    expect(await checked(here)).toBeLessThanOrEqual(4);
    await end(here.all);
  },
);
