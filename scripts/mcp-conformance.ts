// Runs the official conformance suite of the protocol against our transports, in the versions 2025-11-25 and 2026-07-28.
// What it calls are fixtures (scripts/mcp-conformance/fixtures.ts) in the place of our own tools; everything below them is
// what `hydrogen serve --http` runs, with authentication: a proxy adds the key, which the suite does not know. The suite is installed once into ~/.cache/hydrogen-clients.
//   npm run mcp-conformance
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InMemoryServerEventBus } from '@modelcontextprotocol/server';
import { openApp } from '../src/app.ts';
import { operations, systemCall } from '../src/call.ts';
import { settings } from '../src/config.ts';
import { createLog } from '../src/observability/log.ts';
import { newKeyId, newSecret } from '../src/policy/api-keys.ts';
import { serveOnHttp } from '../src/transports/http.ts';
import { installedByNpm } from './clients/installed.ts';
import { createFixtureServer } from './mcp-conformance/fixtures.ts';
import { startKeyProxy } from './mcp-conformance/key-proxy.ts';

/** Frozen: what a version of the protocol requires does not change with a newer suite, but the suite's faults do. */
const suite = { name: '@modelcontextprotocol/conformance', version: '0.2.0-alpha.12' };
const versions = ['2025-11-25', '2026-07-28'];

const folder = await installedByNpm(suite.name, suite.version);
const dataDir = await mkdtemp(join(tmpdir(), 'hydrogen-conformance-'));
const app = await openApp(
  settings.parse({
    dataDir,
    httpPort: 0,
    httpAuthentication: 'required',
    embeddingModel: 'none',
    sampleWorkflows: false,
    logLevel: 'silent',
  }),
  createLog('silent'),
);
const id = newKeyId();
const { key, hash } = newSecret(id);
await app.apiKeys.add(
  { id, name: 'conformance', hash, scopes: operations, createdAt: Date.now() },
  systemCall(app.log),
);
const bus = new InMemoryServerEventBus();
const server = await serveOnHttp(app, {
  connect: () => createFixtureServer((event) => bus.publish(event)),
  bus,
});
const proxy = await startKeyProxy(server.url, key);

async function run(version: string): Promise<boolean> {
  console.log(`\nThe suite's requirements of ${version}`);
  const program = join(folder, 'node_modules', suite.name, 'dist/index.js');
  const results = join(dataDir, 'results', version);
  const child = spawn(
    process.execPath,
    [program, 'server', '--url', proxy.url, '--requirements', version, '-o', results],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (part: string) => {
    output += part;
  });
  const [code] = (await once(child, 'close')) as [number | null];
  const ofNoWeight = output.slice(output.indexOf('Not scored'));
  console.log(code === 0 ? `All that is required passes. ${ofNoWeight}` : output);
  return code === 0;
}

try {
  for (const version of versions) if (!(await run(version))) process.exitCode = 1;
} finally {
  proxy.close();
  await server.close();
  await app.close();
  await rm(dataDir, { recursive: true, force: true, maxRetries: 5 });
}
