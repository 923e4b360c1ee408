import type { DispatchRequest, Middleware } from '../dispatch.ts';
import { HydrogenError } from '../errors.ts';
import type { Logger } from '../observability/log.ts';
import { requestContext } from '../observability/request-context.ts';
import { QuestionPending } from '../policy/question-pending.ts';
import type { Connection, Connections } from '../stores/documents/connections.ts';
import type { DocumentStore } from '../stores/documents/document-store.ts';
import type { SpanFailure, SpanOptions, Spans } from './spans.ts';

export interface Tracing {
  /** A span for every request, and for every step of a run. */
  readonly middleware: Middleware;
  /** The same connections, with a span for each use of a store. */
  traced(connections: Connections): Connections;
  close(): Promise<void>;
}

const methods: Readonly<Record<DispatchRequest['kind'], Partial<Record<DispatchRequest['action'], string>>>> =
  {
    tool: { list: 'tools/list', call: 'tools/call' },
    resource: { list: 'resources/list', read: 'resources/read', subscribe: 'resources/subscribe' },
    prompt: { list: 'prompts/list', get: 'prompts/get' },
    command: {},
  };

/** By the semantic conventions for MCP. Arguments and names of documents are not in a trace. */
function spanOf({ kind, action, name }: DispatchRequest, caller: string): SpanOptions {
  const method =
    methods[kind][action] ?? (action === 'complete' ? 'completion/complete' : `${kind}/${action}`);
  const isNamed = name !== undefined && (kind === 'tool' || kind === 'prompt');
  return {
    name: isNamed ? `${method} ${name.slice(0, 100)}` : method,
    kind: kind === 'command' ? 'internal' : 'server',
    attributes: {
      'mcp.method.name': method,
      'user.id': caller,
      ...(kind === 'tool' &&
        isNamed && { 'gen_ai.operation.name': 'execute_tool', 'gen_ai.tool.name': name.slice(0, 100) }),
      ...(kind === 'prompt' && isNamed && { 'gen_ai.prompt.name': name.slice(0, 100) }),
    },
  };
}

const faults: readonly string[] = ['internal', 'unavailable', 'timeout'];

function failureOf(error: unknown): SpanFailure {
  if (error instanceof QuestionPending) return { type: 'question', isFault: false };
  const type = error instanceof HydrogenError ? error.code : 'internal';
  return { type, isFault: faults.includes(type) };
}

/** Those that answer once; a collection that is followed has no end. */
const storeMethods = [
  'databases',
  'collections',
  'describe',
  'find',
  'aggregate',
  'count',
  'distinct',
  'indexes',
  'explain',
  'put',
  'insert',
  'preview',
  'apply',
  'createIndex',
] as const satisfies readonly (keyof DocumentStore)[];

/** By the semantic conventions for databases, without what is asked. */
function storeSpanOf(operation: string, given: unknown, { name, kind }: Connection): SpanOptions {
  const { database, collection } = (typeof given === 'object' ? (given ?? {}) : {}) as Record<
    string,
    unknown
  >;
  return {
    name: typeof collection === 'string' ? `${operation} ${collection}` : operation,
    kind: kind === 'mongodb' ? 'client' : 'internal',
    attributes: {
      'db.system.name': kind === 'mongodb' ? 'mongodb' : 'hydrogen',
      'db.operation.name': operation,
      'hydrogen.connection': name,
      ...(typeof database === 'string' && { 'db.namespace': database }),
      ...(typeof collection === 'string' && { 'db.collection.name': collection }),
    },
  };
}

type Method = (...args: unknown[]) => Promise<unknown>;

/**
 * Traces for a collector that speaks OTLP over HTTP. The SDK is loaded now; where that fails, or the collector is away,
 * nothing but the traces is lost.
 * @param url of the collector; by default what the environment says (`OTEL_EXPORTER_OTLP_ENDPOINT`)
 */
export function openTracing(url: string | undefined, log: Logger): Tracing {
  const loading = import('./spans.ts').then(
    ({ openSpans }): Spans | undefined => openSpans(url, log),
    (err: unknown) => {
      log.warn({ err }, 'there are no traces');
      return undefined;
    },
  );

  async function within<T>(options: SpanOptions, work: () => Promise<T>): Promise<T> {
    const spans = await loading;
    return spans ? spans.around(options, work, failureOf) : work();
  }

  function tracedStore(connection: Connection): Connection {
    const { store } = connection;
    const wrapped = storeMethods.map((operation) => {
      const method = store[operation] as Method;
      const traced: Method = (...args) =>
        within(storeSpanOf(operation, args[0], connection), () => method(...args));
      return [operation, traced] as const;
    });
    return { ...connection, store: { ...store, ...Object.fromEntries(wrapped) } };
  }

  return {
    middleware: (request, call, next) =>
      within(spanOf(request, call.caller.id), () => {
        const trace = requestContext.current()?.trace;
        const { origin } = call;
        return next(origin && trace !== undefined ? { ...call, origin: { ...origin, trace } } : call);
      }),
    traced(connections) {
      const all = connections.all.map(tracedStore);
      return {
        ...connections,
        all,
        get(name) {
          const found = connections.get(name);
          return all.find((one) => one.name === found.name) ?? found;
        },
      };
    },
    close: async () => (await loading)?.close(),
  };
}
