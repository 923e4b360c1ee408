import type { Call, Caller, Operation } from '../call.ts';
import type { DispatchRequest, Middleware } from '../dispatch.ts';
import { HydrogenError } from '../errors.ts';
import { countRows } from '../policy/counted-rows.ts';
import { QuestionPending } from '../policy/question-pending.ts';
import { prompts } from '../prompts/prompts.ts';
import { fixedResources, resourceTemplates } from '../resources/resources.ts';
import type { Journal } from '../stores/journal/types.ts';
import { tools } from '../tools/tools.ts';
import { collect, type MetricSources } from './collect.ts';
import type { Instruments } from './instruments.ts';

/** An HTTP request that was answered; the path is one of few. */
interface AnsweredRequest {
  readonly method: string;
  readonly path: string;
  readonly status: number;
}

/** What the HTTP server has, asked when the metrics are. */
export interface HttpGauges {
  readonly sessions: number;
  readonly streams: number;
}

export interface Metrics {
  /** Counts and times every request. */
  readonly middleware: Middleware;
  sent(operation: Operation, caller: Caller, bytes: number): void;
  limitHit(limit: string, operation?: Operation): void;
  request(answered: AnsweredRequest): void;
  /** The same journal, which counts the runs that end. */
  counting(journal: Journal): Journal;
  /** All of them in the text format of Prometheus. */
  text(call: Call, http?: HttpGauges): Promise<{ readonly type: string; readonly text: string }>;
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

function outcomeOf(error: unknown): string {
  if (error instanceof QuestionPending) return 'question';
  return error instanceof HydrogenError ? error.code : 'internal';
}

/** Metrics for Prometheus. Their library is loaded now, and what happens before is counted then. */
export function openMetrics(sources: () => MetricSources): Metrics {
  const loading = import('./instruments.ts').then(({ createInstruments }) => createInstruments());
  // Whoever asks for them is told.
  loading.catch(() => {});
  const count = (how: (instruments: Instruments) => void): void => void loading.then(how, () => {});
  let underWay = 0;

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
        outcome = outcomeOf(error);
        throw error;
      } finally {
        underWay--;
        const name = nameLabel(request);
        const seconds = (performance.now() - begun) / 1_000;
        count((instruments) => {
          instruments.calls.inc({ kind, action, name, operation, outcome });
          instruments.durations.observe({ kind, name }, seconds);
          if (rows > 0) instruments.rows.inc({ operation }, rows);
        });
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
    async text(call, http) {
      const instruments = await loading;
      instruments.underWay.set(underWay);
      if (http) {
        instruments.sessions.set(http.sessions);
        instruments.streams.set(http.streams);
      }
      await collect(sources(), instruments, call);
      return { type: instruments.register.contentType, text: await instruments.register.metrics() };
    },
  };
}
