import type { Logger } from 'pino';
import type { Change, Handler, Subscription } from './events.ts';

/** Who is told in this process. A handler that throws keeps nobody else from being told. */
export interface Listeners {
  subscribe(handler: Handler): Subscription;
  tell(change: Change, isOwn: boolean): void;
}

export function createListeners(log: Logger): Listeners {
  const handlers = new Set<Handler>();
  return {
    subscribe(handler) {
      // The same function may be subscribed twice.
      const own: Handler = (...args) => handler(...args);
      handlers.add(own);
      return {
        async unsubscribe() {
          handlers.delete(own);
        },
      };
    },
    tell(change, isOwn) {
      for (const handler of [...handlers]) {
        try {
          handler(change, { isOwn });
        } catch (err) {
          log.warn({ err, change: change.type }, 'an event could not be handled');
        }
      }
    },
  };
}
