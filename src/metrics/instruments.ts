import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

/** Upper bounds of the durations, s. */
const buckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
const storeBuckets = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10];

/** Gauges that the client names like counters, which Prometheus' conventions do not allow. */
const misnamed = [
  'nodejs_active_handles_total',
  'nodejs_active_requests_total',
  'nodejs_active_resources_total',
];

/** Everything that is counted while it happens. Only this file and what it returns know the client for Prometheus. */
export function createInstruments() {
  const register = new Registry();
  const registers = [register];
  collectDefaultMetrics({ register });
  for (const name of misnamed) register.removeSingleMetric(name);
  const counter = <Label extends string>(name: string, help: string, labelNames: readonly Label[]) =>
    new Counter({ name, help, labelNames, registers });
  const gauge = <Label extends string>(name: string, help: string, labelNames: readonly Label[] = []) =>
    new Gauge({ name, help, labelNames, registers });
  return {
    register,
    calls: counter('hydrogen_calls_total', 'Requests of clients and steps of runs, by how they ended.', [
      'kind',
      'action',
      'name',
      'operation',
      'outcome',
    ]),
    durations: new Histogram({
      name: 'hydrogen_call_duration_seconds',
      help: 'How long they took.',
      labelNames: ['kind', 'action', 'name', 'outcome'] as const,
      buckets,
      registers,
    }),
    storeDurations: new Histogram({
      name: 'hydrogen_store_duration_seconds',
      help: 'How long uses of document stores took.',
      labelNames: ['connection', 'kind', 'operation', 'outcome'] as const,
      buckets: storeBuckets,
      registers,
    }),
    underWay: gauge('hydrogen_calls_in_progress', 'Requests under way.'),
    rows: counter('hydrogen_rows_total', 'Rows, passages and documents that were returned or changed.', [
      'operation',
    ]),
    answerBytes: counter('hydrogen_answer_bytes_total', 'Text of answers to clients.', ['operation']),
    limits: counter('hydrogen_limits_hit_total', 'Refusals by a limit.', ['limit', 'operation']),
    requests: counter('hydrogen_http_requests_total', 'HTTP requests by path and status.', [
      'method',
      'path',
      'status',
    ]),
    sessions: gauge('hydrogen_sessions', 'Sessions of HTTP clients in memory.'),
    streams: gauge('hydrogen_streams', 'Open streams on which HTTP clients listen.'),
    runs: gauge('hydrogen_runs', 'Runs of workflows that have not ended.', ['state']),
    runsEnded: counter('hydrogen_runs_ended_total', 'Runs that this process has ended.', ['state']),
    storeBytes: gauge('hydrogen_store_bytes', 'Size of the store file.'),
    storeFreeBytes: gauge(
      'hydrogen_store_free_bytes',
      'Part of the store file that is free to be used again.',
    ),
    documents: gauge('hydrogen_library_documents', 'Documents in the library.'),
    passages: gauge('hydrogen_library_passages', 'Passages in the library.'),
    backlog: gauge('hydrogen_library_vectors_missing', 'Passages that have no vector yet.'),
    backendUp: gauge('hydrogen_backend_up', '1 for a server that answers, 0 for one that does not.', [
      'backend',
    ]),
    backends: gauge('hydrogen_backend_state', '1 for the state that calls have last found a server in.', [
      'backend',
      'state',
    ]),
  };
}

export type Instruments = ReturnType<typeof createInstruments>;
