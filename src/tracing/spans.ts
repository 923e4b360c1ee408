import { AsyncLocalStorage } from 'node:async_hooks';
import { type Context, ROOT_CONTEXT, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { BatchSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import type { Logger } from '../observability/log.ts';
import { requestContext } from '../observability/request-context.ts';
import { type InSpan, tracedBy } from '../observability/spans.ts';
import { addressFor, ownResource, sentInTime, warnOfCollector } from '../telemetry/collector.ts';
import { version } from '../version.ts';

/** How a span ended that failed. */
export interface SpanFailure {
  readonly type: string;
  /** Whether something of ours is wrong, not what was asked. */
  readonly isFault: boolean;
}

export interface Spans {
  /** Does work in a span, below the one that it is done in, or that of the client. */
  readonly around: InSpan;
  /** Sends what has not been sent. */
  close(): Promise<void>;
}

const kinds = { server: SpanKind.SERVER, client: SpanKind.CLIENT, internal: SpanKind.INTERNAL } as const;

/**
 * @param url of a collector, without the path of its traces; by default what the environment says
 * @param failureOf says how work ended that threw
 */
export function openSpans(
  url: string | undefined,
  log: Logger,
  failureOf: (error: unknown) => SpanFailure,
): Spans {
  const warn = warnOfCollector(log);
  const exporter = new OTLPTraceExporter(addressFor('traces', url));
  const provider = new TracerProvider({
    resource: ownResource(),
    spanProcessors: [new BatchSpanProcessor({ exporter })],
  });
  const tracer = provider.getTracer('hydrogen-mcp', version);
  const active = new AsyncLocalStorage<Context>();

  function contextAround(): { readonly context: Context; readonly isNested: boolean } {
    const within = active.getStore();
    if (within) return { context: within, isNested: true };
    const { remote } = requestContext.current() ?? {};
    if (!remote) return { context: ROOT_CONTEXT, isNested: false };
    const { traceId, spanId, flags: traceFlags } = remote;
    const parent = { traceId, spanId, traceFlags, isRemote: true };
    return { context: trace.setSpanContext(ROOT_CONTEXT, parent), isNested: false };
  }

  const around: InSpan = async ({ name, attributes, kind }, work) => {
    const { context, isNested } = contextAround();
    const shown = kind === 'server' && isNested ? 'internal' : kind;
    const span = tracer.startSpan(name, { kind: kinds[shown], attributes }, context);
    const current = requestContext.current();
    if (current && current.trace === undefined) current.trace = span.spanContext().traceId;
    try {
      return await active.run(trace.setSpan(context, span), () => tracedBy(below, work));
    } catch (error) {
      const { type, isFault } = failureOf(error);
      span.setAttribute('error.type', type);
      if (isFault) span.setStatus({ code: SpanStatusCode.ERROR });
      throw error;
    } finally {
      span.end();
    }
  };

  /** What a request began may go on for as long as the process does: that is not part of it. */
  const below: InSpan = (options, work) => {
    const within = active.getStore();
    return within && trace.getSpan(within)?.isRecording() ? around(options, work) : work();
  };

  return { around, close: () => sentInTime(provider.shutdown().catch(warn)) };
}
