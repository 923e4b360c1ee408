import { AsyncLocalStorage } from 'node:async_hooks';
import {
  type Attributes,
  type Context,
  DiagLogLevel,
  diag,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BatchSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import type { Logger } from '../observability/log.ts';
import { requestContext } from '../observability/request-context.ts';
import { version } from '../version.ts';

export interface SpanOptions {
  readonly name: string;
  readonly attributes: Attributes;
  /** `server` only where no span is around it. */
  readonly kind: 'server' | 'client' | 'internal';
}

/** How a span ended that failed. */
export interface SpanFailure {
  readonly type: string;
  /** Whether something of ours is wrong, not what was asked. */
  readonly isFault: boolean;
}

export interface Spans {
  /** Does work in a span, below the one that it is done in, or that of the client. */
  around<T>(
    options: SpanOptions,
    work: () => Promise<T>,
    failed: (error: unknown) => SpanFailure,
  ): Promise<T>;
  /** Sends what has not been sent. */
  close(): Promise<void>;
}

/** Pauses between two log lines about a collector that is away, ms. */
const quietMs = 60_000;
/** How long the last spans may take, ms. */
const closeMs = 1_000;

const kinds = { server: SpanKind.SERVER, client: SpanKind.CLIENT, internal: SpanKind.INTERNAL } as const;

/** Has the log say what the SDK would keep to itself. @returns the same for what it throws */
function warnOfCollector(log: Logger): (error: unknown) => void {
  let saidAt = Number.NEGATIVE_INFINITY;
  const warn = (message: string): void => {
    if (performance.now() - saidAt < quietMs) return;
    saidAt = performance.now();
    log.warn({ err: { message } }, 'traces are not taken: check otlpUrl, and that the collector runs');
  };
  const quiet = (): void => {};
  diag.setLogger(
    { error: warn, warn: quiet, info: quiet, debug: quiet, verbose: quiet },
    { logLevel: DiagLogLevel.ERROR, suppressOverrideMessage: true },
  );
  return (error) => warn(error instanceof Error ? error.message : String(error));
}

/** @param url of a collector, without the path of its traces; by default what the environment says */
export function openSpans(url: string | undefined, log: Logger): Spans {
  const warn = warnOfCollector(log);
  const address = url?.replace(/\/(v1\/traces)?\/?$/, '');
  const exporter = new OTLPTraceExporter(address === undefined ? {} : { url: `${address}/v1/traces` });
  const provider = new TracerProvider({
    resource: resourceFromAttributes({ 'service.name': 'hydrogen-mcp', 'service.version': version }),
    spanProcessors: [new BatchSpanProcessor({ exporter })],
  });
  const tracer = provider.getTracer('hydrogen-mcp', version);
  const active = new AsyncLocalStorage<Context>();

  function around(): { readonly context: Context; readonly isNested: boolean } {
    const within = active.getStore();
    if (within) return { context: within, isNested: true };
    const { remote } = requestContext.current() ?? {};
    if (!remote) return { context: ROOT_CONTEXT, isNested: false };
    const { traceId, spanId, flags: traceFlags } = remote;
    const parent = { traceId, spanId, traceFlags, isRemote: true };
    return { context: trace.setSpanContext(ROOT_CONTEXT, parent), isNested: false };
  }

  return {
    async around({ name, attributes, kind }, work, failed) {
      const { context, isNested } = around();
      const shown = kind === 'server' && isNested ? 'internal' : kind;
      const span = tracer.startSpan(name, { kind: kinds[shown], attributes }, context);
      const current = requestContext.current();
      if (current && current.trace === undefined) current.trace = span.spanContext().traceId;
      try {
        return await active.run(trace.setSpan(context, span), work);
      } catch (error) {
        const { type, isFault } = failed(error);
        span.setAttribute('error.type', type);
        if (isFault) span.setStatus({ code: SpanStatusCode.ERROR });
        throw error;
      } finally {
        span.end();
      }
    },
    async close() {
      await Promise.race([
        provider.shutdown().catch(warn),
        new Promise((resolve) => setTimeout(resolve, closeMs).unref()),
      ]);
    },
  };
}
