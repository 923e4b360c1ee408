import { expect, onTestFinished, test, vi } from 'vitest';
import type { App } from '../../src/app.ts';
import { call, failure } from '../support/answers.ts';
import { attributesOf, openCollector, type SentMetric } from '../support/collector.ts';
import { clientOf, openedApp, type Setting } from '../support/connected.ts';
import { httpClient } from '../support/process.ts';

const data = { notes: [{ _id: 1 }, { _id: 2 }] };

const sending = (otlpUrl: string, { settings, ...rest }: Setting = {}): Promise<App> =>
  openedApp({ data, ...rest, settings: { otlpUrl, ...settings } });

/** The points of a metric with these attributes. */
function pointsOf(metric: SentMetric | undefined, wanted: Readonly<Record<string, string>>) {
  const points = (metric?.sum ?? metric?.gauge ?? metric?.histogram)?.dataPoints ?? [];
  return points.filter((point) =>
    Object.entries(wanted).every(([name, value]) => attributesOf(point)[name] === value),
  );
}

test('calls go to the collector by the conventions for MCP', async () => {
  const { metrics, resource, url } = await openCollector();
  const app = await sending(url);
  const client = await clientOf(app);
  await call(client, 'count', { collection: 'notes' });
  await call(client, 'count', { collection: 'notes' });
  await failure(client, 'count', { collection: 'notes', filter: { $where: '1' } });
  await app.close();
  const durations = metrics.get('mcp.server.operation.duration');
  expect(durations?.unit).toBe('s');
  const counted = { 'mcp.method.name': 'tools/call', 'gen_ai.tool.name': 'count' };
  const points = pointsOf(durations, counted);
  const [well] = points.filter((point) => attributesOf(point)['error.type'] === undefined);
  expect(Number(well?.count)).toBe(2);
  expect(well?.bucketCounts?.map(Number).reduce((sum, one) => sum + one)).toBe(2);
  expect(well?.bucketCounts).toHaveLength((well?.explicitBounds?.length ?? 0) + 1);
  expect(points).toHaveLength(2);
  expect(resource).toMatchObject({
    'service.name': 'hydrogen-mcp',
    'service.instance.id': expect.any(String),
  });
});

test('uses of a store go to the collector by the conventions for databases', async () => {
  const { metrics, url } = await openCollector();
  const app = await sending(url);
  await call(await clientOf(app), 'count', { collection: 'notes' });
  await app.close();
  const wanted = { 'db.operation.name': 'count', 'hydrogen.connection': 'embedded' };
  expect(pointsOf(metrics.get('db.client.operation.duration'), wanted)).toHaveLength(1);
});

test('a counter is a sum that only grows, and what is measured at the moment a gauge', async () => {
  const { metrics, url } = await openCollector();
  vi.stubEnv('OTEL_METRIC_EXPORT_INTERVAL', '200');
  onTestFinished(() => void vi.unstubAllEnvs());
  const app = await sending(url);
  await call(await clientOf(app), 'find', { collection: 'notes' });
  await vi.waitFor(() => {
    const rows = metrics.get('hydrogen.rows');
    expect(rows?.sum?.isMonotonic).toBe(true);
    expect(pointsOf(rows, { operation: 'read' })[0]?.asDouble).toBe(2);
    expect(metrics.get('hydrogen.store')).toMatchObject({ unit: 'By', gauge: expect.anything() });
    expect(metrics.get('nodejs.eventloop.delay.p99')?.unit).toBe('s');
  }, 20_000);
});

test('sessions of the HTTP server go to the collector, though nobody reads /metrics', async () => {
  const { metrics, url } = await openCollector();
  vi.stubEnv('OTEL_METRIC_EXPORT_INTERVAL', '200');
  onTestFinished(() => void vi.unstubAllEnvs());
  const app = await sending(url, { settings: { httpPort: 0 } });
  const { serveOnHttp } = await import('../../src/transports/http.ts');
  const server = await serveOnHttp(app);
  onTestFinished(() => server.close());
  await httpClient(server.url, '2025-11-25');
  await vi.waitFor(() => {
    expect(metrics.get('hydrogen.sessions')?.gauge?.dataPoints[0]?.asDouble).toBe(1);
  }, 20_000);
});

test('a gauge that was never measured is not sent when the server ends', async () => {
  const { metrics, url } = await openCollector();
  const app = await sending(url);
  await call(await clientOf(app), 'count', { collection: 'notes' });
  await app.close();
  expect(metrics.get('hydrogen.calls')).toBeDefined();
  expect(metrics.get('hydrogen.store')).toBeUndefined();
});

test('with a collector alone nothing is served at /metrics', async () => {
  const { url } = await openCollector();
  const app = await sending(url, { settings: { httpPort: 0 } });
  const { serveOnHttp } = await import('../../src/transports/http.ts');
  const server = await serveOnHttp(app);
  onTestFinished(() => server.close());
  expect((await fetch(server.url.replace(/mcp$/, 'metrics'))).status).toBe(404);
});

test('OTEL_METRICS_EXPORTER=none keeps metrics from being sent', async () => {
  vi.stubEnv('OTEL_METRICS_EXPORTER', 'none');
  onTestFinished(() => void vi.unstubAllEnvs());
  const { metrics, spans, url } = await openCollector();
  const app = await sending(url);
  await call(await clientOf(app), 'count', { collection: 'notes' });
  await app.close();
  expect(spans.length).toBeGreaterThan(0);
  expect(metrics.size).toBe(0);
});
