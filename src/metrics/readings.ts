import type { Registry } from 'prom-client';
import type { DispatchRequest } from '../dispatch.ts';
import { databaseAttributes, mcpAttributes } from '../telemetry/conventions.ts';

type Labels = Readonly<Record<string, string>>;

/** What a series of an instrument says at this moment. */
export type SeriesReading =
  | { readonly attributes: Labels; readonly value: number }
  | {
      readonly attributes: Labels;
      /** By upper bound, each with all below it. */
      readonly buckets: readonly (readonly [bound: number, below: number])[];
      readonly sum: number;
      readonly count: number;
    };

/** An instrument under the name that OpenTelemetry has for it. */
export interface Measured {
  readonly name: string;
  /** By UCUM: `s`, `By`, `1`. */
  readonly unit: string;
  readonly description: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly readings: readonly SeriesReading[];
}

interface Convention {
  readonly name: string;
  readonly attributes?: (labels: Labels) => Labels;
}

/** A failure only: what went well has no such attribute. */
const errorOf = (outcome: string | undefined): Labels =>
  outcome === undefined || outcome === 'ok' ? {} : { 'error.type': outcome };

function ofRequest({ kind, action, name, outcome }: Labels): Labels {
  const known = mcpAttributes(
    kind as DispatchRequest['kind'],
    action as DispatchRequest['action'],
    name === '' ? undefined : name,
  );
  return { ...known, ...errorOf(outcome) };
}

function ofStore({ connection = '', kind, operation = '', outcome }: Labels): Labels {
  const use = { connection, operation, kind: kind === 'mongodb' ? 'mongodb' : 'embedded' } as const;
  return { ...databaseAttributes(use), ...errorOf(outcome) };
}

/** What the semantic conventions for MCP, databases, processes and Node have a name for. */
const conventions: Readonly<Record<string, Convention>> = {
  hydrogen_call_duration_seconds: { name: 'mcp.server.operation.duration', attributes: ofRequest },
  hydrogen_store_duration_seconds: { name: 'db.client.operation.duration', attributes: ofStore },
  process_cpu_seconds_total: { name: 'process.cpu.time' },
  process_resident_memory_bytes: { name: 'process.memory.usage' },
  process_virtual_memory_bytes: { name: 'process.memory.virtual' },
  nodejs_eventloop_lag_min_seconds: { name: 'nodejs.eventloop.delay.min' },
  nodejs_eventloop_lag_max_seconds: { name: 'nodejs.eventloop.delay.max' },
  nodejs_eventloop_lag_mean_seconds: { name: 'nodejs.eventloop.delay.mean' },
  nodejs_eventloop_lag_stddev_seconds: { name: 'nodejs.eventloop.delay.stddev' },
  nodejs_eventloop_lag_p50_seconds: { name: 'nodejs.eventloop.delay.p50' },
  nodejs_eventloop_lag_p90_seconds: { name: 'nodejs.eventloop.delay.p90' },
  nodejs_eventloop_lag_p99_seconds: { name: 'nodejs.eventloop.delay.p99' },
};

const unitOf = (name: string): string => {
  if (/_seconds(?:_total)?$/.test(name)) return 's';
  return /_bytes(?:_total)?$/.test(name) ? 'By' : '1';
};

/** The unit is told beside the name, and a sum is one by its type. */
const dotted = (name: string): string =>
  name.replace(/(?:_(?:seconds|bytes))?(?:_total)?$/, '').replaceAll('_', '.');

interface Value {
  readonly metricName?: string;
  readonly labels: Partial<Record<string, string | number>>;
  readonly value: number;
}

/** Without the bound of a bucket, and without what is empty. */
function labelsOf(given: Value['labels']): Labels {
  const all = Object.entries(given).filter(([name, value]) => name !== 'le' && value !== '');
  return Object.fromEntries(all.map(([name, value]) => [name, String(value)]));
}

function histograms(
  name: string,
  values: readonly Value[],
  attributes: (labels: Labels) => Labels,
): SeriesReading[] {
  const series = Map.groupBy(values, ({ labels }) => JSON.stringify(labelsOf(labels)));
  return [...series.values()].map((parts) => {
    const partOf = (suffix: string): number =>
      parts.find(({ metricName }) => metricName === `${name}_${suffix}`)?.value ?? 0;
    const buckets = parts
      .filter(({ metricName }) => metricName === `${name}_bucket`)
      .map(({ labels, value }): [number, number] => [
        labels['le'] === '+Inf' ? Number.POSITIVE_INFINITY : Number(labels['le']),
        value,
      ]);
    const [first] = parts;
    return {
      attributes: attributes(labelsOf(first?.labels ?? {})),
      buckets,
      sum: partOf('sum'),
      count: partOf('count'),
    };
  });
}

/** What the instruments say now. What has no number is left out. */
export async function readInstruments(register: Registry): Promise<Measured[]> {
  const all = await register.getMetricsAsJSON();
  return all.flatMap(({ name, help, type, values: given }) => {
    const kind = String(type);
    if (kind !== 'counter' && kind !== 'gauge' && kind !== 'histogram') return [];
    const values = given as readonly Value[];
    const { name: known = dotted(name), attributes = (labels: Labels) => labels } = conventions[name] ?? {};
    const readings =
      kind === 'histogram'
        ? histograms(name, values, attributes)
        : values
            .filter(({ value }) => Number.isFinite(value))
            .map(({ labels, value }) => ({ attributes: attributes(labelsOf(labels)), value }));
    return [{ name: known, unit: unitOf(name), description: help, type: kind, readings }];
  });
}
