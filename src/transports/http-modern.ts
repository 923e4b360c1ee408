import type { IncomingMessage, ServerResponse } from 'node:http';
import {
  type AuthInfo,
  classifyInboundRequest,
  createMcpHandler,
  InMemoryServerEventBus,
  type Server,
  type ServerEventBus,
} from '@modelcontextprotocol/server';
import type { Caller } from '../call.ts';
import type { ResourceWatch, WatchedResources } from '../protocol/watch.ts';
import { watchableIn } from './listening.ts';
import { hasEnvelope, isRequest } from './messages.ts';
import { answerMessage, answerThrough } from './web-requests.ts';

/**
 * Whether a request belongs to the 2025-era protocol, which has sessions: as `isLegacyRequest` of the SDK, which would have
 * to be given a `Request` made for it.
 */
export function isLegacy({ method = 'GET', headers }: IncomingMessage, body: unknown): boolean {
  if (method === 'POST' && body === undefined) return true;
  // Only an `initialize` may claim to be of 2026 and be of 2025 all the same: the rest need not be looked at twice.
  if (method === 'POST' && isRequest(body) && body.method !== 'initialize' && hasEnvelope(body)) return false;
  const [version, mcpMethod, mcpName] = ['mcp-protocol-version', 'mcp-method', 'mcp-name'].map((name) =>
    headers[name]?.toString(),
  );
  const outcome = classifyInboundRequest({
    httpMethod: method,
    ...(version !== undefined && { protocolVersionHeader: version }),
    ...(mcpMethod !== undefined && { mcpMethodHeader: mcpMethod }),
    ...(mcpName !== undefined && { mcpNameHeader: mcpName }),
    body,
  });
  return outcome.kind === 'legacy';
}

/** Whether a message opens a stream of notices. */
export const isListening = (body: unknown): boolean =>
  isRequest(body) && body.method === 'subscriptions/listen';

/** Requests of the protocol of 2026: each gets a server of its own. */
export interface ModernRequests {
  handle(request: IncomingMessage, response: ServerResponse, caller: Caller, body: unknown): Promise<void>;
  close(): Promise<void>;
}

export interface ModernOptions {
  /** Creates the server for a request. */
  readonly connect: (caller: Caller) => Server;
  readonly maxBodyBytes: number;
  readonly onError: (error: Error) => void;
  readonly watch: ResourceWatch;
  /** Whether there is a resource of that URI for the caller. */
  readonly isWatchable: (uri: string, caller: Caller) => Promise<boolean>;
  /** Where changes are published for those that listen. */
  readonly bus?: ServerEventBus;
}

export function createModernRequests({
  connect,
  maxBodyBytes,
  onError,
  watch,
  isWatchable,
  bus = new InMemoryServerEventBus(onError),
}: ModernOptions): ModernRequests {
  /** By what the SDK passes on to its factory untouched. */
  const callers = new WeakMap<AuthInfo, Caller>();
  const handler = createMcpHandler(
    ({ authInfo }) => {
      const caller = authInfo && callers.get(authInfo);
      if (!caller) throw new Error('a request without a caller');
      return connect(caller);
    },
    { legacy: 'reject', maxRequestBodySize: maxBodyBytes, onerror: onError, bus },
  );
  /** Open subscriptions; while there are any, changes go to the bus, from which the SDK gives each its own. */
  const listening = new Set<(uri: string) => Promise<void>>();
  let toBus: WatchedResources | undefined;

  /** Watches what a subscription names as long as it is open. @returns the request with what may be watched */
  async function listen(body: unknown, response: ServerResponse, caller: Caller): Promise<unknown> {
    const { uris, request } = await watchableIn(body, (uri) => isWatchable(uri, caller));
    // Nobody would end what is begun for it.
    if (response.destroyed) return request;
    /** The roles of its caller may have been made narrower since: it may listen again, for what there is then. */
    const endIfHidden = async (uri: string): Promise<void> => {
      if (uris.includes(uri) && !(await isWatchable(uri, caller))) response.destroy();
    };
    if (listening.size === 0) {
      toBus = watch.follow({
        listChanged: () => handler.notify.resourcesChanged(),
        offersChanged() {
          handler.notify.toolsChanged();
          handler.notify.promptsChanged();
          handler.notify.resourcesChanged();
        },
        updated(uri) {
          void Promise.all([...listening].map((beforeTold) => beforeTold(uri))).then(() =>
            handler.notify.resourceUpdated(uri),
          );
        },
      });
    }
    listening.add(endIfHidden);
    const own = watch.follow({ listChanged() {}, updated() {} });
    response.once('close', () => {
      own.end();
      listening.delete(endIfHidden);
      if (listening.size === 0) toBus?.end();
    });
    await Promise.all([own.begun, ...uris.map((uri) => own.add(uri))]);
    return request;
  }

  return {
    async handle(request, response, caller, body) {
      // The client may have disconnected meanwhile: a subscription would never end.
      if (response.destroyed) return;
      const authInfo: AuthInfo = { token: '', clientId: caller.id, scopes: [...caller.scopes] };
      callers.set(authInfo, caller);
      const parsedBody = isListening(body) ? await listen(body, response, caller) : body;
      if (response.destroyed) return;
      if (parsedBody === undefined) {
        return answerThrough(request, response, (web) => handler.fetch(web, { authInfo }));
      }
      return answerMessage(request, response, (head) => handler.fetch(head, { authInfo, parsedBody }));
    },
    close: () => handler.close(),
  };
}
