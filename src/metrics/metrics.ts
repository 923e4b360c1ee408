import { type Call, type Caller, type Operation, systemCall } from '../call.ts';
import type { DispatchRequest, Middleware } from '../dispatch.ts';
import type { Logger } from '../observability/log.ts';
import { countRows } from '../policy/counted-rows.ts';
import { prompts } from '../prompts/prompts.ts';
import { fixedResources, resourceTemplates } from '../resources/resources.ts';
import type { StoreObserver } from '../stores/documents/observed.ts';
import type { Journal } from '../stores/journal/types.ts';
import { errorType } from '../telemetry/conventions.ts';
import { tools } from '../tools/tools.ts';
import { collect, type MetricSources } from './collect.ts';
import type { Instruments } from './instruments.ts';
import type { MetricsExport } from './otlp.ts';

/** An HTTP request that was answered; the path is one of few. */
interface AnsweredRequest {
  readonly method: string;
  readonly path: string;
  readonly status: number;
}

/** What the HTTP server has, asked when the metrics are. */
interface HttpGauges {
  readonly sessions: number;
  readonly streams: number;
}

export interface Metrics {
  /** Counts and times every request. */
  readonly middleware: Middleware;
  /** Times every use of a document store. */
  readonly storeUse: StoreObserver;
  sent(operation: Operation, caller: Caller, bytes: number): void;
  limitHit(limit: string, operation?: Operation): void;
  request(answered: AnsweredRequest): void;
  /** The same journal, which counts the runs that end. */
  counting(journal: Journal): Journal;
  /** From here on what the HTTP server has is measured, too. */
  measureHttp(gauges: () => HttpGauges): void;
  /** All of them in the text format of Prometheus. */
  text(call: Call): Promise<{ readonly type: string; readonly text: string }>;
  /** Sends what a collector has not been sent. */
  close(): Promise<void>;
}

/** A collector that metrics are sent to. */
export interface MetricsCollector {
  /** Without the path of its metrics; by default what the environment says. */
  readonly url: string | undefined;
  readonly log: Logger;
}

const namesOf = (all: readonly { readonly name: string }[]): ReadonlySet<string> =>
  new Set(all.map(({ name }) => name));
const knownNames: Readonly<Partial<Record<DispatchRequest['kind'], ReadonlySet<string>>>> = {
  tool: namesOf(tools),
  prompt: namesOf(prompts),
  resource: namesOf([...fixedResources, ...resourceTemplates]),
};

/** A client may send any name, and each would be a series that stays. */
function nameLabel({ kind, name }: DispatchRequest): string {
  if (name === undefined) return '';
  return knownNames[kind]?.has(name) ? name : 'unknown';
}

/** How long a collection for a collector may take, ms. */
const refreshMs = 5_000;

/**
 * Metrics for Prometheus, and for a collector where one is given. Their libraries are loaded now, and what happens before is
 * counted then.
 */
export function openMetrics(sources: () => MetricSources, collector?: MetricsCollector): Metrics {
  const loading = import('./instruments.ts').then(({ createInstruments }) => createInstruments());
  // Whoever asks for them is told.
  loading.catch(() => {});
  const count = (how: (instruments: Instruments) => void): void => void loading.then(how, () => {});
  let underWay = 0;
  let http: (() => HttpGauges) | undefined;

  async function refreshed(call: Call): Promise<Instruments> {
    const instruments = await loading;
    instruments.underWay.set(underWay);
    if (http) {
      const { sessions, streams } = http();
      instruments.sessions.set(sessions);
      instruments.streams.set(streams);
    }
    await collect(sources(), instruments, call);
    return instruments;
  }

  async function sendTo({ url, log }: MetricsCollector): Promise<MetricsExport> {
    const [{ register }, { openMetricsExport }] = await Promise.all([loading, import('./otlp.ts')]);
    const refresh = async (): Promise<void> =>
      void (await refreshed(systemCall(log, { limitMs: refreshMs })));
    return openMetricsExport(url, log, register, refresh);
  }
  const sending = collector && sendTo(collector);
  sending?.catch((err: unknown) => collector?.log.warn({ err }, 'no metrics are sent'));

  return {
    async middleware(request, call, next) {
      const { kind, action, operation } = request;
      const begun = performance.now();
      let outcome = 'ok';
      let rows = 0;
      underWay++;
      try {
        return await countRows(call, next, (counted) => {
          rows = counted;
        });
      } catch (error) {
        outcome = errorType(error);
        throw error;
      } finally {
        underWay--;
        const name = nameLabel(request);
        const seconds = (performance.now() - begun) / 1_000;
        count((instruments) => {
          instruments.calls.inc({ kind, action, name, operation, outcome });
          instruments.durations.observe({ kind, action, name, outcome }, seconds);
          if (rows > 0) instruments.rows.inc({ operation }, rows);
        });
      }
    },
    async storeUse({ connection, kind, operation }, work) {
      const begun = performance.now();
      let outcome = 'ok';
      try {
        return await work();
      } catch (error) {
        outcome = errorType(error);
        throw error;
      } finally {
        const seconds = (performance.now() - begun) / 1_000;
        count(({ storeDurations }) =>
          storeDurations.observe({ connection, kind, operation, outcome }, seconds),
        );
      }
    },
    sent: (operation, _caller, bytes) => count(({ answerBytes }) => answerBytes.inc({ operation }, bytes)),
    limitHit: (limit, operation) => count(({ limits }) => limits.inc({ limit, operation: operation ?? '' })),
    request: ({ method, path, status }) => count(({ requests }) => requests.inc({ method, path, status })),
    counting: (journal) => ({
      ...journal,
      async finish(lease, end, call) {
        await journal.finish(lease, end, call);
        count(({ runsEnded }) => runsEnded.inc({ state: end.state }));
      },
    }),
    measureHttp(gauges) {
      http = gauges;
    },
    async text(call) {
      const { register } = await refreshed(call);
      return { type: register.contentType, text: await register.metrics() };
    },
    close: async () => (await sending?.catch(() => undefined))?.close(),
  };
}
