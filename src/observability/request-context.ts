import { AsyncLocalStorage } from 'node:async_hooks';

/** What the log lines of a request have in common. */
interface RequestContext {
  /** Tells the request from all others of this process. */
  readonly request: string;
  /** Of the trace that the request is part of (W3C Trace Context): 32 hexadecimal digits. */
  readonly trace?: string;
}

export const requestContext = new AsyncLocalStorage<RequestContext>();

/** The trace id in a `traceparent`; undefined where it is none. */
export function traceIdOf(traceparent: unknown): string | undefined {
  if (typeof traceparent !== 'string') return undefined;
  const [, id] = /^[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}/.exec(traceparent) ?? [];
  return id === undefined || /^0+$/.test(id) ? undefined : id;
}
