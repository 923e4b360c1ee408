import type { DispatchRequest, Middleware } from '../dispatch.ts';
import type { Logger } from '../observability/log.ts';
import { requestContext } from '../observability/request-context.ts';
import { inSpan, type SpanOptions } from '../observability/spans.ts';
import type { StoreObserver } from '../stores/documents/observed.ts';
import { databaseAttributes, errorType, mcpAttributes } from '../telemetry/conventions.ts';
import type { SpanFailure, Spans } from './spans.ts';

export interface Tracing {
  /** A span for every request, and for every step of a run. */
  readonly middleware: Middleware;
  /** A span for each use of a document store that belongs to one. */
  readonly storeUse: StoreObserver;
  close(): Promise<void>;
}

/** Characters of a name in a trace: clients may send any. */
const maxNameLength = 100;

function spanOf({ kind, action, name }: DispatchRequest, caller: string): SpanOptions {
  const isNamed = name !== undefined && (kind === 'tool' || kind === 'prompt');
  const shown = isNamed ? name.slice(0, maxNameLength) : undefined;
  const attributes = { ...mcpAttributes(kind, action, shown), 'user.id': caller };
  const method = attributes['mcp.method.name'];
  return {
    name: shown === undefined ? method : `${method} ${shown}`,
    kind: kind === 'command' ? 'internal' : 'server',
    attributes,
  };
}

const faults: readonly string[] = ['internal', 'unavailable', 'timeout'];

function failureOf(error: unknown): SpanFailure {
  const type = errorType(error);
  return { type, isFault: faults.includes(type) };
}

/**
 * Traces for a collector that speaks OTLP over HTTP. The SDK is loaded now; where that fails, or the collector is away,
 * nothing but the traces is lost.
 * @param url of the collector; by default what the environment says (`OTEL_EXPORTER_OTLP_ENDPOINT`)
 */
export function openTracing(url: string | undefined, log: Logger): Tracing {
  const loading = import('./spans.ts').then(
    ({ openSpans }): Spans | undefined => openSpans(url, log, failureOf),
    (err: unknown) => {
      log.warn({ err }, 'there are no traces');
      return undefined;
    },
  );

  async function within<T>(options: SpanOptions, work: () => Promise<T>): Promise<T> {
    const spans = await loading;
    return spans ? spans.around(options, work) : work();
  }

  return {
    middleware: (request, call, next) =>
      within(spanOf(request, call.caller.id), () => {
        const trace = requestContext.current()?.trace;
        const { origin } = call;
        return next(origin && trace !== undefined ? { ...call, origin: { ...origin, trace } } : call);
      }),
    storeUse: (use, work) =>
      inSpan(
        () => ({
          name: use.collection === undefined ? use.operation : `${use.operation} ${use.collection}`,
          kind: use.kind === 'mongodb' ? 'client' : 'internal',
          attributes: databaseAttributes(use),
        }),
        work,
      ),
    close: async () => (await loading)?.close(),
  };
}
