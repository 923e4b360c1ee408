import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { onTestFinished } from 'vitest';

interface Attribute {
  readonly key: string;
  readonly value: { readonly stringValue?: string };
}

export interface SentSpan {
  readonly name: string;
  readonly kind: number;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly status: { readonly code?: number };
  readonly attributes: readonly Attribute[];
}

interface SentPoint {
  readonly attributes: readonly Attribute[];
  readonly asDouble?: number;
  readonly count?: number;
  readonly sum?: number;
  readonly bucketCounts?: readonly number[];
  readonly explicitBounds?: readonly number[];
}

export interface SentMetric {
  readonly name: string;
  readonly unit: string;
  readonly sum?: { readonly isMonotonic: boolean; readonly dataPoints: readonly SentPoint[] };
  readonly gauge?: { readonly dataPoints: readonly SentPoint[] };
  readonly histogram?: { readonly dataPoints: readonly SentPoint[] };
}

interface Sent {
  readonly resourceSpans?: readonly {
    readonly scopeSpans: readonly { readonly spans: readonly SentSpan[] }[];
  }[];
  readonly resourceMetrics?: readonly {
    readonly resource: { readonly attributes: readonly Attribute[] };
    readonly scopeMetrics: readonly { readonly metrics: readonly SentMetric[] }[];
  }[];
}

export const attributesOf = (
  sent: { readonly attributes: readonly Attribute[] } | undefined,
): Record<string, string | undefined> =>
  Object.fromEntries((sent?.attributes ?? []).map(({ key, value }) => [key, value.stringValue]));

/** A collector (OTLP over HTTP, JSON) that keeps the spans, and of each metric what it was last. */
export async function openCollector(status = 200) {
  const spans: SentSpan[] = [];
  const metrics = new Map<string, SentMetric>();
  const resource: Record<string, string | undefined> = {};
  const server = createServer(async (request, response) => {
    const { resourceSpans = [], resourceMetrics = [] } = JSON.parse(await text(request)) as Sent;
    if (request.url === '/v1/traces')
      spans.push(...resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap((one) => one.spans)));
    for (const sent of request.url === '/v1/metrics' ? resourceMetrics : []) {
      Object.assign(resource, attributesOf(sent.resource));
      for (const one of sent.scopeMetrics.flatMap((scope) => scope.metrics)) metrics.set(one.name, one);
    }
    response.writeHead(status, { 'content-type': 'application/json' }).end('{}');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { spans, metrics, resource, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}
