import { AsyncLocalStorage } from 'node:async_hooks';

/** A trace that a client has begun (W3C Trace Context), and the span in it that the request belongs to. */
interface RemoteTrace {
  /** 32 hexadecimal digits. */
  readonly traceId: string;
  /** 16 of them. */
  readonly spanId: string;
  readonly flags: number;
}

/** What is known of a request wherever it is served; `request` and `trace` are in each of its log lines. */
export interface RequestContext {
  /** Tells the request over HTTP from all others. */
  readonly request?: string;
  /** The address that it came from. */
  readonly address?: string;
  /** The id of the trace that it is part of: set late, when it begins one itself. */
  trace?: string;
  readonly remote?: RemoteTrace;
}

const contexts = new AsyncLocalStorage<RequestContext>();

export const requestContext = {
  current: (): RequestContext | undefined => contexts.getStore(),
  run: <T>(context: RequestContext, work: () => T): T => contexts.run(context, work),
  /** For log lines. */
  logged(): object {
    const { request, trace } = contexts.getStore() ?? {};
    return { ...(request !== undefined && { request }), ...(trace !== undefined && { trace }) };
  },
};

/** What a `traceparent` says; undefined where it is none. */
function remoteTraceOf(traceparent: unknown): RemoteTrace | undefined {
  if (typeof traceparent !== 'string') return undefined;
  const [, traceId = '', spanId = '', flags = ''] =
    /^(?!ff)[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(?:$|-)/.exec(traceparent) ?? [];
  if (!/[1-9a-f]/.test(traceId) || !/[1-9a-f]/.test(spanId)) return undefined;
  return { traceId, spanId, flags: Number.parseInt(flags, 16) };
}

/** The context of a request with this `traceparent`, within another one. */
export function contextWith(traceparent: unknown, outer: RequestContext = {}): RequestContext {
  const remote = remoteTraceOf(traceparent);
  return { ...outer, ...(remote && { remote, trace: remote.traceId }) };
}
