import { isJSONRPCRequest, type Transport } from '@modelcontextprotocol/server';
import { maxWatched } from '../protocol/notices.ts';
import type { ResourceWatch, WatchedResources } from '../protocol/watch.ts';
import { cancelledId } from './messages.ts';

type IsWatchable = (uri: string) => Promise<boolean>;

/**
 * Those of the first 100 resources that a `subscriptions/listen` names which may be watched, and the request with these
 * alone: the answer says which ones are.
 */
export async function watchableIn(
  request: unknown,
  isWatchable: IsWatchable,
): Promise<{ readonly uris: readonly string[]; readonly request: unknown }> {
  const { params } = request as { params?: { notifications?: { resourceSubscriptions?: unknown } } };
  const asked = params?.notifications?.resourceSubscriptions;
  if (!Array.isArray(asked)) return { uris: [], request };
  // What is no list of texts is the SDK's to refuse.
  if (!asked.every((uri) => typeof uri === 'string')) return { uris: [], request };
  const named = [...new Set(asked)].slice(0, maxWatched);
  const may = await Promise.all(named.map(isWatchable));
  const uris = named.filter((_, at) => may[at]);
  const notifications = { ...params?.notifications, resourceSubscriptions: uris };
  return { uris, request: { ...(request as object), params: { ...params, notifications } } };
}

/**
 * Watches what the subscriptions of a connection name, as long as they last. On stdio the SDK answers them before any
 * server sees them.
 */
export function watchListening(wire: Transport, watch: ResourceWatch, isWatchable: IsWatchable): Transport {
  const open = new Map<string | number, WatchedResources>();
  const end = (id: string | number | undefined): void => {
    if (id === undefined) return;
    open.get(id)?.end();
    open.delete(id);
  };
  const transport: Transport = {
    async start() {
      wire.onmessage = (message, extra) => {
        end(cancelledId(message));
        if (!isJSONRPCRequest(message) || message.method !== 'subscriptions/listen') {
          transport.onmessage?.(message, extra);
          return;
        }
        const following = watch.follow({ listChanged() {}, updated() {} });
        end(message.id);
        open.set(message.id, following);
        // Cancelled meanwhile, before there was anything to cancel.
        const isOpen = (): boolean => open.get(message.id) === following;
        void watchableIn(message, isWatchable).then(async ({ uris, request }) => {
          if (!isOpen()) return;
          await Promise.allSettled([following.begun, ...uris.map((uri) => following.add(uri))]);
          if (isOpen()) transport.onmessage?.(request as typeof message, extra);
        });
      };
      wire.onerror = (error) => transport.onerror?.(error);
      wire.onclose = () => {
        for (const id of [...open.keys()]) end(id);
        transport.onclose?.();
      };
      await wire.start();
    },
    send(message, options) {
      // It was refused, or is over.
      if (!('method' in message)) end(message.id);
      return wire.send(message, options);
    },
    close: () => wire.close(),
  };
  return transport;
}
