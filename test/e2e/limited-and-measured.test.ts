// The built server with limits, metrics and traces: what is loaded for them is in other parts of the bundle.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createInterface } from 'node:readline';
import { expect, onTestFinished, test } from 'vitest';
import { temporaryDirectory } from '../support/call.ts';
import { cli, environmentOf, httpClient, type Settings } from '../support/process.ts';

/** Starts a server. @returns the addresses that it says it serves, by what it says */
async function started(args: readonly string[], settings: Settings, messages: readonly string[]) {
  const dataDir = await temporaryDirectory();
  const env = environmentOf({ dataDir, logLevel: 'info', metrics: 'true', metricsPort: '0', ...settings });
  const child = spawn(process.execPath, [cli, ...args], { env, stdio: ['pipe', 'ignore', 'pipe'] });
  const exited = once(child, 'exit');
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await exited;
  });
  const urls = new Map<string, string>();
  await new Promise<void>((resolve, reject) => {
    createInterface({ input: child.stderr }).on('line', (line) => {
      const { msg, url } = JSON.parse(line) as { msg: string; url?: string };
      if (url !== undefined) urls.set(msg, url);
      if (messages.every((message) => urls.has(message))) resolve();
    });
    void exited.then(() => reject(new Error('the server ended')));
  });
  return { child, exited, urlOf: (message: string): string => urls.get(message) ?? '' };
}

test('traces and metrics are sent to a collector', async () => {
  const arrived = new Set<string | undefined>();
  const collector = createServer((request, response) => {
    arrived.add(request.url);
    response.end('{}');
  });
  collector.listen(0, '127.0.0.1');
  await once(collector, 'listening');
  onTestFinished(() => {
    collector.closeAllConnections();
    collector.close();
  });
  const otlpUrl = `http://127.0.0.1:${(collector.address() as AddressInfo).port}`;
  const { child, exited, urlOf } = await started(['serve', '--http'], { otlpUrl, httpPort: '0' }, [
    'serving',
  ]);
  const client = await httpClient(urlOf('serving'), '2026-07-28');
  await client.listTools();
  await client.close();
  child.kill('SIGTERM');
  await exited;
  expect([...arrived].sort()).toEqual(['/v1/metrics', '/v1/traces']);
});

test('over HTTP requests are limited and counted', async () => {
  const limits = JSON.stringify({ requestsPerMinute: 1 });
  const { urlOf } = await started(['serve', '--http'], { limits, httpPort: '0' }, [
    'serving',
    'serving metrics',
  ]);
  const ping = () =>
    fetch(urlOf('serving'), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'ping' }),
    });
  expect((await ping()).status).not.toBe(429);
  expect((await ping()).status).toBe(429);
  const page = await (await fetch(urlOf('serving metrics'))).text();
  expect(page).toContain('hydrogen_limits_hit_total{limit="requestsPerMinute",operation=""} 1');
});

test('on stdio metrics have a port of their own, which does not keep the server from ending', async () => {
  const { child, exited, urlOf } = await started([], {}, ['serving metrics']);
  const page = await (await fetch(urlOf('serving metrics'))).text();
  expect(page).toContain('# TYPE hydrogen_store_bytes gauge');
  child.stdin.end();
  expect(await exited).toEqual([0, null]);
});
