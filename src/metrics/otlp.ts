import { type Attributes, type HrTime, ValueType } from '@opentelemetry/api';
import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-http';
import {
  AggregationTemporality,
  type CollectionResult,
  DataPointType,
  MeterProvider,
  type MetricData,
  type MetricProducer,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import type { Logger } from '../observability/log.ts';
import { addressFor, ownResource, sentInTime, warnOfCollector } from '../telemetry/collector.ts';
import { version } from '../version.ts';
import { type Measured, readInstruments, type SeriesReading } from './readings.ts';

/** How often metrics are sent, ms, where `OTEL_METRIC_EXPORT_INTERVAL` does not say it. */
const usualIntervalMs = 60_000;

const timeOf = (ms: number): HrTime => [Math.floor(ms / 1_000), (ms % 1_000) * 1_000_000];

/** A histogram as OTLP has it: its buckets each count their own. */
function histogramOf({ buckets, sum, count }: Extract<SeriesReading, { buckets: unknown }>) {
  const finite = buckets.filter(([bound]) => Number.isFinite(bound));
  const upTo = [0, ...finite.map(([, below]) => below), count];
  return {
    buckets: {
      boundaries: finite.map(([bound]) => bound),
      counts: upTo.slice(1).map((below, i) => below - (upTo[i] ?? 0)),
    },
    sum,
    count,
  };
}

function dataOf(
  { name, unit, description, type, readings }: Measured,
  since: HrTime,
  now: HrTime,
): MetricData {
  const common = {
    descriptor: { name, unit, description, valueType: ValueType.DOUBLE },
    aggregationTemporality: AggregationTemporality.CUMULATIVE,
  };
  const point = <T>(attributes: Attributes, value: T) => ({
    startTime: since,
    endTime: now,
    attributes,
    value,
  });
  if (type === 'histogram') {
    const points = readings.flatMap((one) =>
      'buckets' in one ? [point(one.attributes, histogramOf(one))] : [],
    );
    return { ...common, dataPointType: DataPointType.HISTOGRAM, dataPoints: points };
  }
  const points = readings.flatMap((one) => ('value' in one ? [point(one.attributes, one.value)] : []));
  return type === 'counter'
    ? { ...common, dataPointType: DataPointType.SUM, isMonotonic: true, dataPoints: points }
    : { ...common, dataPointType: DataPointType.GAUGE, dataPoints: points };
}

export interface MetricsExport {
  /** Sends what has not been sent. */
  close(): Promise<void>;
}

/**
 * Sends the instruments of Prometheus to a collector, from time to time, under the names that OpenTelemetry has for them.
 * @param url of a collector, without the path of its metrics; by default what the environment says
 * @param refresh brings the gauges up to date
 */
export function openMetricsExport(
  url: string | undefined,
  log: Logger,
  register: Parameters<typeof readInstruments>[0],
  refresh: () => Promise<void>,
): MetricsExport {
  const warn = warnOfCollector(log);
  const since = timeOf(Date.now() - performance.now());
  const resource = ownResource();
  let isClosing = false;

  const producer: MetricProducer = {
    async collect(): Promise<CollectionResult> {
      if (!isClosing) await refresh();
      const now = timeOf(Date.now());
      const all = await readInstruments(register);
      // At the end what a gauge is about ends, too, and nobody may have measured it yet.
      const sent = isClosing ? all.filter(({ type }) => type !== 'gauge') : all;
      const metrics = sent.map((one) => dataOf(one, since, now));
      const scope = { name: 'hydrogen-mcp', version };
      return { resourceMetrics: { resource, scopeMetrics: [{ scope, metrics }] }, errors: [] };
    },
  };
  const wanted = Number(process.env['OTEL_METRIC_EXPORT_INTERVAL']);
  const exportIntervalMillis = wanted >= 100 ? wanted : usualIntervalMs;
  const reader = new PeriodicExportingMetricReader({
    exporter: new OTLPMetricExporter(addressFor('metrics', url)),
    exportIntervalMillis,
    exportTimeoutMillis: Math.min(exportIntervalMillis, 30_000),
    metricProducers: [producer],
  });
  const provider = new MeterProvider({ resource, readers: [reader] });
  return {
    close() {
      isClosing = true;
      return sentInTime(provider.shutdown().catch(warn));
    },
  };
}
