export type Query = readonly [expression: string, legend: string];

export interface Panel {
  readonly title: string;
  /** What to make of it. */
  readonly description: string;
  /** Of Grafana's: `s`, `bytes`, `short` … */
  readonly unit: string;
  readonly queries: readonly Query[];
  readonly isStacked?: true;
}

/** The instances that are chosen on the dashboard. */
const here = 'instance=~"$instance"';

const quantile = (q: number): Query => [
  `histogram_quantile(${q}, sum by (le, name) (rate(hydrogen_call_duration_seconds_bucket{${here}, kind="tool"}[$__rate_interval])))`,
  `{{name}} p${q * 100}`,
];

/** What a Grafana dashboard shows, row by row. */
export const panels: Readonly<Record<string, readonly Panel[]>> = {
  Calls: [
    {
      title: 'Calls by tool',
      description: 'Calls of tools a second, those of workflow steps included.',
      unit: 'cps',
      queries: [
        [
          `sum by (name) (rate(hydrogen_calls_total{${here}, kind="tool", action="call"}[$__rate_interval]))`,
          '{{name}}',
        ],
      ],
      isStacked: true,
    },
    {
      title: 'Calls without success, by outcome',
      description:
        'internal, unavailable and timeout are faults of the server, the others of the call; question means that a person is asked first.',
      unit: 'cps',
      queries: [
        [
          `sum by (outcome) (rate(hydrogen_calls_total{${here}, outcome!="ok"}[$__rate_interval]))`,
          '{{outcome}}',
        ],
      ],
      isStacked: true,
    },
    {
      title: 'Median duration',
      description: 'By tool.',
      unit: 's',
      queries: [quantile(0.5)],
    },
    {
      title: '99th percentile of the duration',
      description: 'By tool: one call in a hundred takes longer.',
      unit: 's',
      queries: [quantile(0.99)],
    },
  ],
  Limits: [
    {
      title: 'Refusals by limit',
      description:
        'Refusals a second. pressure and callsInAll are limits of the server, the others those of callers.',
      unit: 'cps',
      queries: [[`sum by (limit) (rate(hydrogen_limits_hit_total{${here}}[$__rate_interval]))`, '{{limit}}']],
      isStacked: true,
    },
    {
      title: 'Refused HTTP requests',
      description: '401 is a credential that is missing or wrong, 429 a limit, 503 too much to do.',
      unit: 'reqps',
      queries: [
        [
          `sum by (status) (rate(hydrogen_http_requests_total{${here}, status=~"[45].."}[$__rate_interval]))`,
          '{{status}}',
        ],
      ],
      isStacked: true,
    },
    {
      title: 'In progress',
      description: 'Calls, sessions and open streams.',
      unit: 'short',
      queries: [
        [`sum(hydrogen_calls_in_progress{${here}})`, 'calls'],
        [`sum(hydrogen_sessions{${here}})`, 'sessions'],
        [`sum(hydrogen_streams{${here}})`, 'streams'],
      ],
    },
  ],
  Work: [
    {
      title: 'Unfinished runs',
      description: 'pending is the queue. Nodes with a common journal all report the same runs.',
      unit: 'short',
      queries: [[`max by (state) (hydrogen_runs{${here}})`, '{{state}}']],
    },
    {
      title: 'Finished runs',
      description: 'In an hour, by state.',
      unit: 'short',
      queries: [[`sum by (state) (increase(hydrogen_runs_ended_total{${here}}[1h]))`, '{{state}}']],
    },
    {
      title: 'Passages without a vector',
      description: 'The backlog of the model: until it is done, search finds these by words only.',
      unit: 'short',
      queries: [[`max(hydrogen_library_vectors_missing{${here}})`, 'passages']],
    },
  ],
  Servers: [
    {
      title: 'Servers up',
      description: '1 for one that answers, 0 for one that does not.',
      unit: 'short',
      queries: [[`min by (backend) (hydrogen_backend_up{${here}})`, '{{backend}}']],
    },
    {
      title: 'Open circuit breakers',
      description: 'How many nodes send no calls to the server for now.',
      unit: 'short',
      queries: [[`sum by (backend) (hydrogen_backend_state{${here}, state="down"})`, '{{backend}}']],
    },
    {
      title: 'Duration of store uses',
      description: '99th percentile, by connection.',
      unit: 's',
      queries: [
        [
          `histogram_quantile(0.99, sum by (le, connection) (rate(hydrogen_store_duration_seconds_bucket{${here}}[$__rate_interval])))`,
          '{{connection}}',
        ],
      ],
    },
  ],
  Process: [
    {
      title: 'Size of the store file',
      description: 'The file, and what of it is free to be used again.',
      unit: 'bytes',
      queries: [
        [`hydrogen_store_bytes{${here}}`, '{{instance}}'],
        [`hydrogen_store_free_bytes{${here}}`, '{{instance}} free'],
      ],
    },
    {
      title: 'Event loop delay',
      description: '99th percentile. Where its mean exceeds maxEventLoopDelayMs, requests are refused.',
      unit: 's',
      queries: [[`nodejs_eventloop_lag_p99_seconds{${here}}`, '{{instance}}']],
    },
    {
      title: 'Memory',
      description: 'Of the process; the model and the reading of files are processes of their own.',
      unit: 'bytes',
      queries: [
        [`process_resident_memory_bytes{${here}}`, '{{instance}}'],
        [`nodejs_heap_size_used_bytes{${here}}`, '{{instance}} heap'],
      ],
    },
  ],
};
